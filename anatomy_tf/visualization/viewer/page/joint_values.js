// The values of the joint under the pointer.

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
