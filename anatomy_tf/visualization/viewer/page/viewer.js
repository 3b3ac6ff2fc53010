"use strict";

const $ = (id) => document.getElementById(id);
const content = JSON.parse($("data").textContent);
const { people, fps, scene: extent } = content;
let { firstFrame } = content;
const frameCount = Math.max(1, ...people.map((person) => person.frames));
const { missing: MISSING, gridStep: GRID_STEP, guessOpacity: GUESS_OPACITY, faintest: FAINTEST } = content.drawing;
const FIELD_OF_VIEW = (28 * Math.PI) / 180;
const PATH_POINTS = 1000;

// ---- Data ---------------------------------------------------------------------------------------

function bytes(text) {
  const letters = atob(text), values = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) values[at] = letters.charCodeAt(at);
  return values.buffer;
}

/** Whole steps as numbers; NaN for what is missing. */
function decode(packed, kind = Int16Array) {
  const whole = new kind(bytes(packed.data));
  const values = new Float32Array(whole.length);
  const missing = kind === Int16Array ? MISSING : NaN;
  for (let at = 0; at < whole.length; at++) values[at] = whole[at] === missing ? NaN : whole[at] * packed.step;
  return values;
}

/** Places in the scene, metres: x right, y away, z up, frames × joints × 3. */
function placed(relative, root, shift, frames, joints) {
  const points = new Float32Array(relative.length);
  for (let frame = 0, at = 0; frame < frames; frame++) {
    for (const end = at + 3 * joints; at < end; at++) {
      const axis = at % 3;
      points[at] = relative[at] + shift[axis] + (root ? root[3 * frame + axis] : 0);
    }
  }
  return points;
}

function boneSeries(points, person) {
  const joints = person.skeleton.joints.length;
  return person.skeleton.bones.map(([parent, child]) =>
    Float32Array.from({ length: person.frames }, (_, frame) => {
      const a = 3 * (frame * joints + parent), b = 3 * (frame * joints + child);
      return 100 * Math.hypot(points[a] - points[b], points[a + 1] - points[b + 1], points[a + 2] - points[b + 2]);
    }));
}

/*
 * Curves of a person: { name, unit, digits, rows, series, sides, marks }. A row of the table has one
 * or two series, left and right; marks(n) says which links and joints a series belongs to.
 */

function bones(person) {
  const { boneRows, bones, sides, joints } = person.skeleton;
  return {
    name: "Bone lengths", unit: "cm", digits: 1, rows: boneRows, series: boneSeries(person.points, person),
    sides: bones.map(([, child]) => sides[child]),
    marks: (n) => ({ joints: [], links: [bones[n].map((joint) => joints[joint]).join()] }),
  };
}

function angles(person) {
  const { rows, sides, joints, degrees } = person.angles;
  const values = decode(degrees);
  return {
    name: "Joint angles", unit: "°", digits: 1, rows, sides,
    series: sides.map((_, n) =>
      Float32Array.from({ length: person.frames }, (_, frame) => values[frame * sides.length + n])),
    marks: (n) => ({ joints: joints[n], links: [] }),
  };
}

/** Speeds between the frames before and after, metres a second. */
function speeds(person) {
  const { joints, sides, jointRows } = person.skeleton;
  const last = person.frames - 1, { points } = person;
  return {
    name: person.root ? "Joint speeds" : "Joint speeds about the root",
    unit: "m/s", digits: 2, rows: jointRows, sides,
    series: joints.map((_, joint) => Float32Array.from({ length: person.frames }, (_, frame) => {
      const before = Math.max(0, frame - 1), after = Math.min(last, frame + 1);
      if (after === before) return NaN;
      const a = 3 * (before * joints.length + joint), b = 3 * (after * joints.length + joint);
      return Math.hypot(points[b] - points[a], points[b + 1] - points[a + 1], points[b + 2] - points[a + 2])
        * fps / (after - before);
    })),
    marks: (n) => ({ joints: [n], links: [] }),
  };
}

/** Curves of somebody without 3D poses. */
const NO_CURVES = { name: "", unit: "", digits: 0, rows: [], series: [], sides: [], marks: null };

/** Decode what the page holds of a person. */
function prepare(person) {
  person.seen = person.seen && new Uint8Array(bytes(person.seen));
  person.curves = [NO_CURVES];
  if (person.positions) preparePoses(person);
  if (person.keypoints) {
    person.keypoints.points = decode(person.keypoints.points);
    person.keypoints.visibility = new Uint8Array(bytes(person.keypoints.visibility));
  }
}

function preparePoses(person) {
  const joints = person.skeleton.joints.length;
  const relative = decode(person.positions);
  const root = person.root && decode(person.root, Int32Array);
  person.points = placed(relative, root, person.shift, person.frames, joints);
  person.curves = [bones(person), ...(person.angles ? [angles(person)] : []), speeds(person)];
  if (!person.truth) return;
  const truth = decode(person.truth.positions);
  const truthRoot = person.truth.root ? decode(person.truth.root, Int32Array) : root;
  person.truthPoints = placed(truth, truthRoot, person.shift, person.frames, joints);
  person.curves[0].truth = boneSeries(person.truthPoints, person);
  person.error = Float32Array.from({ length: person.frames }, (_, frame) => {
    let sum = 0;
    for (let at = 3 * frame * joints; at < 3 * (frame + 1) * joints; at += 3) {
      sum += Math.hypot(relative[at] - truth[at], relative[at + 1] - truth[at + 1], relative[at + 2] - truth[at + 2]);
    }
    return (1000 * sum) / joints;
  });
}

people.forEach(prepare);

// ---- State --------------------------------------------------------------------------------------

const state = {
  frame: 0, playing: false, speed: 1, chosen: 0, truth: true, video: true,
  curves: 0, // which curves are shown
  row: -1, // the row of their table that is marked
  joint: null, // the joint whose values are shown: { person, name, pinned }
  yaw: 0, pitch: 8, zoom: 1, pan: [0, 0],
  follow: extent.radius > 2.5 && people.some((person) => person.root),
};
let colours = {};
let charts = [];
let waiting = false;

function redraw() {
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(draw);
  }
}

function seek(frame) {
  state.frame = Math.min(frameCount - 1, Math.max(0, Math.round(frame)));
  redraw();
}

let started = 0, startFrame = 0;
function play(on) {
  state.playing = on;
  if (on && state.frame >= frameCount - 1) state.frame = 0;
  started = performance.now();
  startFrame = state.frame;
  $("play").textContent = on ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", on ? "Pause" : "Play");
  redraw();
}

function advance() {
  // Frames follow the clock, so a slow machine leaves frames out rather than slow down.
  const passed = ((performance.now() - started) / 1000) * fps * state.speed;
  state.frame = Math.floor(startFrame + passed) % frameCount;
}

// ---- 3D -----------------------------------------------------------------------------------------

/** A canvas sized to its box in device pixels, cleared, with a context in CSS pixels. */
function prepared(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineCap = context.lineJoin = "round";
  return { context, width, height };
}

/** What the marked row of the table belongs to. */
function marksNow() {
  if (state.row < 0) return { joints: [], links: [] };
  const shown = curvesNow();
  const marks = shown.rows[state.row].series.map(shown.marks);
  return { joints: marks.flatMap((mark) => mark.joints), links: marks.flatMap((mark) => mark.links) };
}

function isSeen(person) {
  return !person.seen || person.seen[Math.min(state.frame, person.frames - 1)];
}

function rootOf(person, frame) {
  const { joints, root } = person.skeleton;
  const at = 3 * (Math.min(frame, person.frames - 1) * joints.length + root);
  return person.points.subarray(at, at + 3);
}

/** The view now: from a point in metres to pixels right and down, and its scale in pixels a metre. */
function lens(width, height) {
  const turn = (state.yaw * Math.PI) / 180, tilt = (state.pitch * Math.PI) / 180;
  const [ct, st, cp, sp] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  const target = state.follow ? rootOf(people[state.chosen], state.frame) : extent.middle;
  const radius = (state.follow ? extent.bodyRadius : extent.radius) + 0.1;
  const slope = Math.tan(FIELD_OF_VIEW / 2);
  const tall = (extent.height / 2) * cp + radius * sp + 0.1;
  const fitting = Math.max(tall / slope, radius / (slope * (width / height))) * 1.08 + radius * cp;
  const distance = fitting / state.zoom;
  const focal = height / 2 / slope;
  return {
    target,
    distance,
    project(x, y, z) {
      x -= target[0]; y -= target[1]; z -= extent.height / 2;
      const right = x * ct + y * st, away = y * ct - x * st;
      const up = z * cp + away * sp, depth = Math.max(distance + away * cp - z * sp, 0.05);
      const scale = focal / depth;
      return [
        width / 2 + (right + state.pan[0]) * scale, height / 2 - (up + state.pan[1]) * scale, depth, scale,
      ];
    },
  };
}

function drawFloor(context, view) {
  const cells = Math.ceil(((state.follow ? extent.bodyRadius : extent.radius) + 2) / GRID_STEP);
  const reach = cells * GRID_STEP;
  const [middleX, middleY] = view.target;
  const snap = (value) => Math.round(value / GRID_STEP) * GRID_STEP;
  context.lineWidth = 1;
  context.strokeStyle = colours.grid;
  for (let i = -cells; i <= cells; i++) {
    for (let j = -cells; j < cells; j++) {
      for (const turned of [false, true]) {
        const a = [snap(middleX) + (turned ? j : i) * GRID_STEP, snap(middleY) + (turned ? i : j) * GRID_STEP];
        const b = turned ? [a[0] + GRID_STEP, a[1]] : [a[0], a[1] + GRID_STEP];
        const far = Math.hypot((a[0] + b[0]) / 2 - middleX, (a[1] + b[1]) / 2 - middleY) / reach;
        if (far >= 1) continue;
        const p = view.project(a[0], a[1], 0), q = view.project(b[0], b[1], 0);
        if (Math.min(p[2], q[2]) < 0.2) continue;
        context.globalAlpha = 1 - far * far;
        context.beginPath();
        context.moveTo(p[0], p[1]);
        context.lineTo(q[0], q[1]);
        context.stroke();
      }
    }
  }
  context.globalAlpha = 1;
}

function sticks(points, person, view, styleOf) {
  const joints = person.skeleton.joints.length;
  const start = 3 * Math.min(state.frame, person.frames - 1) * joints;
  const seen = Array.from({ length: joints }, (_, joint) =>
    view.project(...points.subarray(start + 3 * joint, start + 3 * joint + 3)));
  return person.skeleton.links.map(([a, b], link) => ({
    a: seen[a], b: seen[b], depth: (seen[a][2] + seen[b][2]) / 2, ...styleOf(link),
  }));
}

/** Where the root was and will be, on the floor; the way so far is darker. */
function drawPath(context, view, person) {
  if (!person.root) return;
  const step = Math.ceil(person.frames / PATH_POINTS);
  const now = Math.min(state.frame, person.frames - 1);
  context.strokeStyle = colours.middle;
  context.lineWidth = 2;
  for (const [from, to, opacity] of [[0, now, 0.9], [now, person.frames - 1, 0.3]]) {
    const frames = Array.from({ length: Math.ceil((to - from) / step) + 1 }, (_, n) => Math.min(to, from + n * step));
    context.globalAlpha = opacity;
    context.beginPath();
    for (const frame of frames) {
      const [x, y] = rootOf(person, frame);
      const [right, down, depth] = view.project(x, y, 0);
      if (depth > 0.2) context.lineTo(right, down);
    }
    context.stroke();
  }
  context.globalAlpha = 1;
}

function drawScene() {
  const { context, width, height } = prepared($("scene"));
  if (!width || !height) return;
  const view = lens(width, height);
  drawFloor(context, view);
  people.forEach((person) => drawPath(context, view, person));
  const marks = marksNow();
  const lines = [];
  people.forEach((person, index) => {
    if (state.frame >= person.frames) return;
    const { skeleton } = person;
    const marked = index === state.chosen ? marks.links : [];
    const isMarked = (link) => marked.includes(skeleton.links[link].map((joint) => skeleton.joints[joint]).join());
    const joints = skeleton.joints.length, start = 3 * state.frame * joints;
    context.strokeStyle = colours.grid;
    context.globalAlpha = 0.35;
    for (const [a, b] of skeleton.links) {
      const p = view.project(person.points[start + 3 * a], person.points[start + 3 * a + 1], 0);
      const q = view.project(person.points[start + 3 * b], person.points[start + 3 * b + 1], 0);
      context.lineWidth = 0.03 * p[3];
      context.beginPath();
      context.moveTo(p[0], p[1]);
      context.lineTo(q[0], q[1]);
      context.stroke();
    }
    context.globalAlpha = 1;
    const opacity = !isSeen(person) ? GUESS_OPACITY : index === state.chosen ? 1 : 0.6;
    if (person.truth && state.truth) {
      lines.push(...sticks(person.truthPoints, person, view, () =>
        ({ colour: colours.truth, width: 0.014, opacity })));
    }
    lines.push(...sticks(person.points, person, view, (link) => ({
      colour: colours[skeleton.linkSides[link]],
      width: isMarked(link) ? 0.042 : 0.026,
      opacity: marked.length && !isMarked(link) ? 0.35 : opacity,
    })));
  });
  lines.sort((one, other) => other.depth - one.depth);
  for (const { a, b, colour, width: thick, opacity } of lines) {
    const scale = (a[3] + b[3]) / 2;
    for (const [stroke, extra] of [[colours.panel, 3], [colour, 0]]) {
      context.globalAlpha = opacity;
      context.strokeStyle = stroke;
      context.lineWidth = Math.max(1.5, thick * scale) + extra;
      context.beginPath();
      context.moveTo(a[0], a[1]);
      context.lineTo(b[0], b[1]);
      context.stroke();
    }
    context.fillStyle = colour;
    for (const end of [a, b]) {
      context.beginPath();
      context.arc(end[0], end[1], Math.max(1.2, 0.72 * thick * scale), 0, 7);
      context.fill();
    }
  }
  context.globalAlpha = 1;
  for (const joint of marks.joints) ring(context, place(people[state.chosen], joint, view), 6);
  if (state.joint) {
    const spot = place(state.joint.person, state.joint.person.skeleton.joints.indexOf(state.joint.name), view);
    if (spot) ring(context, spot, 7);
  }
  if (people.length > 1) drawNames(context, view);
  context.fillStyle = colours.faint;
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "right";
  context.fillText(`grid ${GRID_STEP} m`, width - 12, height - 12);
}

function ring(context, spot, radius) {
  if (!spot) return;
  for (const [stroke, thick] of [[colours.panel, 5], [colours.text, 2]]) {
    context.strokeStyle = stroke;
    context.lineWidth = thick;
    context.beginPath();
    context.arc(spot[0], spot[1], radius, 0, 7);
    context.stroke();
  }
}

/** Where a joint is in the scene's picture; null beyond the clip's end and for no joint. */
function place(person, joint, view) {
  if (joint < 0 || state.frame >= person.frames || !person.points) return null;
  const at = 3 * (state.frame * person.skeleton.joints.length + joint);
  return view.project(...person.points.subarray(at, at + 3));
}

function drawNames(context, view) {
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "center";
  people.forEach((person, index) => {
    if (state.frame >= person.frames) return;
    const joints = person.skeleton.joints.length, start = 3 * state.frame * joints;
    let top = start;
    for (let at = start; at < start + 3 * joints; at += 3) if (person.points[at + 2] > person.points[top + 2]) top = at;
    const [x, y] = view.project(person.points[top], person.points[top + 1], person.points[top + 2] + 0.14);
    context.fillStyle = index === state.chosen ? colours.text : colours.faint;
    context.fillText(person.name, x, y);
  });
}

// ---- 2D -----------------------------------------------------------------------------------------

/** Pictures of the video by number, in the order in which they were asked for; null while decoded. */
const pictures = new Map();
const PICTURES_KEPT = 120, PICTURES_AHEAD = 20;
let shownPicture = null;

function decodePicture(number) {
  if (number >= content.video.pictures.length || pictures.has(number)) return;
  pictures.set(number, null);
  if (pictures.size > PICTURES_KEPT) pictures.delete(pictures.keys().next().value);
  createImageBitmap(new Blob([bytes(content.video.pictures[number])], { type: "image/jpeg" })).then((picture) => {
    if (!pictures.has(number)) return;
    pictures.set(number, picture);
    redraw();
  });
}

/** The video's picture for the frame; until it is decoded the one before. */
function videoPicture() {
  const { every, pictures: stored } = content.video;
  const number = Math.min(stored.length - 1, Math.round(state.frame / every));
  for (let ahead = 0; ahead <= (state.playing ? PICTURES_AHEAD : 0); ahead++) decodePicture(number + ahead);
  shownPicture = pictures.get(number) || shownPicture;
  return shownPicture;
}

/** Where 2D keypoints are counted; null without them and without a video. */
const imageSize = (people.find((person) => person.keypoints) || {}).keypoints || content.video || content.image;

/** Size of the 2D picture, and how it lies in a canvas: { width, height, scale, left, top }. */
function imageFrame(canvasWidth, canvasHeight) {
  const { width, height } = imageSize;
  const scale = Math.min(canvasWidth / width, canvasHeight / height);
  return { width, height, scale, left: (canvasWidth - width * scale) / 2, top: (canvasHeight - height * scale) / 2 };
}

function keypointPlace(person, joint, frame) {
  const { keypoints, frames } = person;
  if (!keypoints || joint < 0 || state.frame >= frames) return null;
  const at = state.frame * keypoints.skeleton.joints.length + joint;
  const [x, y] = keypoints.points.subarray(2 * at, 2 * at + 2);
  return Number.isNaN(x) ? null : [frame.left + x * frame.scale, frame.top + y * frame.scale, x, y, keypoints.visibility[at] / 255];
}

function drawImage() {
  if (!imageSize) return;
  $("image").style.aspectRatio = `${imageSize.width} / ${imageSize.height}`;
  const { context, width, height } = prepared($("image"));
  paintImage(context, width, height);
}

/** Draw the 2D picture into a box at the context's origin. */
function paintImage(context, width, height) {
  const { width: across, height: down } = imageSize;
  const frame = imageFrame(width, height);
  context.fillStyle = colours.page;
  context.beginPath();
  context.rect(frame.left, frame.top, across * frame.scale, down * frame.scale);
  context.fill();
  context.save();
  context.clip();
  const behind = content.video && state.video;
  if (behind) {
    const picture = videoPicture();
    if (picture) context.drawImage(picture, frame.left, frame.top, across * frame.scale, down * frame.scale);
  }
  people.forEach((person, index) => {
    if (!person.keypoints || state.frame >= person.frames) return;
    const { skeleton } = person.keypoints;
    const at = skeleton.joints.map((_, joint) => keypointPlace(person, joint, frame));
    const strength = index === state.chosen ? 1 : 0.4;
    const opacity = (joint) => strength * (FAINTEST + (1 - FAINTEST) * Math.sqrt(at[joint][4]));
    skeleton.links.forEach(([a, b], link) => {
      if (!at[a] || !at[b]) return;
      context.globalAlpha = Math.min(opacity(a), opacity(b));
      for (const [stroke, thick] of [...(behind ? [["#fff", 4.5]] : []), [colours[skeleton.linkSides[link]], 2.5]]) {
        context.strokeStyle = stroke;
        context.lineWidth = thick;
        context.beginPath();
        context.moveTo(at[a][0], at[a][1]);
        context.lineTo(at[b][0], at[b][1]);
        context.stroke();
      }
    });
    skeleton.sides.forEach((side, joint) => {
      if (!at[joint]) return;
      context.globalAlpha = opacity(joint);
      context.fillStyle = colours[side];
      context.beginPath();
      context.arc(at[joint][0], at[joint][1], 3, 0, 7);
      context.fill();
    });
  });
  context.globalAlpha = 1;
  if (state.joint && state.joint.person.keypoints) {
    const { person, name } = state.joint;
    ring(context, keypointPlace(person, person.keypoints.skeleton.joints.indexOf(name), frame), 7);
  }
  context.restore();
}

// ---- Charts -------------------------------------------------------------------------------------

const CHART_LEFT = 48, CHART_BOTTOM = 15, CHART_TOP = 8, CHART_RIGHT = 6;

/** Round marks of an axis that holds the values, zero included. */
function marksOf(series, digits) {
  let low = 0, high = 0;
  for (const { values } of series) {
    for (const value of values) {
      if (value > high) high = value;
      if (value < low) low = value;
    }
  }
  const least = Math.max(high - low, 10 ** (1 - digits)) / 3;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * [1, 2, 3, 5, 6, 10].find((factor) => factor * power >= least * 0.999);
  const first = Math.floor(low / step + 1e-9), last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(6)));
}

/** Frames that show a curve as all frames do: of every few the lowest, the highest and a gap. */
function extremes(values, step) {
  if (step < 3) return values.keys();
  const frames = [];
  for (let first = 0; first < values.length; first += step) {
    let low = -1, high = -1, gap = -1;
    const end = Math.min(values.length, first + step);
    for (let frame = first; frame < end; frame++) {
      const value = values[frame];
      if (Number.isNaN(value)) { gap = frame; continue; }
      if (low < 0 || value < values[low]) low = frame;
      if (high < 0 || value > values[high]) high = frame;
    }
    frames.push(...[low, high, gap].filter((frame) => frame >= 0).sort((one, other) => one - other));
  }
  return frames;
}

/** A chart whose lines are drawn once; each frame adds the cursor, and the pointer the value below. */
function chart(canvas, linesOf, unitOf, digitsOf) {
  let still = null, key = "", series = [], marks = [0, 1], pointed = null;
  const label = $(`${canvas.id}-label`);
  const wide = () => canvas.clientWidth - CHART_LEFT - CHART_RIGHT;
  const tall = () => canvas.clientHeight - CHART_TOP - CHART_BOTTOM;
  const x = (frame) => CHART_LEFT + (frameCount > 1 ? (frame / (frameCount - 1)) * wide() : wide() / 2);
  const y = (value) => CHART_TOP + tall() * (1 - (value - marks[0]) / (marks.at(-1) - marks[0]));
  const inside = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const frameAt = (event) => {
    const share = (inside(event)[0] - CHART_LEFT) / wide();
    return Math.min(frameCount - 1, Math.max(0, Math.round(share * (frameCount - 1))));
  };
  const point = (event) => { pointed = event && { frame: frameAt(event), down: inside(event)[1] }; redraw(); };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    play(false);
    seek(frameAt(event));
    point(event);
  });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) seek(frameAt(event)); point(event); });
  canvas.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") point(null); });
  // A finger has left its value behind; whatever is touched next takes it away.
  addEventListener("pointerdown", (event) => { if (event.target !== canvas && pointed) point(null); });

  function lines(width, height) {
    series = linesOf();
    marks = marksOf(series, digitsOf());
    still = document.createElement("canvas");
    still.width = canvas.width;
    still.height = canvas.height;
    const context = still.getContext("2d");
    context.scale(canvas.width / width, canvas.height / height);
    context.font = "10px system-ui, sans-serif";
    const { seen, frames } = people[state.chosen];
    context.fillStyle = colours.grid;
    context.globalAlpha = 0.3;
    for (let frame = 0; seen && frame < frames; frame++) {
      if (!seen[frame]) context.fillRect(x(frame - 0.5), CHART_TOP, x(1) - x(0), tall());
    }
    context.globalAlpha = 1;
    context.fillStyle = colours.faint;
    context.textAlign = "right";
    marks.forEach((value, n) => {
      context.globalAlpha = value ? 0.6 : 1;
      context.strokeStyle = colours.grid;
      context.lineWidth = value ? 0.5 : 1;
      context.beginPath();
      context.moveTo(CHART_LEFT, y(value));
      context.lineTo(CHART_LEFT + wide(), y(value));
      context.stroke();
      context.globalAlpha = 1;
      context.fillText(`${value}`.replace("-", "−") + `${n === marks.length - 1 ? ` ${unitOf()}`.replace(" °", "°") : ""}`, CHART_LEFT - 4, y(value) + 3);
    });
    context.textAlign = "left";
    context.fillText(`${time(0)} s`, CHART_LEFT, height - 3);
    context.textAlign = "right";
    context.fillText(`${time(frameCount - 1)} s`, CHART_LEFT + wide(), height - 3);
    context.lineJoin = "round";
    const step = Math.max(1, Math.floor(frameCount / wide()));
    for (const { values, colour, opacity, thick } of series) {
      context.strokeStyle = colour;
      context.globalAlpha = opacity;
      context.lineWidth = thick;
      context.beginPath();
      let drawing = false;
      for (const frame of extremes(values, step)) {
        const value = values[frame];
        if (Number.isNaN(value)) drawing = false;
        else if (drawing) context.lineTo(x(frame), y(value));
        else { context.moveTo(x(frame), y(value)); drawing = true; }
      }
      context.stroke();
    }
  }

  /** The curve nearest to the pointer, with its value there. */
  function nearest() {
    const found = series.filter(({ values, opacity }) => opacity > 0.2 && values[pointed.frame] >= -Infinity);
    if (!found.length) return null;
    const away = ({ values }) => Math.abs(y(values[pointed.frame]) - pointed.down);
    return found.reduce((best, one) => (away(one) < away(best) ? one : best));
  }

  return () => {
    if (!canvas.clientWidth) return;
    const { context, width, height } = prepared(canvas);
    const now = [width, height, canvas.width, state.chosen, state.curves, state.row, state.truth, colours.page].join();
    if (now !== key) {
      lines(width, height);
      key = now;
    }
    context.drawImage(still, 0, 0, width, height);
    context.strokeStyle = colours.text;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x(state.frame), CHART_TOP);
    context.lineTo(x(state.frame), height - CHART_BOTTOM);
    context.stroke();
    const under = pointed && nearest();
    if (!under) return show(label, null);
    const value = under.values[pointed.frame], spot = [x(pointed.frame), y(value)];
    context.fillStyle = under.colour;
    context.strokeStyle = colours.panel;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(...spot, 4, 0, 7);
    context.fill();
    context.stroke();
    const unit = unitOf() === "°" ? "°" : ` ${unitOf()}`;
    show(label, spot, `${under.name}\n${written(value, digitsOf())}${unit} at ${time(pointed.frame)} s`);
  };
}

/** Show a label beside a point of the box that it stands in, away from another point, or hide it. */
function show(label, spot, text, from = null) {
  label.hidden = !spot;
  if (!spot) return;
  if (label.textContent !== text) label.textContent = text;
  label.setAttribute("aria-live", state.playing ? "off" : "polite");
  const room = label.parentElement;
  const { offsetWidth: width, offsetHeight: height } = label;
  const left = from && spot[0] < from[0] ? spot[0] - width - 14 : spot[0] + 14;
  const above = from ? spot[1] - height / 2 : spot[1] - height - 10;
  const top = from || above >= 2 ? above : spot[1] + 14;
  label.style.left = `${Math.max(4, Math.min(left, room.clientWidth - width - 4))}px`;
  label.style.top = `${Math.max(2, Math.min(top, room.clientHeight - height - 2))}px`;
}

/** A number with this many digits after the point, and a true minus; a dash for NaN. */
function written(value, digits) {
  return Number.isNaN(value) ? "–" : value.toFixed(digits).replace("-", "−");
}

/** Seconds in the video. */
function time(frame) {
  return ((firstFrame + frame) / fps).toFixed(2);
}

function errorLines() {
  return [{ name: "error", values: people[state.chosen].error || [], colour: colours.truth, opacity: 1, thick: 1.5 }];
}

function curvesNow() {
  const { curves } = people[state.chosen];
  return curves[Math.min(state.curves, curves.length - 1)];
}

/** The name of a curve with its side. */
function fullName(shown, row, n) {
  const side = shown.sides[n];
  return side === "middle" ? row.label : `${side} ${row.label}`;
}

function curveLines() {
  const shown = curvesNow(), lines = [];
  shown.rows.forEach((row, index) => row.series.forEach((n) => {
    const on = index === state.row;
    const name = fullName(shown, row, n), colour = colours[shown.sides[n]];
    lines.push({ name, values: shown.series[n], colour, opacity: state.row < 0 || on ? 0.9 : 0.15, thick: on ? 2 : 1.2 });
    if (on && shown.truth && state.truth) {
      lines.push({ name: `true ${name}`, values: shown.truth[n], colour: colours.truth, opacity: 0.9, thick: 1.2 });
    }
  }));
  return lines;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function drawReadings() {
  const person = people[state.chosen];
  const frame = Math.min(state.frame, person.frames - 1);
  if (person.error) {
    $("error").textContent = `${person.error[frame].toFixed(1)} mm · mean ${mean(person.error).toFixed(1)} mm`;
  }
  const shown = curvesNow();
  for (const cell of $("curves").querySelectorAll("td[data-series]")) {
    const value = shown.series[cell.dataset.series][frame];
    const text = written(value, shown.digits);
    if (cell.firstChild.data !== text) cell.firstChild.data = text;
  }
  const unseen = state.frame < person.frames && !isSeen(person);
  $("unseen").hidden = !unseen;
}

function fillPeople() {
  const chips = people.length > 1 ? people : [];
  $("people").replaceChildren(...chips.map((person, index) => {
    const chip = document.createElement("button");
    chip.textContent = person.name;
    chip.addEventListener("click", () => choose(index));
    return chip;
  }));
}

function fillTable() {
  const { lengths, curves } = people[state.chosen];
  const shown = curvesNow(), isBones = shown === curves[0];
  $("quantity").replaceChildren(...curves.map(({ name }, n) => new Option(name, n, false, shown === curves[n])));
  $("unit").textContent = shown.unit === "°" ? "degrees" : shown.unit;
  $("curves").tFoot.hidden = !lengths || !isBones;
  state.row = -1;
  $("curves").tBodies[0].replaceChildren(...shown.rows.map((row, index) => {
    const line = document.createElement("tr");
    const name = line.insertCell();
    name.textContent = row.label;
    for (const n of row.series) {
      const cell = line.insertCell();
      cell.dataset.series = n;
      cell.append("");
      if (row.series.length === 1) cell.colSpan = 2;
      if (lengths && isBones) {
        const estimated = document.createElement("small");
        estimated.textContent = ` (${(100 * lengths[n]).toFixed(1)})`;
        cell.append(estimated);
      }
    }
    line.tabIndex = 0;
    line.addEventListener("pointerenter", () => mark(index));
    line.addEventListener("pointerleave", () => { if (document.activeElement !== line) mark(-1); });
    line.addEventListener("focus", () => mark(index));
    line.addEventListener("blur", () => mark(-1));
    return line;
  }));
}

function showCurves(n) {
  state.curves = n;
  fillTable();
  redraw();
}

function mark(row) {
  state.row = row;
  [...$("curves").tBodies[0].rows].forEach((line, index) => line.classList.toggle("on", index === row));
  redraw();
}

// ---- Everything ---------------------------------------------------------------------------------

function draw() {
  waiting = false;
  if (state.playing) advance();
  $("scrub").value = state.frame;
  $("frame").textContent = `${firstFrame + state.frame} / ${firstFrame + frameCount - 1}`;
  $("time").textContent = `${time(state.frame)} s`;
  drawScene();
  drawImage();
  if (people.length) {
    charts.forEach((drawChart) => drawChart());
    drawReadings();
  }
  drawLabels();
  if (state.playing) redraw();
}

function choose(index) {
  state.chosen = index;
  [...$("people").children].forEach((chip, at) => chip.setAttribute("aria-pressed", at === index));
  $("error-figure").hidden = !people[index].error;
  fillTable();
  redraw();
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  const style = getComputedStyle(document.documentElement);
  for (const key of ["left", "right", "middle", "truth", "page", "panel", "grid", "text", "faint"]) {
    colours[key] = style.getPropertyValue(`--${key}`).trim();
  }
  redraw();
}

function look(yaw, pitch) {
  Object.assign(state, { yaw, pitch, zoom: 1, pan: [0, 0] });
  redraw();
}

function setFollow(on) {
  state.follow = on;
  $("follow").setAttribute("aria-pressed", on);
  redraw();
}

// ---- Values of a joint --------------------------------------------------------------------------

/** Joints of the scene or of the 2D picture near a place in it, the nearest first. */
function jointNear(spotsOf, x, y, reach) {
  let best = null, distance = reach;
  for (const person of people) {
    spotsOf(person).forEach(([name, spot]) => {
      const away = spot ? Math.hypot(spot[0] - x, spot[1] - y) : Infinity;
      if (away < distance) [best, distance] = [{ person, name }, away];
    });
  }
  return best;
}

function sceneSpots(person) {
  const view = lens($("scene").clientWidth, $("scene").clientHeight);
  return person.skeleton.joints.map((name, joint) => [name, place(person, joint, view)]);
}

function imageSpots(person) {
  if (!person.keypoints) return [];
  const frame = imageFrame($("image").clientWidth, $("image").clientHeight);
  return person.keypoints.skeleton.joints.map((name, joint) => [name, keypointPlace(person, joint, frame)]);
}

/** The middle of spots, where a person's body is. */
function middleOf(spots) {
  const found = spots.map(([, spot]) => spot).filter(Boolean);
  return [0, 1].map((axis) => found.reduce((sum, spot) => sum + spot[axis], 0) / found.length);
}

function inWords({ person, name }) {
  const words = name.replaceAll("_", " ");
  return people.length > 1 ? `${words}, ${person.name}` : words;
}

function drawLabels() {
  const { joint } = state;
  let spot = null, text = "";
  const number = joint ? joint.person.skeleton.joints.indexOf(joint.name) : -1;
  if (joint) spot = place(joint.person, number, lens($("scene").clientWidth, $("scene").clientHeight));
  if (spot) {
    const { person } = joint;
    const at = 3 * (state.frame * person.skeleton.joints.length + number);
    // Across the floor people keep the places that their file gives them.
    const [x, y, z] = [0, 1, 2].map((axis) => person.points[at + axis] - (axis < 2 ? person.shift[axis] : 0));
    const speed = person.curves.at(-1).series[number][state.frame];
    const metres = [["x", x], ["y", y], ["z", z]].map(([axis, value]) => `${axis} ${written(value, 3)}`);
    text = `${inWords(joint)}\n${metres.join("  ")} m\n${written(speed, 2)} m/s  at ${time(state.frame)} s`;
  }
  show($("scene-label"), spot, text, spot && middleOf(sceneSpots(joint.person)));
  spot = null;
  if (joint && joint.person.keypoints) {
    const frame = imageFrame($("image").clientWidth, $("image").clientHeight);
    spot = keypointPlace(joint.person, joint.person.keypoints.skeleton.joints.indexOf(joint.name), frame);
    if (spot) {
      const [, , x, y, score] = spot;
      const sure = content.jointsOfPoses ? "" : `  score ${score.toFixed(2)}`;
      text = `${inWords(joint)}\n${x.toFixed(1)}, ${y.toFixed(1)} px${sure}`;
    }
  }
  // In a corner, since beside the joint it would cover most of the small picture.
  const { clientHeight: tall } = $("image");
  show($("image-label"), spot && [0, spot[1] > tall / 2 ? 0 : tall], text);
}

/** A mouse shows the joint below it; a click or a tap keeps it. */
function pointing(element, spotsOf) {
  let pressed = null;
  const inside = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const near = (event) => jointNear(spotsOf, ...inside(event), event.pointerType === "mouse" ? 14 : 26);
  element.addEventListener("pointerdown", (event) => { pressed = [event.clientX, event.clientY]; });
  element.addEventListener("pointermove", (event) => {
    if (event.buttons || event.pointerType !== "mouse" || (state.joint && state.joint.pinned)) return;
    state.joint = near(event);
    redraw();
  });
  element.addEventListener("pointerleave", () => {
    if (state.joint && !state.joint.pinned) { state.joint = null; redraw(); }
  });
  element.addEventListener("pointerup", (event) => {
    if (!pressed || Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 6) return;
    const found = near(event);
    state.joint = found && { ...found, pinned: true };
    redraw();
  });
}

function stepJoint(by) {
  const person = people[state.chosen], { joints } = person.skeleton;
  const now = state.joint && state.joint.person === person ? joints.indexOf(state.joint.name) : -1;
  const next = now < 0 ? (by > 0 ? 0 : joints.length - 1) : (now + by + joints.length) % joints.length;
  state.joint = { person, name: joints[next], pinned: true };
  redraw();
}

// ---- Picture ------------------------------------------------------------------------------------

/** The scene, the 2D picture beside it and a line about them, as a PNG file. */
function savePicture() {
  draw();
  const scene = $("scene"), ratio = window.devicePixelRatio || 1;
  const line = Math.round(34 * ratio), gap = Math.round(line / 3);
  const tall = scene.height, wide = imageSize ? Math.min(scene.width, Math.round((imageSize.width / imageSize.height) * tall)) : 0;
  const left = imageSize ? wide + gap : 0;
  const sheet = document.createElement("canvas");
  sheet.width = left + scene.width;
  sheet.height = line + tall;
  const context = sheet.getContext("2d");
  context.fillStyle = colours.page;
  context.fillRect(0, 0, sheet.width, sheet.height);
  if (imageSize) {
    context.setTransform(ratio, 0, 0, ratio, 0, line);
    paintImage(context, wide / ratio, tall / ratio);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }
  context.fillStyle = colours.panel;
  context.fillRect(left, line, scene.width, tall);
  context.drawImage(scene, left, line);
  context.fillStyle = colours.text;
  context.font = `${Math.round(line * 0.42)}px system-ui, sans-serif`;
  const facts = [content.title, `${time(state.frame)} s, frame ${firstFrame + state.frame}`];
  if (!$("scene-label").hidden) facts.push(...$("scene-label").textContent.split("\n").slice(0, 2));
  context.fillText(facts.join("  ·  "), gap, line * 0.64);
  sheet.toBlob((file) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${content.title.replace(/\.\w{1,5}$/, "").replace(/[^\p{L}\p{N}_-]+/gu, "_")}_${firstFrame + state.frame}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}

// ---- Hands --------------------------------------------------------------------------------------

const pointers = new Map();
const canvas = $("scene");
const zoomBy = (factor) => { state.zoom = Math.min(8, Math.max(0.25, state.zoom * factor)); redraw(); };
const turnBy = (right, down) => {
  state.yaw += right;
  state.pitch = Math.min(89, Math.max(-20, state.pitch + down));
  redraw();
};
const apart = () => {
  const [one, other] = [...pointers.values()];
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
};
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
}
canvas.addEventListener("pointermove", (event) => {
  const last = pointers.get(event.pointerId);
  if (!last) return;
  const [dx, dy] = [event.clientX - last[0], event.clientY - last[1]];
  const before = pointers.size === 2 ? apart() : 0;
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  if (pointers.size === 2) {
    zoomBy(apart() / before);
  } else if (event.shiftKey || event.buttons === 4) {
    const view = lens(canvas.clientWidth, canvas.clientHeight);
    const scale = view.project(view.target[0], view.target[1], extent.height / 2)[3];
    state.pan = [state.pan[0] + dx / scale, state.pan[1] - dy / scale];
  } else {
    turnBy(-dx * 0.4, dy * 0.3);
  }
  redraw();
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)));
}, { passive: false });
canvas.addEventListener("dblclick", () => look(0, 8));
pointing(canvas, sceneSpots);
pointing($("image"), imageSpots);

$("play").addEventListener("click", () => play(!state.playing));
$("scrub").max = frameCount - 1;
$("scrub").addEventListener("input", (event) => { play(false); seek(+event.target.value); });
$("speed").addEventListener("change", (event) => {
  state.speed = +event.target.value;
  play(state.playing);
});
$("theme").addEventListener("click", () => toggleTheme());
$("truth").addEventListener("change", (event) => { state.truth = event.target.checked; redraw(); });
$("follow").addEventListener("click", () => setFollow(!state.follow));
$("quantity").addEventListener("change", (event) => showCurves(+event.target.value));
$("video").addEventListener("change", (event) => { state.video = event.target.checked; redraw(); });
$("larger").addEventListener("click", () => {
  $("larger").setAttribute("aria-pressed", document.body.classList.toggle("large-image"));
  redraw();
});
$("picture").addEventListener("click", savePicture);
$("help").addEventListener("click", () => $("keys").showModal());
// A click beside the list closes it.
$("keys").addEventListener("click", (event) => { if (event.target === $("keys")) $("keys").close(); });
for (const button of document.querySelectorAll("#views [data-yaw]")) {
  button.addEventListener("click", () => look(+button.dataset.yaw, +button.dataset.pitch));
}

const system = matchMedia("(prefers-color-scheme: dark)");
let themeChosen = false;
const systemTheme = () => { if (!themeChosen) setTheme(system.matches ? "dark" : "light"); };
function toggleTheme() {
  themeChosen = true;
  setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
}
system.addEventListener("change", systemTheme);

/** What keys do: [keys, how the list names them, what they do, action]. */
const keys = [
  [[" "], "space", "play, pause", () => play(!state.playing)],
  [["ArrowLeft", "ArrowRight"], "← →", "previous, next frame (with shift: ten)", (event) => {
    play(false);
    seek(state.frame + (event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 10 : 1));
  }],
  [["Home", "End"], "Home End", "first, last frame", (event) => {
    play(false);
    seek(event.key === "Home" ? 0 : frameCount - 1);
  }],
  [["1", "2", "3"], "1 2 3", "view from the camera, the side, above", (event) =>
    document.querySelectorAll("#views [data-yaw]")[event.key - 1].click()],
  [["a", "d"], "a d", "turn left, right", (event) => turnBy(event.key === "a" ? -5 : 5, 0)],
  [["w", "s"], "w s", "raise, lower the view", (event) => turnBy(0, event.key === "w" ? 5 : -5)],
  [["+", "-"], "+ −", "zoom in, out", (event) => zoomBy(event.key === "+" ? 1.15 : 1 / 1.15)],
  [["j", "J"], "j, shift + j", "values of the next, previous joint", (event) => stepJoint(event.key === "j" ? 1 : -1),
    () => people.length],
  [["Escape"], "Esc", "hide the joint's values", () => { state.joint = null; redraw(); }],
  [["c"], "c", "next curves", () => showCurves((state.curves + 1) % people[state.chosen].curves.length),
    () => people.length],
  [["n"], "n", "next person", () => choose((state.chosen + 1) % people.length), () => people.length > 1],
  [["v"], "v", "video behind the keypoints", () => $("video").click(), () => content.video],
  [["i"], "i", "2D picture larger, smaller", () => $("larger").click(), () => imageSize],
  [["f"], "f", "keep the person in the middle", () => $("follow").click(), () => !$("follow").hidden],
  [["g"], "g", "ground truth", () => $("truth").click(), () => !$("truth-key").hidden],
  [["p"], "p", "save a picture", savePicture, () => !content.flat],
  [["t"], "t", "light, dark", toggleTheme],
  [["?"], "?", "this list", () => $("keys").showModal()],
];
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  if ($("keys").open) {
    if (event.key === "?") $("keys").close();
    return;
  }
  const found = keys.find(([names, , , , there]) => names.includes(event.key) && (!there || there()));
  if (!found) return;
  event.preventDefault();
  found[3](event);
});
// Space on a focused button would press it again on release.
addEventListener("keyup", (event) => { if (event.key === " " && !$("keys").open) event.preventDefault(); });
new ResizeObserver(redraw).observe(document.body);
new ResizeObserver(redraw).observe($("stage"));

charts = [
  chart($("error-chart"), errorLines, () => "mm", () => 1),
  chart($("curve-chart"), curveLines, () => curvesNow().unit, () => curvesNow().digits),
];
// Keypoints alone take the whole page.
if (content.flat) document.body.dataset.flat = "";
fillPeople();
$("truth-key").hidden = !people.some((person) => person.truth);
$("follow").hidden = !people.some((person) => person.root);
$("image-figure").hidden = !imageSize;
$("video-key").hidden = !content.video;
if (content.jointsOfPoses) {
  $("image-title").textContent = content.jointsOfPoses;
  $("image").setAttribute("aria-label", content.jointsOfPoses);
}
if (content.video && content.video.every > 1) $("every").textContent = `1 of ${content.video.every} frames`;
$("key-list").replaceChildren(...keys.filter(([, , , , there]) => !there || there()).map(([, names, what]) => {
  const line = document.createElement("tr");
  line.insertCell().textContent = names;
  line.insertCell().textContent = what;
  return line;
}));
setFollow(state.follow);
systemTheme();
if (people.length) choose(0);
