// Pointers, keys and buttons; the page begins at the end.

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
