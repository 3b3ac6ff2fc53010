// The poses in space.

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
