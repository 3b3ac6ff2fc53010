// Lifts the clip with onnxruntime-web and draws it. Everything comes from this page's own folder.
import * as ort from "./ort.wasm.min.mjs";

const LEFT = "#3b82f6", RIGHT = "#f97316", MIDDLE = "#888";
const find = (id) => document.getElementById(id);
const status = find("status"), slider = find("frame"), play = find("play");

// One thread: more need a server that isolates the page (COOP and COEP headers).
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = new URL("./", import.meta.url).href;

const state = { clip: null, positions: null, frame: 0, turn: 0.5, tilt: 0.1, playing: false };

async function start() {
  const [answer, session] = await Promise.all([
    fetch("clip.json"),
    ort.InferenceSession.create("model.onnx", { executionProviders: ["wasm"] }),
  ]);
  if (!answer.ok) throw new Error(`clip.json: ${answer.status} ${answer.statusText}`);
  const clip = await answer.json();
  const frames = clip.keypoints.length, joints = clip.joints.length;

  // As the model sees them: from the image's middle, in the unit that build.py wrote.
  const keypoints = Float32Array.from(
    clip.keypoints.flat().flatMap(([x, y]) => [
      (x - clip.width / 2) * clip.unitsPerPixel, (y - clip.height / 2) * clip.unitsPerPixel,
    ]),
  );
  const visibility = Float32Array.from(clip.visibility.flat());
  const inputs = {
    keypoints: new ort.Tensor("float32", keypoints, [1, frames, joints, 2]),
    visibility: new ort.Tensor("float32", visibility, [1, frames, joints]),
  };
  const begin = performance.now();
  const { positions, bone_lengths } = await session.run(inputs);
  const milliseconds = performance.now() - begin;

  Object.assign(state, { clip, positions: positions.data });
  // For whoever opens the console, and for the test.
  window.lifted = { positions: positions.data, boneLengths: bone_lengths.data, milliseconds };
  status.textContent =
    `Lifted ${frames} frames in ${milliseconds.toFixed(0)} ms, here, without a server.`;
  slider.max = frames - 1;
  slider.disabled = play.disabled = false;
  show(0);
}

function colour(name) {
  return name.startsWith("left_") ? LEFT : name.startsWith("right_") ? RIGHT : MIDDLE;
}

function prepared(canvas) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * scale;
  canvas.height = canvas.clientHeight * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.lineCap = "round";
  return context;
}

function bones(context, points, width) {
  const { joints, parents } = state.clip;
  parents.forEach((parent, joint) => {
    if (parent < 0) return;
    context.strokeStyle = colour(joints[joint]);
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(...points[parent]);
    context.lineTo(...points[joint]);
    context.stroke();
  });
}

function drawFlat() {
  const canvas = find("flat"), context = prepared(canvas), { clip, frame } = state;
  const scale = Math.min(canvas.clientWidth / clip.width, canvas.clientHeight / clip.height);
  const left = (canvas.clientWidth - scale * clip.width) / 2;
  bones(context, clip.keypoints[frame].map(([x, y]) => [left + scale * x, scale * y]), 3);
}

function drawSolid() {
  const canvas = find("solid"), context = prepared(canvas), { clip, positions, frame } = state;
  const joints = clip.joints.length, scale = canvas.clientHeight / 2.2;
  const [cos, sin] = [Math.cos(state.turn), Math.sin(state.turn)];
  const [cosTilt, sinTilt] = [Math.cos(state.tilt), Math.sin(state.tilt)];
  // Metres, camera axes (x right, y down, z away): turned about the vertical, then tilted.
  const place = (x, y, z) => {
    const right = cos * x + sin * z, away = cos * z - sin * x;
    return [
      canvas.clientWidth / 2 + scale * right,
      canvas.clientHeight / 2 + scale * (cosTilt * y - sinTilt * away),
    ];
  };
  const points = Array.from({ length: joints }, (_, joint) => {
    const at = 3 * (frame * joints + joint);
    return place(positions[at], positions[at + 1], positions[at + 2]);
  });
  context.strokeStyle = "#8884";
  for (let step = -2; step <= 2; step++) {
    for (const line of [[[step / 2, -1], [step / 2, 1]], [[-1, step / 2], [1, step / 2]]]) {
      context.beginPath();
      line.forEach(([x, z]) => context.lineTo(...place(x, 0.95, z)));
      context.stroke();
    }
  }
  bones(context, points, 5);
}

function show(frame) {
  state.frame = frame;
  slider.value = frame;
  find("counter").textContent =
    `${frame + 1} / ${state.clip.keypoints.length}, ${(frame / state.clip.fps).toFixed(2)} s`;
  drawFlat();
  drawSolid();
}

function toggle() {
  state.playing = !state.playing;
  play.textContent = state.playing ? "Pause" : "Play";
  const first = state.frame;
  let begin;
  const tick = (now) => {
    if (!state.playing) return;
    // Not the click's time: a frame that is drawn late has a time from before it.
    begin ??= now;
    const passed = Math.floor(((now - begin) / 1000) * state.clip.fps);
    show((first + passed) % state.clip.keypoints.length);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

play.addEventListener("click", toggle);
slider.addEventListener("input", () => show(Number(slider.value)));
find("solid").addEventListener("pointermove", (event) => {
  if (!event.buttons || !state.positions) return;
  state.turn += event.movementX / 150;
  state.tilt = Math.max(-1.2, Math.min(1.2, state.tilt + event.movementY / 150));
  drawSolid();
});
window.addEventListener("resize", () => state.positions && show(state.frame));

start().catch((error) => { status.textContent = `This did not work: ${error.message}`; });
