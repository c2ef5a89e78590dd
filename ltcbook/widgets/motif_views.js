// The three pictures of the motif bench: the circuit, the traces, the phase portrait.

import { axes, linear, linePath, number, pixel, svg, svgSymbol, uniqueId } from "./kit.js";
import { STEPS, fixedPoints, input, rates, rest } from "./motif_math.js";

export const LETTERS = ["A", "B"];
const RANGE = [-1.1, 1.1];
const [TOP, HEIGHT, INPUT] = [28, 230, 22];
const ARROWS = 11;

const neuronClass = (i) => ["first", "second"][i];

/** Two neurons and their synapses: an arrowhead excites, a bar inhibits. */
export function drawCircuit(p) {
  const centres = [[60, 34], [190, 34]];
  const picture = svg("svg", { width: 250, height: 68, role: "img" });
  const words = [];
  p.synapses.forEach((synapse, k) => {
    const post = p.neurons[1 - k];
    if (synapse.w === 0) return;
    const excites = synapse.e > post.e_l;
    const [from, to] = k === 0 ? [84, 162] : [166, 88];
    const y = k === 0 ? 24 : 44;
    const tip = to + (k === 0 ? 4 : -4);
    const head = excites ? `M${to},${y - 6}L${tip + (k === 0 ? 4 : -4)},${y}L${to},${y + 6}Z` : `M${tip},${y - 8}V${y + 8}`;
    picture.append(
      svg("path", { class: "wire", d: `M${from},${y}H${to}` }),
      svg("path", { class: excites ? "wire head" : "wire", d: head }));
    words.push(`${LETTERS[k]} ${excites ? "excites" : "inhibits"} ${LETTERS[1 - k]}`);
  });
  centres.forEach(([cx, cy], i) => picture.append(
    svg("circle", { class: `neuron ${neuronClass(i)}`, cx, cy, r: 22 }),
    svg("text", { class: "name", x: cx, y: cy, dy: "0.35em", "text-anchor": "middle" }, LETTERS[i])));
  picture.setAttribute("aria-label", words.join(", ") || "no synapse");
  return picture;
}

/** Both potentials against time, their inputs in two bands underneath, and the cursor. */
export function drawTraces(p, states, time, width) {
  const t = linear([0, p.horizon], [46, width - 12]);
  const x = linear(RANGE, [TOP + HEIGHT, TOP]);
  const bands = TOP + HEIGHT + 46;
  const at = (n) => (n * p.horizon) / STEPS;
  const picture = svg("svg", { width, height: bands + 2 * INPUT + 12, role: "img" },
    axes(t, x, { xTitle: svgSymbol("t"), yTitle: svgSymbol("x") }));
  const largest = Math.max(1, ...[0, 1].flatMap((i) => states.map((_, n) => Math.abs(input(p, i, at(n))))));
  LETTERS.forEach((letter, i) => {
    const base = bands + i * (INPUT + 4) + INPUT / 2;
    const height = linear([-largest, largest], [INPUT / 2, -INPUT / 2]);
    const points = states.map((_, n) => [t(at(n)), base + height(input(p, i, at(n)))]);
    const [first, last] = [t.range[0], t.range[1]];
    picture.append(
      svg("path", { class: `input ${neuronClass(i)}`, d: `${linePath([[first, base], ...points, [last, base]])}Z` }),
      svg("line", { class: "frame", x1: first, x2: last, y1: base, y2: base }),
      svg("text", { x: first - 10, y: base, dy: "0.35em", "text-anchor": "end" }, ...svgSymbol(`u_${letter}`)),
      svg("path", {
        class: `trace ${neuronClass(i)}`, d: linePath(states.map((state, n) => [t(at(n)), x(state[i])])),
      }),
    );
  });
  const now = states[Math.round((time / p.horizon) * STEPS)];
  picture.append(
    svg("line", { class: "cursor", x1: t(time), x2: t(time), y1: TOP, y2: bands + 2 * INPUT }),
    ...now.map((value, i) => svg("circle", { class: `now ${neuronClass(i)}`, cx: t(time), cy: pixel(x(value)), r: 5 })));
  picture.setAttribute("aria-label", `Potentials of A and B against time. At t = ${number(time)}, A is at ` +
    `${number(now[0], 3)} and B at ${number(now[1], 3)}.`);
  return { picture, t };
}

/** The plane of both potentials: flow, nullclines, resting points and the path, at one time. */
export function drawPhase(p, states, time, width) {
  const side = Math.min(width - 60, HEIGHT + 60);
  const x = linear(RANGE, [48, 48 + side]);
  const y = linear(RANGE, [TOP + side, TOP]);
  const clip = uniqueId("clip");
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  const picture = svg("svg", { width: 48 + side + 12, height: TOP + side + 44, role: "img" },
    svg("clipPath", { id: clip }, svg("rect", { x: 48, y: TOP, width: side, height: side })),
    axes(x, y, { xTitle: svgSymbol("x_A"), yTitle: svgSymbol("x_B"), xCount: 4, yCount: 4 }), inside);
  inside.append(svg("rect", { class: "area", x: 48, y: TOP, width: side, height: side }));
  inside.append(svg("path", { class: "field", d: fieldArrows(p, time, x, y) }));
  const along = Array.from({ length: 121 }, (_, k) => RANGE[0] + (k / 120) * (RANGE[1] - RANGE[0]));
  inside.append(
    svg("path", { class: "nullcline first", d: linePath(along.map((xB) => [x(rest(p, 0, xB, time)), y(xB)])) }),
    svg("path", { class: "nullcline second", d: linePath(along.map((xA) => [x(xA), y(rest(p, 1, xA, time))])) }),
    svg("path", { class: "path", d: linePath(states.map(([a, b]) => [x(a), y(b)])) }));
  const resting = fixedPoints(p, time);
  for (const { x: [a, b], stable } of resting) {
    inside.append(svg("circle", { class: stable ? "rest stable" : "rest", cx: x(a), cy: y(b), r: 5.5 }));
  }
  const [start, now] = [states[0], states[Math.round((time / p.horizon) * STEPS)]];
  inside.append(
    svg("path", { class: "start", d: `M${x(start[0]) - 5},${y(start[1]) - 5}l10,10m0,-10l-10,10` }),
    svg("circle", { class: "state", cx: x(now[0]), cy: y(now[1]), r: 6 }));
  const stable = resting.filter((point) => point.stable).length;
  picture.setAttribute("aria-label", `Phase portrait at t = ${number(time)}: ${stable} stable and ` +
    `${resting.length - stable} unstable resting points; now at A = ${number(now[0], 3)}, B = ${number(now[1], 3)}.`);
  return { picture, x, y };
}

/** Short strokes along the flow, each from its grid point towards where the state goes. */
function fieldArrows(p, time, x, y) {
  const step = (RANGE[1] - RANGE[0]) / ARROWS;
  const grid = Array.from({ length: ARROWS }, (_, k) => RANGE[0] + (k + 0.5) * step);
  return grid.flatMap((a) => grid.map((b) => {
    const [da, db] = rates(p, [a, b], time);
    const speed = Math.hypot(da, db) || 1;
    const long = 0.42 * step * Math.min(1, 0.35 + speed / 3);
    const [dx, dy] = [x(a + (da / speed) * long) - x(a), y(b + (db / speed) * long) - y(b)];
    const [ex, ey] = [x(a) + dx, y(b) + dy];
    const head = (turn) => `M${pixel(ex)},${pixel(ey)}l${pixel(-0.35 * (dx * Math.cos(turn) - dy * Math.sin(turn)))},` +
      `${pixel(-0.35 * (dx * Math.sin(turn) + dy * Math.cos(turn)))}`;
    return `M${pixel(x(a) - dx)},${pixel(y(b) - dy)}L${pixel(ex)},${pixel(ey)}${head(0.5)}${head(-0.5)}`;
  })).join("");
}
