"use strict";

const $ = (id) => document.getElementById(id);
const content = JSON.parse($("data").textContent);
const { people, fps, scene: extent } = content;
const frameCount = Math.max(1, ...people.map((person) => person.frames));
const MISSING = -32768;
const GRID_STEP = 0.5;
const FIELD_OF_VIEW = (28 * Math.PI) / 180;

// ---- Data ---------------------------------------------------------------------------------------

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}

/** Positions of a person, root-relative, in the axes of the file: metres, frames × joints × 3. */
function decode(packed, kind = Int16Array) {
  const whole = new kind(bytes(packed.data));
  return Float32Array.from(whole, (value) =>
    kind === Int16Array && value === MISSING ? NaN : value * packed.step);
}

/** Camera axes (x right, y down, z forward) or world axes to x right, y away, z up. */
function upright(x, y, z) {
  return content.axes === "world" ? [x, y, z] : [x, z, -y];
}

function placed(relative, root, shift, frames, joints) {
  const points = new Float32Array(relative.length);
  for (let frame = 0; frame < frames; frame++) {
    for (let joint = 0; joint < joints; joint++) {
      const at = 3 * (frame * joints + joint);
      const [x, y, z] = [0, 1, 2].map((axis) => relative[at + axis] + (root ? root[3 * frame + axis] : 0));
      upright(x, y, z).forEach((value, axis) => { points[at + axis] = value + shift[axis]; });
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

for (const person of people) {
  const joints = person.skeleton.joints.length;
  const relative = decode(person.positions);
  const root = person.root && decode(person.root, Int32Array);
  person.points = placed(relative, root, person.shift, person.frames, joints);
  person.series = boneSeries(person.points, person);
  if (person.truth) {
    const truth = decode(person.truth.positions);
    const truthRoot = person.truth.root ? decode(person.truth.root, Int32Array) : root;
    person.truthPoints = placed(truth, truthRoot, person.shift, person.frames, joints);
    person.truthSeries = boneSeries(person.truthPoints, person);
    person.error = Float32Array.from({ length: person.frames }, (_, frame) => {
      let sum = 0;
      for (let at = 3 * frame * joints; at < 3 * (frame + 1) * joints; at += 3) {
        sum += Math.hypot(relative[at] - truth[at], relative[at + 1] - truth[at + 1], relative[at + 2] - truth[at + 2]);
      }
      return (1000 * sum) / joints;
    });
  }
  if (person.keypoints) {
    person.keypoints.points = decode(person.keypoints.points);
    person.keypoints.visibility = new Uint8Array(bytes(person.keypoints.visibility));
  }
}

/** A tracker's bare number is not much of a name. */
function nameOf(person) {
  return /^\d+$/.test(person.name) ? `person ${person.name}` : person.name;
}

// ---- State --------------------------------------------------------------------------------------

const state = {
  frame: 0, playing: false, speed: 1, chosen: 0, row: -1, truth: true,
  yaw: 0, pitch: 8, zoom: 1, pan: [0, 0],   follow: extent.radius > 2.5 && people.some((person) => person.root),
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

function drawScene() {
  const { context, width, height } = prepared($("scene"));
  if (!width || !height) return;
  const view = lens(width, height);
  drawFloor(context, view);
  const lines = [];
  people.forEach((person, index) => {
    if (state.frame >= person.frames) return;
    const { skeleton } = person;
    const marked = index === state.chosen && state.row >= 0
      ? skeleton.rows[state.row].bones.map((bone) => skeleton.bones[bone]) : [];
    const isMarked = (link) => marked.some(([a, b]) => a === skeleton.links[link][0] && b === skeleton.links[link][1]);
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
    const opacity = index === state.chosen ? 1 : 0.6;
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
  if (people.length > 1) drawNames(context, view);
  context.fillStyle = colours.faint;
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "right";
  context.fillText(`grid ${GRID_STEP} m`, width - 12, height - 12);
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
    context.fillText(nameOf(person), x, y);
  });
}

// ---- 2D -----------------------------------------------------------------------------------------

function drawImage() {
  const chosen = people[state.chosen]?.keypoints;
  $("image-figure").hidden = !chosen;
  if (!chosen) return;
  $("image").style.aspectRatio = `${chosen.width} / ${chosen.height}`;
  const { context, width, height } = prepared($("image"));
  const scale = Math.min(width / chosen.width, height / chosen.height);
  const left = (width - chosen.width * scale) / 2, top = (height - chosen.height * scale) / 2;
  context.fillStyle = colours.page;
  context.beginPath();
  context.rect(left, top, chosen.width * scale, chosen.height * scale);
  context.fill();
  context.save();
  context.clip();
  people.forEach(({ keypoints, frames }, index) => {
    if (!keypoints || state.frame >= frames) return;
    const { skeleton, points, visibility } = keypoints;
    const joints = skeleton.joints.length, start = state.frame * joints;
    const at = (joint) => [left + points[2 * (start + joint)] * scale, top + points[2 * (start + joint) + 1] * scale];
    const strength = index === state.chosen ? 1 : 0.4;
    const opacity = (joint) => strength * (0.12 + 0.88 * Math.sqrt(visibility[start + joint] / 255));
    const found = (joint) => !Number.isNaN(points[2 * (start + joint)]);
    context.lineWidth = 2.5;
    skeleton.links.forEach(([a, b], link) => {
      if (!found(a) || !found(b)) return;
      context.globalAlpha = Math.min(opacity(a), opacity(b));
      context.strokeStyle = colours[skeleton.linkSides[link]];
      context.beginPath();
      context.moveTo(...at(a));
      context.lineTo(...at(b));
      context.stroke();
    });
    skeleton.sides.forEach((side, joint) => {
      if (!found(joint)) return;
      context.globalAlpha = opacity(joint);
      context.fillStyle = colours[side];
      context.beginPath();
      context.arc(...at(joint), 3, 0, 7);
      context.fill();
    });
  });
  context.restore();
}

// ---- Charts -------------------------------------------------------------------------------------

const CHART_LEFT = 42, CHART_BOTTOM = 15, CHART_TOP = 6, CHART_RIGHT = 6;

function niceTop(value) {
  const atLeast = Math.max(value, 1);
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return power * [1, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= atLeast);
}

/** A chart whose lines are drawn once; each frame adds the cursor. */
function chart(canvas, linesOf, unit) {
  let still = null, key = "";
  const inner = () => ({ left: CHART_LEFT, wide: canvas.clientWidth - CHART_LEFT - CHART_RIGHT });
  const frameAt = (event) => {
    const { left, wide } = inner();
    return ((event.clientX - canvas.getBoundingClientRect().left - left) / wide) * (frameCount - 1);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    play(false);
    seek(frameAt(event));
  });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) seek(frameAt(event)); });

  function lines(width, height) {
    const series = linesOf();
    let highest = 0;
    for (const { values } of series) for (const value of values) if (value > highest) highest = value;
    const top = niceTop(highest);
    const { left, wide } = inner();
    const tall = height - CHART_TOP - CHART_BOTTOM;
    const x = (frame) => left + (frameCount > 1 ? (frame / (frameCount - 1)) * wide : wide / 2);
    const y = (value) => CHART_TOP + tall * (1 - value / top);
    still = document.createElement("canvas");
    still.style.width = `${width}px`;
    still.width = canvas.width;
    still.height = canvas.height;
    const context = still.getContext("2d");
    context.scale(canvas.width / width, canvas.height / height);
    context.font = "10px system-ui, sans-serif";
    context.fillStyle = colours.faint;
    context.strokeStyle = colours.grid;
    context.textAlign = "right";
    for (const value of [0, top / 2, top]) {
      context.globalAlpha = 0.6;
      context.lineWidth = 0.5;
      context.beginPath();
      context.moveTo(left, y(value));
      context.lineTo(left + wide, y(value));
      context.stroke();
      context.globalAlpha = 1;
      context.fillText(value === top ? `${top} ${unit}` : `${value}`, left - 4, y(value) + (value === top ? 5 : 3));
    }
    context.textAlign = "left";
    context.fillText("0 s", left, height - 3);
    context.textAlign = "right";
    context.fillText(`${((frameCount - 1) / fps).toFixed(2)} s`, left + wide, height - 3);
    context.lineJoin = "round";
    for (const { values, colour, opacity, thick } of series) {
      context.strokeStyle = colour;
      context.globalAlpha = opacity;
      context.lineWidth = thick;
      context.beginPath();
      values.forEach((value, frame) => context.lineTo(x(frame), y(value)));
      context.stroke();
    }
  }

  return () => {
    if (!canvas.clientWidth) return;
    const { context, width, height } = prepared(canvas);
    const now = [width, height, canvas.width, state.chosen, state.row, state.truth, colours.page].join();
    if (now !== key) {
      lines(width, height);
      key = now;
    }
    context.drawImage(still, 0, 0, width, height);
    const { left, wide } = inner();
    const x = left + (frameCount > 1 ? (state.frame / (frameCount - 1)) * wide : wide / 2);
    context.strokeStyle = colours.text;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, CHART_TOP);
    context.lineTo(x, height - CHART_BOTTOM);
    context.stroke();
  };
}

function errorLines() {
  return [{ values: people[state.chosen].error, colour: colours.truth, opacity: 1, thick: 1.5 }];
}

function lengthLines() {
  const person = people[state.chosen], { rows, bones, sides } = person.skeleton;
  const lines = [];
  rows.forEach((row, index) => row.bones.forEach((bone) => {
    const on = index === state.row;
    const faded = state.row >= 0 && !on;
    const colour = colours[sides[bones[bone][1]]];
    lines.push({ values: person.series[bone], colour, opacity: faded ? 0.15 : 0.9, thick: on ? 2 : 1.2 });
    if (on && person.truth && state.truth) {
      lines.push({ values: person.truthSeries[bone], colour: colours.truth, opacity: 0.9, thick: 1.2 });
    }
  }));
  return lines;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function drawReadings() {
  const person = people[state.chosen];
  if (!person) return;
  const frame = Math.min(state.frame, person.frames - 1);
  if (person.error) {
    $("error").textContent = `${person.error[frame].toFixed(1)} mm · mean ${mean(person.error).toFixed(1)} mm`;
  }
  const cells = $("lengths").querySelectorAll("td[data-bone]");
  for (const cell of cells) {
    const text = person.series[cell.dataset.bone][frame].toFixed(1);
    if (cell.firstChild.data !== text) cell.firstChild.data = text;
  }
}

function fillPeople() {
  const chips = people.length > 1 ? people : [];
  $("people").replaceChildren(...chips.map((person, index) => {
    const chip = document.createElement("button");
    chip.textContent = nameOf(person);
    chip.addEventListener("click", () => choose(index));
    return chip;
  }));
}

function fillTable() {
  const { skeleton, lengths } = people[state.chosen];
  $("lengths").tFoot.hidden = !lengths;
  const body = $("lengths").tBodies[0];
  body.replaceChildren(...skeleton.rows.map((row, index) => {
    const line = document.createElement("tr");
    const name = line.insertCell();
    name.textContent = row.label;
    for (const bone of row.bones) {
      const cell = line.insertCell();
      cell.dataset.bone = bone;
      cell.append("");
      if (row.bones.length === 1) cell.colSpan = 2;
      if (lengths) {
        const estimated = document.createElement("small");
        estimated.textContent = ` (${(100 * lengths[bone]).toFixed(1)})`;
        cell.append(estimated);
      }
    }
    line.addEventListener("pointerenter", () => mark(index));
    line.addEventListener("pointerleave", () => mark(-1));
    return line;
  }));
}

function mark(row) {
  state.row = row;
  [...$("lengths").tBodies[0].rows].forEach((line, index) => line.classList.toggle("on", index === row));
  redraw();
}

// ---- Everything ---------------------------------------------------------------------------------

function draw() {
  waiting = false;
  if (state.playing) advance();
  $("scrub").value = state.frame;
  $("frame").textContent = `${state.frame} / ${frameCount - 1}`;
  $("time").textContent = `${(state.frame / fps).toFixed(2)} s`;
  drawScene();
  drawImage();
  charts.forEach((drawChart) => drawChart());
  drawReadings();
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

// ---- Hands --------------------------------------------------------------------------------------

const pointers = new Map();
const canvas = $("scene");
const zoomBy = (factor) => { state.zoom = Math.min(8, Math.max(0.25, state.zoom * factor)); redraw(); };
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
    state.yaw -= dx * 0.4;
    state.pitch = Math.min(89, Math.max(-20, state.pitch + dy * 0.3));
  }
  redraw();
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)));
}, { passive: false });
canvas.addEventListener("dblclick", () => look(0, 8));

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

const keys = {
  " ": () => play(!state.playing),
  ArrowLeft: (event) => { play(false); seek(state.frame - (event.shiftKey ? 10 : 1)); },
  ArrowRight: (event) => { play(false); seek(state.frame + (event.shiftKey ? 10 : 1)); },
  Home: () => { play(false); seek(0); },
  End: () => { play(false); seek(frameCount - 1); },
  t: toggleTheme,
  f: () => { if (!$("follow").hidden) setFollow(!state.follow); },
  g: () => { if (!$("truth-key").hidden) $("truth").click(); },
  1: () => look(0, 8),
  2: () => look(90, 8),
  3: () => look(0, 89),
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action(event);
});
// Space on a focused button would press it again on release.
addEventListener("keyup", (event) => { if (event.key === " ") event.preventDefault(); });
new ResizeObserver(redraw).observe(document.body);
new ResizeObserver(redraw).observe($("stage"));

charts = [
  chart($("error-chart"), errorLines, "mm"),
  chart($("length-chart"), lengthLines, "cm"),
];
fillPeople();
$("truth-key").hidden = !people.some((person) => person.truth);
$("follow").hidden = !people.some((person) => person.root);
setFollow(state.follow);
systemTheme();
if (people.length) choose(0);
