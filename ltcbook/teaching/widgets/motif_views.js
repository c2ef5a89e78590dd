// The pictures of the motif bench: the circuit, the traces, the plane of A and B, and how the resting
// points depend on the strength.

import { axes, linear, linePath, number, pixel, svg, svgSymbol, uniqueId } from "./kit.js";
import {
  EXCITATORY,
  INHIBITORY,
  STEPS,
  conductance,
  fixedPoints,
  hasNullclines,
  rates,
  rest,
  stimulus,
} from "./motif_math.js";

const RANGE = [-95, 5];
const TOP = 44;
const ARROWS = 11;
const RADIUS = 24;
const KINDS = ["first", "second", "third"];

export const excites = (synapse) => synapse.reversal > -70;
const neuronClass = (i) => KINDS[i];
const nowOf = (p, states, time) => states[Math.round((time / p.horizon) * STEPS)];

/** Places of the neurons: two beside each other, three in a triangle. */
function placesOf(p) {
  if (p.neurons.length === 3)
    return [
      [64, 150],
      [216, 150],
      [140, 66],
    ];
  const y = p.synapses.some(({ source, target }) => source === target) ? 92 : 44;
  return [
    [64, y],
    [216, y],
  ];
}

/**
 * The circuit as it is now: a synapse is as thick as it is strong, its core as bright as it is open;
 * a neuron is as full as it is active. `act` has what pressing and pulling do.
 */
export function drawCircuit(p, states, time, act) {
  const places = placesOf(p);
  const now = nowOf(p, states, time);
  const picture = svg("svg", {
    width: 280,
    height: p.neurons.length === 3 ? 218 : places[0][1] + 40,
    class: "circuit-picture",
    role: "group",
    "aria-label": "The circuit",
  });
  p.synapses.forEach((synapse, k) => {
    const both = p.synapses.some((s) => s.source === synapse.target && s.target === synapse.source && s !== synapse);
    const { d, tip, angle } = wire(places, synapse, both);
    const kind = excites(synapse) ? "excites" : "inhibits";
    const name = (i) => p.neurons[i].name;
    const width = 1.5 + 2.4 * Math.sqrt(synapse.conductance);
    const open = synapse.conductance > 0 ? conductance(synapse, now[synapse.source]) / synapse.conductance : 0;
    const half = 6 + width / 2;
    const head = kind === "excites" ? `M${-half - 4},${-half}L0,0L${-half - 4},${half}Z` : `M0,${-half}V${half}`;
    const group = svg(
      "g",
      {
        class: `synapse ${kind}${synapse.conductance === 0 ? " absent" : ""}`,
        tabindex: 0,
        role: "slider",
        "data-synapse": k,
        "aria-label": `Synapse ${name(synapse.source)} to ${name(synapse.target)}, ${kind}. Up and down: strength. Enter: other sign.`,
        "aria-valuemin": 0,
        "aria-valuemax": 12,
        "aria-valuenow": synapse.conductance,
        "aria-valuetext": `${number(synapse.conductance, 3)} nanosiemens, ${kind}`,
        onkeydown: (event) => act.synapseKey(k, event),
      },
      svg("path", { class: "hit", d }),
      svg("path", { class: "wire", d, style: `stroke-width:${width}px` }),
      svg("path", { class: "glow", d, style: `stroke-width:${width}px;opacity:${open.toFixed(3)}` }),
      svg("path", {
        class: kind === "excites" ? "tip" : "tip bar",
        d: head,
        transform: `translate(${tip[0]},${tip[1]}) rotate(${angle})`,
      }),
    );
    picture.append(group);
  });
  places.forEach(([cx, cy], i) => {
    const level = (now[i] - INHIBITORY) / (EXCITATORY - INHIBITORY);
    picture.append(
      svg(
        "g",
        {
          class: `cell ${neuronClass(i)}`,
          tabindex: 0,
          role: "button",
          "data-neuron": i,
          "aria-label": `Poke ${p.neurons[i].name}, now at ${number(now[i], 3)} millivolts`,
          onkeydown: (event) => act.neuronKey(i, event),
        },
        svg("circle", { class: "neuron", cx, cy, r: RADIUS }),
        svg("circle", {
          class: "level",
          cx,
          cy,
          r: RADIUS - 2,
          style: `opacity:${(0.85 * Math.max(0, Math.min(1, level)) ** 1.5).toFixed(3)}`,
        }),
        svg("text", { class: "name", x: cx, y: cy, dy: "0.35em", "text-anchor": "middle" }, p.neurons[i].name),
      ),
    );
  });
  return picture;
}

/** The line of a synapse, and where and how its tip stands. */
function wire(places, { source, target }, both) {
  const [a, b] = [places[source], places[target]];
  if (source === target) {
    const [x, y] = a;
    const up = y < 100 && places.length === 3 ? -1 : places.length === 2 ? -1 : 1;
    const out = up * (RADIUS + 24);
    return {
      d: `M${x - 13},${y + up * 21}C${x - 30},${y + out + up * 16} ${x + 30},${y + out + up * 16} ${x + 13},${y + up * 27}`,
      tip: [x + 12, y + up * 25],
      angle: up > 0 ? -112 : 112,
    };
  }
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = Math.hypot(dx, dy);
  const [ux, uy] = [dx / length, dy / length];
  const side = both ? 13 : 0;
  const from = [a[0] + ux * (RADIUS + 3) - uy * side, a[1] + uy * (RADIUS + 3) + ux * side];
  const to = [b[0] - ux * (RADIUS + 6) - uy * side, b[1] - uy * (RADIUS + 6) + ux * side];
  return {
    d: `M${from.map(pixel)}L${[to[0] - ux * 7, to[1] - uy * 7].map(pixel)}`,
    tip: to.map(pixel),
    angle: ((Math.atan2(uy, ux) * 180) / Math.PI).toFixed(2),
  };
}

const heading = (text) => svg("text", { class: "heading", x: 36, y: 12 }, text);

/** All potentials against time, the stimuli as bands underneath, and the cursor. */
export function drawTraces(p, states, time, active, width, height) {
  const t = linear([0, p.horizon], [46, width - 12]);
  const x = linear(RANGE, [TOP + height, TOP]);
  const bands = TOP + height + 40;
  const band = 12;
  const at = (n) => (n * p.horizon) / STEPS;
  const picture = svg(
    "svg",
    { width, height: bands + p.neurons.length * (band + 4), role: "img" },
    axes(t, x, {
      xTitle: [...svgSymbol("t"), " (ms)"],
      yTitle: [...svgSymbol("x"), " (mV)"],
      yAnchor: "start",
    }),
    heading("What each neuron does"),
    svg("line", { class: "threshold", x1: 46, x2: width - 12, y1: x(active), y2: x(active) }),
  );
  p.neurons.forEach(({ name }, i) => {
    const base = bands + i * (band + 4) + band;
    const points = states.map((_, n) => [t(at(n)), base - Math.min(1, Math.max(0, stimulus(p, i, at(n)) / 12)) * band]);
    picture.append(
      svg("path", {
        class: `input ${neuronClass(i)}`,
        d: `${linePath([[t(0), base], ...points, [t(p.horizon), base]])}Z`,
      }),
      svg("line", { class: "frame", x1: t(0), x2: t(p.horizon), y1: base, y2: base }),
      svg("text", { x: 38, y: base, "text-anchor": "end" }, `on ${name}`),
      svg("path", {
        class: `trace ${neuronClass(i)}`,
        d: linePath(states.map((state, n) => [t(at(n)), x(state[i])])),
      }),
    );
  });
  const now = nowOf(p, states, time);
  picture.append(
    svg("text", { class: "note", x: width - 12, y: x(active) - 5, "text-anchor": "end" }, "active above"),
    // Not through the numbers of the axis.
    svg("path", {
      class: "cursor",
      d: `M${t(time)},${TOP}V${TOP + height}M${t(time)},${bands}v${p.neurons.length * 16}`,
    }),
    // Smaller and smaller: where two are at one potential both are seen.
    ...now.map((value, i) =>
      svg("circle", { class: `now ${neuronClass(i)}`, cx: t(time), cy: pixel(x(value)), r: 7 - 2 * i }),
    ),
  );
  picture.setAttribute(
    "aria-label",
    `Potentials against time. At ${number(time)} ms ` +
      `${p.neurons.map(({ name }, i) => `${name} is at ${number(now[i], 3)}`).join(", ")} millivolts.`,
  );
  return { picture, t };
}

/** The plane of A and B: path and start; for two neurons the flow, for a pair nullclines and rests. */
export function drawPhase(p, states, time, width, side) {
  const x = linear(RANGE, [46, 46 + side]);
  const y = linear(RANGE, [TOP + side, TOP]);
  const clip = uniqueId("clip");
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  const picture = svg(
    "svg",
    { width: Math.min(width, 46 + side + 12), height: TOP + side + 40, role: "img" },
    svg("clipPath", { id: clip }, svg("rect", { x: 46, y: TOP, width: side, height: side })),
    axes(x, y, { xTitle: ["A (mV)"], yTitle: ["B (mV)"], xCount: 3, yCount: 3, yAnchor: "start" }),
    heading("B against A"),
    inside,
  );
  if (p.neurons.length === 2) inside.append(svg("path", { class: "field", d: fieldArrows(p, time, x, y) }));
  const resting = hasNullclines(p) ? fixedPoints(p, time) : [];
  if (hasNullclines(p)) {
    const along = Array.from({ length: 121 }, (_, k) => RANGE[0] + (k / 120) * (RANGE[1] - RANGE[0]));
    inside.append(
      svg("path", {
        class: "nullcline first",
        d: linePath(along.map((xB) => [x(rest(p, 0, xB, time)), y(xB)])),
      }),
      svg("path", {
        class: "nullcline second",
        d: linePath(along.map((xA) => [x(xA), y(rest(p, 1, xA, time))])),
      }),
    );
  }
  inside.append(svg("path", { class: "path", d: linePath(states.map(([a, b]) => [x(a), y(b)])) }));
  for (const {
    x: [a, b],
    stable,
  } of resting) {
    inside.append(svg("circle", { class: stable ? "rest stable" : "rest", cx: x(a), cy: y(b), r: 5.5 }));
  }
  const [start, now] = [states[0], nowOf(p, states, time)];
  inside.append(
    svg("path", { class: "start", d: `M${x(start[0]) - 5},${y(start[1]) - 5}l10,10m0,-10l-10,10` }),
    svg("circle", { class: "state", cx: x(now[0]), cy: y(now[1]), r: 9 }), // a ring: what rests there is seen
  );
  const stable = resting.filter((point) => point.stable).length;
  picture.setAttribute(
    "aria-label",
    `The plane of A and B at ${number(time)} ms` +
      (resting.length ? `: ${stable} stable and ${resting.length - stable} unstable resting points` : "") +
      `; now at A = ${number(now[0], 3)}, B = ${number(now[1], 3)}.`,
  );
  return { picture, x, y };
}

/** The resting potentials of A against the strength of both synapses, and where that stands now. */
export function drawDiagram(rows, strength, width, height, pulsed) {
  const w = linear([0, rows.at(-1).strength], [46, width - 12]);
  const x = linear(RANGE, [TOP + height, TOP]);
  const dots = rows.flatMap(({ strength: at, points }) =>
    points.map((point) =>
      svg("circle", {
        class: point.stable ? "branch stable" : "branch",
        cx: w(at),
        cy: pixel(x(point.x[0])),
        r: 2,
      }),
    ),
  );
  const high = rows.at(-1).points.every((point) => point.x[0] > -45);
  const free = high ? TOP + height - 20 : TOP + 12; // where no branch runs
  const forked = rows.find(({ points }) => points.length > 1);
  const picture = svg(
    "svg",
    {
      width,
      height: TOP + height + 40,
      role: "img",
      "aria-label": `Where A rests, against the weight of both synapses: one resting point${forked ? `, and from ${number(forked.strength, 2)} nanosiemens on three` : ""}.`,
    },
    axes(w, x, {
      xTitle: [...svgSymbol("w"), " of both (nS)"],
      yTitle: ["A rests at (mV)"],
      yAnchor: "start",
      yCount: 3,
    }),
    heading("Where A rests"),
    dots,
    svg("line", { class: "cursor", x1: w(strength), x2: w(strength), y1: TOP, y2: TOP + height }),
    svg("path", { class: "slide", d: `M${w(strength) - 8},${TOP + height - 12}h16l-8,11Z` }),
    svg("text", { class: "note", x: w.range[1], y: free, "text-anchor": "end" }, pulsed && `while ${pulsed} is pulsed`),
  );
  return { picture, w };
}

/** Short strokes along the flow, each from its grid point towards where the state goes. */
function fieldArrows(p, time, x, y) {
  const step = (RANGE[1] - RANGE[0]) / ARROWS;
  const grid = Array.from({ length: ARROWS }, (_, k) => RANGE[0] + (k + 0.5) * step);
  return grid
    .flatMap((a) =>
      grid.map((b) => {
        const [da, db] = rates(p, [a, b], time);
        const speed = Math.hypot(da, db) || 1;
        const long = 0.42 * step * Math.min(1, 0.35 + speed / 20);
        const [dx, dy] = [x(a + (da / speed) * long) - x(a), y(b + (db / speed) * long) - y(b)];
        const [ex, ey] = [x(a) + dx, y(b) + dy];
        const head = (turn) =>
          `M${pixel(ex)},${pixel(ey)}l${pixel(-0.35 * (dx * Math.cos(turn) - dy * Math.sin(turn)))},` +
          `${pixel(-0.35 * (dx * Math.sin(turn) + dy * Math.cos(turn)))}`;
        return `M${pixel(x(a) - dx)},${pixel(y(b) - dy)}L${pixel(ex)},${pixel(ey)}${head(0.5)}${head(-0.5)}`;
      }),
    )
    .join("");
}
