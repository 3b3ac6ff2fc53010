"use strict";

// The data of the page, and what is computed of each person once.

const $ = (id) => document.getElementById(id);
const content = JSON.parse($("data").textContent);
const { people, fps, scene: extent } = content;
let { firstFrame } = content;
const frameCount = Math.max(1, ...people.map((person) => person.frames));
const { missing: MISSING, gridStep: GRID_STEP, guessOpacity: GUESS_OPACITY, faintest: FAINTEST } = content.drawing;
const FIELD_OF_VIEW = (28 * Math.PI) / 180;
const PATH_POINTS = 1000;

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
