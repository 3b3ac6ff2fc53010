// Curves over time, and the tables of readings beside them.

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
