// The pictures of the robot theatre: the stage, and the network above it. Each is built once for its
// size, and `show(step)` moves what moves: a film of it costs little.

import { linePath, number, pixel, svg } from "./kit.js";

const METRE = 105; // in pixels
const HEADROOM = 1.87; // from the ground to the top, in metres

/** @typedef {{ steps: number, at: (step: number) => number[] }} Track */
/** @typedef {{ node: any, show: (step: number) => void }} Moving */

/** A track between two of its steps, on the straight line: slow motion of a slow recording is smooth. */
function between(track, position) {
  const step = Math.floor(position);
  const here = track.at(step);
  if (step === position || step + 1 >= track.steps) return here;
  const next = track.at(step + 1);
  return here.map((value, k) => value + (position - step) * (next[k] - value));
}

/**
 * A recorded track, unpacked: little-endian int16 thousandths, so many to a step.
 * @param {[number[], string]} packed
 * @returns {Track}
 */
export function unpacked([shape, text]) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const width = shape.reduce((product, extent) => product * extent, 1);
  return {
    steps: bytes.length / (2 * width),
    at: (step) => Array.from({ length: width }, (_, k) => view.getInt16(2 * (step * width + k), true) / 1000),
  };
}

export const put = (node, attributes) => {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
};

/** The ground's marks, a metre apart, over all that is recorded; `show` moves them. */
function makeMarks(middle, farthest, width, scale, ground) {
  const [first, last] = [-Math.ceil(middle / scale), Math.ceil(farthest + width / scale)];
  const node = svg("g");
  const marks = [];
  for (let metre = first; metre <= last; metre += 1) {
    const x = middle + metre * scale;
    const line = svg("line", { class: "mark", x1: x, x2: x, y1: ground, y2: ground + (metre % 5 ? 6 : 12) });
    marks.push([line, x, 0]);
    if (metre >= 0) marks.push([svg("text", { x, y: ground + 26, "text-anchor": "middle" }, `${metre} m`), x, 16]);
  }
  node.append(...marks.map(([mark]) => mark));
  return {
    node,
    show(passed) {
      const shift = -passed * scale;
      put(node, { transform: `translate(${pixel(shift)},0)` });
      // What would be cut off, half of a name's width to each side, is not there.
      for (const [mark, x, room] of marks)
        mark.style.display = x + shift >= room && x + shift <= width - room ? "" : "none";
    },
  };
}

/**
 * The robot in its pose, the ground that passes below it, and where the network expected it.
 * @param {{ rods: Track, predicted?: Track, distance: Track, radii: number[], width: number, metre?: number,
 *   ahead?: number, name?: string }} options
 * @returns {Moving}
 */
export function makeStage({
  rods,
  predicted,
  distance,
  radii,
  width,
  metre = METRE,
  ahead = 0.58,
  name = "The robot",
}) {
  const ground = Math.round(HEADROOM * metre);
  const middle = width * (1 - ahead);
  const metres = (position) => between(distance, position)[0] * 10;
  const marks = makeMarks(middle, metres(distance.steps - 1), width, metre, ground);
  const node = svg("svg", { width, height: ground + 40, role: "img" });
  node.append(marks.node, svg("line", { class: "ground", x1: 0, x2: width, y1: ground, y2: ground }));
  const far = radii.length === 8 ? [] : [1, 2, 3];
  const order = radii.map((_, k) => k).sort((a, b) => Number(far.includes(b)) - Number(far.includes(a)));
  const lines = order.map((k) =>
    svg("line", {
      class: `rod${far.includes(k) ? " far" : ""}`,
      style: `stroke-width:${(2 * radii[k] * metre).toFixed(1)}px`,
    }),
  );
  const expected = predicted ? order.map(() => svg("line", { class: "expected" })) : [];
  node.append(...lines, ...expected);
  const place = (some, ends) =>
    some.forEach((line, n) => {
      const k = order[n];
      put(line, {
        x1: pixel(middle + ends[4 * k] * metre),
        y1: pixel(ground - ends[4 * k + 1] * metre),
        x2: pixel(middle + ends[4 * k + 2] * metre),
        y2: pixel(ground - ends[4 * k + 3] * metre),
      });
    });
  return {
    node,
    show(position) {
      const passed = metres(position);
      put(node, { "aria-label": `${name} after ${number(passed, 3)} metres.` });
      marks.show(passed);
      const [here, there] = [between(rods, position), predicted && between(predicted, position)];
      place(lines, here);
      place(expected, there);
    },
  };
}

/** Where a synapse runs from one neuron of the ring to another, or to itself. */
function synapsePath(/** @type {number[]} */ [x0, y0], /** @type {number[]} */ [x1, y1]) {
  const bend = 0.16;
  const [mx, my] = [(x0 + x1) / 2 + (y1 - y0) * bend, (y0 + y1) / 2 - (x1 - x0) * bend];
  return x0 === x1 && y0 === y1
    ? `M${pixel(x0 - 6)},${pixel(y0)}a9,9 0 1 1 12,0`
    : `M${pixel(x0)},${pixel(y0)}Q${pixel(mx)},${pixel(my)} ${pixel(x1)},${pixel(y1)}`;
}

/** A circle filled from below: empty at a potential of -1, full at 1. */
export function filled(cx, cy, r, potential) {
  const up = Math.max(-0.999, Math.min(0.999, potential)); // an arc needs two ends
  const [half, y] = [r * Math.sqrt(1 - up * up), pixel(cy - r * up)];
  return `M${pixel(cx - half)},${y}A${r},${r} 0 ${Number(up > 0)} 0 ${pixel(cx + half)},${y}Z`;
}

/** A neuron of the ring, which can be pressed: its time constant as a rim, its potential as what fills it. */
function makeNeuron(i, /** @type {number[]} */ [cx, cy], pick) {
  const breath = svg("circle", { class: "breath", cx, cy });
  const level = svg("path", { class: "filling" });
  const node = svg(
    "g",
    {
      class: "neuron",
      role: "button",
      tabindex: 0,
      "aria-label": `Neuron ${i + 1}`,
      onclick: () => pick(i),
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        pick(i);
      },
    },
    svg("circle", { class: "reach", cx, cy, r: 22 }),
    breath,
    svg("circle", { class: "body", cx, cy, r: 10 }),
    level,
    svg("text", { x: cx, y: cy, dy: "0.35em", "text-anchor": "middle", class: "label" }, String(i + 1)),
  );
  return { node, breath, fill: (potential) => put(level, { d: filled(cx, cy, 10, potential) }) };
}

/**
 * Neurons in a ring: full as their potential, their rims as wide as their time constants. `mark` shows
 * one neuron with its own synapses.
 * @param {{ potentials: Track, tau: Track, conductances: Track, synapses: number[][], slowest: number,
 *   strongest: number, side: number, pick: (neuron: number) => void }} options
 * @returns {Moving & { mark: (neuron: number) => void }}
 */
export function makeNetwork({ potentials, tau, conductances, synapses, slowest, strongest, side, pick }) {
  const count = potentials.at(0).length;
  const centre = side / 2;
  const places = Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count - Math.PI / 2;
    return [centre + Math.cos(angle) * (centre - 30), centre + Math.sin(angle) * (centre - 30)];
  });
  const wires = synapses.map(([from, to, sign]) =>
    svg("path", { class: sign > 0 ? "synapse excites" : "synapse inhibits", d: synapsePath(places[from], places[to]) }),
  );
  const neurons = places.map((place, i) => makeNeuron(i, place, pick));
  const hint = svg("text", { class: "title", x: centre, y: centre, "text-anchor": "middle" }, "press a neuron");
  const nodes = neurons.map((one) => one.node);
  const node = svg("svg", { width: side, height: side, role: "group" }, wires, hint, nodes);
  return {
    node,
    mark(neuron) {
      hint.style.display = neuron < 0 ? "" : "none";
      nodes.forEach((one, i) => {
        put(one, { "aria-pressed": i === neuron });
        one.classList.toggle("picked", i === neuron);
      });
      wires.forEach((wire, k) => {
        wire.classList.toggle("away", neuron >= 0 && !synapses[k].slice(0, 2).includes(neuron));
      });
    },
    show(step) {
      const [x, slow, open] = [potentials.at(step), tau.at(step), conductances.at(step)];
      const list = (values) => values.map((value) => number(value, 2)).join(", ");
      put(node, {
        "aria-label": `The network's ${count} neurons: potentials ${list(x)}; time constants ${list(slow)}.`,
      });
      wires.forEach((wire, k) => {
        const glow = Math.min(1, open[k] / strongest);
        wire.style.opacity = (0.25 + 0.75 * glow ** 0.6).toFixed(3); // less can't be seen in the dark
        wire.style.strokeWidth = `${(0.8 + 3.4 * glow).toFixed(2)}px`;
      });
      neurons.forEach(({ breath, fill }, i) => {
        put(breath, { r: (11 + 11 * Math.min(1, slow[i] / slowest)).toFixed(2) });
        fill(x[i]);
      });
    },
  };
}

/**
 * Curves over the whole recording, each on its own range, and a line for now; ticks are pushes. The first
 * line's ends are named at the left, those of another range at the right.
 * @param {{ lines: { kind: string, values: number[], range: number[] }[], title: string, seconds: number,
 *   pushes: number[], width: number, says: (step: number) => string }} options
 * @returns {Moving}
 */
export function makeStrip({ lines, title, seconds, pushes, width, says }) {
  const count = lines[0].values.length;
  const [left, right, top, bottom] = [30, width - 34, 26, 76];
  const x = (k) => left + (k / (count - 1)) * (right - left);
  const height = (/** @type {number[]} */ [low, high], value) =>
    bottom - ((Math.max(low, Math.min(high, value)) - low) / (high - low)) * (bottom - top);
  const path = ({ kind, values, range }) =>
    svg("path", { class: kind, d: linePath(values.map((value, k) => [x(k), height(range, value)]).slice(1)) });
  const ends = lines.flatMap(({ kind, range }, n) => {
    if (n && String(range) === String(lines[0].range)) return [];
    const place = n ? { x: right + 6 } : { x: left - 6, "text-anchor": "end" };
    const named = (value) =>
      svg("text", { class: `end ${kind}-end`, ...place, y: height(range, value), dy: "0.35em" }, number(value, 2));
    return range.map(named);
  });
  const under = { y: bottom + 17, "text-anchor": "middle" };
  const now = svg("line", { class: "now", y1: top, y2: bottom });
  const ticks = pushes.map((push) => svg("line", { class: "now", x1: x(push), x2: x(push), y1: top - 6, y2: top + 3 }));
  const node = svg(
    "svg",
    { width, height: bottom + 24, role: "img" },
    svg("text", { class: "title", x: left, y: 12 }, title),
    [top, bottom].map((y) => svg("line", { class: y === top ? "grid" : "frame", x1: left, x2: right, y1: y, y2: y })),
    svg("text", { x: left, ...under }, "0 s"),
    svg("text", { x: right, ...under }, `${number(seconds, 3)} s`),
    ends,
    ticks,
    lines.map(path),
    now,
  );
  return {
    node,
    show(step) {
      put(node, { "aria-label": says(step) });
      put(now, { x1: pixel(x(step)), x2: pixel(x(step)) });
    },
  };
}
