// Poses that come while a camera runs: each message replaces `people`, with one frame of each.

// A block of its own, so that its names are not those of the viewer.
{
  const { live } = content;
  document.body.dataset.live = "";
  $("live").hidden = false;
  $("over").textContent = "now";
  $("hint").textContent = "drag: turn · shift + drag: move · wheel: zoom · click: a joint's values · ?: keys";

  /** Times of the messages of the last two seconds, by which their rate is counted. */
  const arrivals = [];

  /** A person of a message, with the speed since the one before. */
  function livePerson(found, passed) {
    const { skeleton, keypoints } = live;
    const person = { ...found, skeleton, keypoints: { ...found.keypoints, skeleton: keypoints } };
    prepare(person);
    const before = people.find(({ name }) => name === person.name);
    person.curves.at(-1).series.forEach((speeds, joint) => {
      const moved = [0, 1, 2].map((axis) =>
        before ? place(person, joint, axis) - place(before, joint, axis) : NaN);
      speeds[0] = Math.hypot(...moved) / passed;
    });
    return person;
  }

  /** A joint's coordinate, metres from the root. */
  function place({ points, shift }, joint, axis) {
    return points[3 * joint + axis] - shift[axis];
  }

  function receive(message) {
    const chosen = people[state.chosen]?.name, before = people.map(({ name }) => name).join();
    const now = message.people.map((found) => livePerson(found, (message.frame - firstFrame) / fps));
    people.splice(0, people.length, ...now);
    firstFrame = message.frame;
    const same = ({ name }) => people.find((person) => person.name === name);
    if (state.joint) state.joint = same(state.joint.person) ? { ...state.joint, person: same(state.joint.person) } : null;
    if (people.map(({ name }) => name).join() !== before) gather(chosen);
    if (people.length) showEstimates(people[state.chosen]);
    redraw();
    report(message);
  }

  /** Look at those who are there now. */
  function gather(chosen) {
    fillPeople();
    state.row = -1;
    if (!people.length) return;
    const beside = people.map(({ shift }) => shift[0]);
    const [left, right] = [Math.min(...beside), Math.max(...beside)];
    extent.middle = [(left + right) / 2, 0];
    extent.radius = extent.bodyRadius + (right - left) / 2;
    choose(Math.max(0, people.findIndex(({ name }) => name === chosen)));
  }

  /** The lengths in brackets, which are estimated anew with each frame. */
  function showEstimates({ lengths, curves }) {
    if (!lengths || curvesNow() !== curves[0]) return;
    for (const cell of $("curves").querySelectorAll("td[data-series] small")) {
      cell.textContent = ` (${(100 * lengths[cell.parentElement.dataset.series]).toFixed(1)})`;
    }
  }

  function report({ frame, dropped, came, captured }) {
    const now = performance.now();
    arrivals.push(now);
    while (arrivals[0] < now - 2000) arrivals.shift();
    const rate = arrivals.length > 1 ? (1000 * (arrivals.length - 1)) / (now - arrivals[0]) : 0;
    // Server and page have one clock: they run on one machine.
    const late = Math.max(0, Date.now() - captured) + 1000 * live.latency;
    const parts = [
      people.length ? "" : "nobody in sight", `${time(0)} s`, `${rate.toFixed(0)} detections/s`,
      `${dropped} of ${came} frames dropped`, `${late.toFixed(0)} ms late`,
    ];
    $("live").textContent = parts.filter(Boolean).join(" · ");
  }

  const socket = new WebSocket(`ws://${location.host}/live`);
  socket.addEventListener("message", ({ data }) => receive(JSON.parse(data)));
  socket.addEventListener("open", () => { $("live").textContent = "waiting for the first frame"; });
  socket.addEventListener("close", () => { $("live").textContent += " · ended"; });
}
