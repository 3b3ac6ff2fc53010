// Poses that come while a camera runs: `people` is replaced with each message, of one frame each.

// A block of its own, so that its names are not those of the viewer.
{
  const { live } = content;
  document.body.dataset.live = "";
  $("live").hidden = false;
  $("hint").textContent = "drag: turn · shift + drag: move · wheel: zoom";
  $("length-figure").querySelector("figcaption").firstChild.data = "Bone lengths in the pose ";

  /** Messages of the last two seconds, by which the rate is counted. */
  const arrivals = [];

  function livePerson(found) {
    const { skeleton } = live;
    const one = {
      name: found.name, frames: 1, skeleton, root: null, lengths: found.lengths, shift: found.shift,
      points: placed(Float32Array.from(found.pose.flat()), null, found.shift, 1, skeleton.joints.length),
      keypoints: {
        ...live.image,
        points: Float32Array.from(found.keypoints.flatMap((point) => (point ? point.slice(0, 2) : [NaN, NaN]))),
        visibility: Uint8Array.from(found.keypoints, (point) => (point ? 255 * point[2] : 0)),
      },
    };
    one.series = boneSeries(one.points, one);
    return one;
  }

  function show(message) {
    const chosen = people[state.chosen]?.name, before = people.map(({ name }) => name).join();
    people.splice(0, people.length, ...message.people.map(livePerson));
    if (people.map(({ name }) => name).join() !== before) {
      fillPeople();
      if (people.length) {
        const beside = people.map(({ shift }) => shift[0]);
        const [left, right] = [Math.min(...beside), Math.max(...beside)];
        extent.middle = [(left + right) / 2, 0];
        extent.radius = extent.bodyRadius + (right - left) / 2;
        choose(Math.max(0, people.findIndex(({ name }) => name === chosen)));
      }
    }
    if (people.length) showEstimates(people[state.chosen]);
    redraw();
    report(message);
  }

  /** The lengths in brackets, which are estimated anew with each frame. */
  function showEstimates({ lengths }) {
    if (!lengths) return;
    $("lengths").tFoot.hidden = false;
    for (const cell of $("lengths").querySelectorAll("td[data-bone]")) {
      const estimated = cell.querySelector("small") ?? cell.appendChild(document.createElement("small"));
      estimated.textContent = ` (${(100 * lengths[cell.dataset.bone]).toFixed(1)})`;
    }
  }

  function report({ frame, dropped, came, captured, people: found }) {
    const now = performance.now();
    arrivals.push(now);
    while (arrivals[0] < now - 2000) arrivals.shift();
    const rate = arrivals.length > 1 ? (1000 * (arrivals.length - 1)) / (now - arrivals[0]) : 0;
    // Server and page have one clock: they run on one machine.
    const late = Math.max(0, Date.now() - captured) + 1000 * live.latency;
    const parts = [
      found.length ? "" : "nobody in sight", `${(frame / fps).toFixed(1)} s`, `${rate.toFixed(0)} detections/s`,
      `${dropped} of ${came} frames dropped`, `${late.toFixed(0)} ms late`,
    ];
    $("live").textContent = parts.filter(Boolean).join(" · ");
  }

  const socket = new WebSocket(`ws://${location.host}/live`);
  socket.addEventListener("message", ({ data }) => show(JSON.parse(data)));
  socket.addEventListener("open", () => { $("live").textContent = "waiting for the first frame"; });
  socket.addEventListener("close", () => { $("live").textContent += " · ended"; });
}
