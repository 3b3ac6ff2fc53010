// What the page shows now, and what changes it.

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
