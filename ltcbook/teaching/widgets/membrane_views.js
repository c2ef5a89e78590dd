// The two pictures of the membrane stepper. They share their height, so levels line up:
// left, the pulls of leak and synapses, head to tail; right, the trace of all methods.

import { arrow, axes, linear, linePath, number, pixel, svg, svgSymbol, uniqueId } from "./kit.js";
import { METHODS, SCALES, branches, linearForm, next, polarity, pulls } from "./membrane_math.js";

export const METHOD_NAMES = {
  explicit: "explicit Euler",
  semi_implicit: "semi-implicit Euler",
  exponential: "exponential Euler",
};

const TOP = 28;
const BARS = 66;
const LARGEST_BAR = 3;
const MARGIN = 36; // beside the ladder, for the names of its levels
const SHOWN_STEPS = 60;
const SIZE = 4.5;

const MARKERS = {
  explicit: (x, y) => `M${x - SIZE},${y}a${SIZE},${SIZE} 0 1 0 ${2 * SIZE},0a${SIZE},${SIZE} 0 1 0 ${-2 * SIZE},0Z`,
  semi_implicit: (x, y) => `M${x - SIZE},${y - SIZE}h${2 * SIZE}v${2 * SIZE}h${-2 * SIZE}Z`,
  exponential: (x, y) => `M${x},${y - 1.3 * SIZE}L${x + 1.2 * SIZE},${y + SIZE}H${x - 1.2 * SIZE}Z`,
};
const diamond = (x, y) => `M${x},${y - 9}L${x + 9},${y}L${x},${y + 9}L${x - 9},${y}Z`;

/** The potentials worth showing: all levels the neuron is pulled to, with room to overshoot. */
export function potentialRange(p, x0) {
  // The scale's own levels are always in view, so that the axis stands still while an anchor is dragged.
  const { rest, excitatory, inhibitory } = SCALES[p.scale];
  const levels = [rest, excitatory, inhibitory, p.e_l, x0, ...p.synapses.map((s) => s.e)];
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const room = 0.2 * (high - low || 1);
  return [low - room, high + room];
}

/** The potentials that the last rows take, with a little room: what zooming in shows. */
export function zoomedRange(p, history) {
  const rows = history.slice(-3);
  const [low, high] = potentialRange(p, rows[0].exact);
  const values = rows
    .flatMap((row) => [...METHODS.map((name) => row[name]), row.exact])
    .filter((x) => x >= low && x <= high);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(0.25 * (most - least), 0.005 * (high - low));
  return [least - room, most + room];
}

const marker = (method, x, y, filled) =>
  svg("path", { class: `marker ${method}${filled ? " filled" : ""}`, d: MARKERS[method](x, y) });

/** A small sample of a method's line and marker, for the legend. */
export const methodSample = (method) =>
  svg(
    "svg",
    { class: "sample", width: 40, height: 14, "aria-hidden": "true" },
    svg("path", { class: `trace ${method}`, d: "M1,7H39" }),
    METHODS.includes(method) ? marker(method, 20, 7, true) : "",
  );

/** What can be dragged has a ring, wide enough for a finger. */
const ring = (cx, cy) => [
  svg("circle", { class: "ring", cx, cy: pixel(cy), r: 4.5 }),
  svg("circle", { class: "reach", cx, cy: pixel(cy), r: 16 }),
];

/** The currents as arrows, head to tail up to the equilibrium, the coming step beside them, and under them the conductances as bars. */
export function drawLadder({ p, x, range, zoomed, method, width, height: plot, unit, hideStep }) {
  const all = branches(p, x);
  const kinds = all.map(({ e }, k) => (k === 0 ? "leak" : polarity(e, p.e_l)));
  const left = 50;
  const column = Math.max(36, (width - left - MARGIN) / (all.length + 1));
  const total = Math.max(width, left + column * (all.length + 1) + MARGIN);
  const y = linear(range, [TOP + plot, TOP]);
  const centre = (k) => left + column * (k + 0.5);
  const right = left + column * (all.length + 1);
  const clip = uniqueId("clip");

  const picture = svg("svg", { width: total, height: TOP + plot + BARS + 58, role: "img" });
  picture.append(
    svg("clipPath", { id: clip }, svg("rect", { x: left, y: TOP, width: right - left, height: plot })),
    axes(linear([0, 1], [left, right]), y, { xCount: 0, yTitle: potentialTitle(unit) }),
  );
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  picture.append(inside);
  const names = svg("g", { "clip-path": `url(#${clip})` }); // over all lines, so that none strikes them through
  const name = (x, y, ...text) =>
    names.append(svg("text", { class: "name", x, y: pixel(y), "text-anchor": "middle" }, ...text));
  const end = next(p, x, method);
  /** @type {any[][]} */
  const marks = [[y(x), "now"]];
  if (!hideStep) {
    const { rate, drive } = linearForm(p, x);
    if (rate > 0) {
      const height = y(drive / rate);
      marks.push([height, svgSymbol("x_∞")]);
      inside.append(svg("line", { class: "equilibrium", x1: left, x2: right, y1: height, y2: height }));
    }
    let running = x;
    pulls(p, x).forEach((part, k) => {
      const to = running + part;
      inside.append(
        svg("line", { class: "link", x1: centre(k), x2: centre(k + 1), y1: pixel(y(to)), y2: pixel(y(to)) }),
        arrow(centre(k), y(running), y(to), { class: `current ${kinds[k]}`, width: 10 }),
      );
      if (Math.abs(y(to) - y(running)) > 2) {
        const middle = (y(running) + y(to)) / 2;
        const anchor = y(all[k].e); // whose bar and name a name shall not lie on
        const free = middle > anchor - 22 && middle < anchor + 12 ? anchor + 15 : middle;
        name(centre(k) + 19, free + 4, ...svgSymbol(k === 0 ? "i_l" : `i_${k}`));
      }
      running = to;
    });
    inside.append(arrow(centre(all.length), y(x), y(end), { class: `sum ${method}`, width: 10 }));
    if (Math.abs(y(end)) < 1e4) inside.append(marker(method, centre(all.length), y(end), true));
    marks.push([y(end), "next"]);
  }
  inside.append(svg("line", { class: "now", x1: left, x2: right, y1: pixel(y(x)), y2: pixel(y(x)) }));
  if (Math.abs(y(x)) < 1e4) inside.append(svg("circle", { class: "ball", cx: centre(all.length), cy: y(x), r: 4 }));
  picture.append(...all.map(({ e }, k) => level(centre(k), y(e), column, k, kinds[k])));
  if (y(x) > TOP - 1 && y(x) < TOP + plot + 1)
    picture.append(svg("g", { class: "potential" }, ...ring(right - 4, y(x))));
  picture.append(
    names,
    ...levelNames(marks, right + 6, plot),
    svg("text", { class: "strong", x: right, y: TOP - 9, "text-anchor": "end" }, "pulls, and the next step"),
    conductances(all, kinds, centre, column, left, right, plot),
  );
  if (zoomed) {
    // A bracket says which part of these potentials the trace shows.
    const [low, high] = zoomed.map((value) => y(value));
    picture.append(svg("path", { class: "bracket", d: `M${right - 6},${pixel(low)}h6V${pixel(high)}h-6` }));
  }
  picture.setAttribute("aria-label", describeLadder(all, x, end, method, unit, hideStep));
  return { picture, y, centre, column, bars: barScale(all, plot), count: all.length };
}

/** What stands at which height, beside the picture, where no line runs through it. */
function levelNames(marks, x, plot) {
  let last = TOP - 20;
  const inside = marks.filter(([at]) => at > TOP - 4 && at < TOP + plot + 4).sort(([p], [q]) => p - q);
  return inside.map(([at, text]) => {
    last = Math.max(at, last + 14);
    return svg("text", { class: "side", x, y: pixel(last), dy: "0.35em" }, text);
  });
}

const potentialTitle = (unit) => [...svgSymbol("x"), unit ? ` (${unit})` : ""];

function level(x, y, column, k, kind) {
  const half = column * 0.36;
  return svg(
    "g",
    { class: `level ${kind}` },
    svg("line", { x1: x - half, x2: x + half, y1: y, y2: y }),
    svg("text", { x: x - half, y: y - 8 }, ...svgSymbol(k === 0 ? "e_l" : `e_${k}`)),
    ...ring(x + half, y),
  );
}

/** Conductances to heights of the pictures' pixels: the same scale unless one is larger. */
export function barScale(all, plot) {
  const base = TOP + plot + 36 + BARS;
  return linear([0, Math.max(LARGEST_BAR, ...all.map(({ w }) => w))], [base, base - BARS]);
}

/** Outline: the maximum conductance w. Filled: the part that is open now. */
function conductances(all, kinds, centre, column, left, right, plot) {
  const bars = barScale(all, plot);
  const base = bars(0);
  const height = (value) => base - bars(value);
  const half = Math.min(16, column * 0.34);
  const group = svg(
    "g",
    { class: "conductances" },
    svg(
      "text",
      { class: "strong", x: right, y: TOP + plot + 20, "text-anchor": "end" },
      "conductances (dotted: fully open)",
    ),
    svg("line", { class: "frame", x1: left, x2: right, y1: base, y2: base }),
  );
  all.forEach(({ w, g }, k) => {
    const x = centre(k) - half;
    group.append(
      svg("rect", { class: "bar-limit", x, y: base - height(w), width: 2 * half, height: height(w) }),
      svg("rect", { class: `bar ${kinds[k]}`, x, y: base - height(g), width: 2 * half, height: height(g) }),
      svg("text", { x: centre(k), y: base - height(w) - 8, "text-anchor": "middle" }, number(g, 3)),
      svg("text", { x: centre(k), y: base + 16, "text-anchor": "middle" }, k === 0 ? "leak" : `synapse ${k}`),
      ...(k === 0 ? [] : ring(x, base - height(g))),
      ...ring(x + 2 * half, base - height(w)),
    );
  });
  group.append(svg("text", { x: centre(all.length), y: base + 16, "text-anchor": "middle" }, "step"));
  // Narrow columns have room for the number alone.
  if (column < 66)
    for (const one of group.querySelectorAll("text")) one.textContent = one.textContent.replace("synapse ", "");
  return group;
}

function describeLadder(all, x, end, method, unit, hideStep) {
  const spoken = (value) => `${number(value)} ${unit}`.trim();
  const parts = all.map(
    ({ g, e }, k) => `${k === 0 ? "leak" : `synapse ${k}`}: conductance ${number(g, 3)}, pulls towards ${spoken(e)}`,
  );
  const step = hideStep ? "" : ` With ${METHOD_NAMES[method]} the next potential is ${spoken(end)}.`;
  return `Currents at the potential ${spoken(x)}. ${parts.join("; ")}.${step}`;
}

/** The trace: the exact curve, the points of each method, the run before, and the prediction. */
export function drawTrace({
  p,
  range,
  zoomed,
  history,
  ghost,
  method,
  width,
  height: plot,
  unit,
  timeUnit,
  guess,
  revealed,
  hideStep,
  preview,
}) {
  const rows = history.slice(zoomed ? -3 : -SHOWN_STEPS - 1);
  const start = rows[0].t;
  const last = rows.at(-1);
  const end = Math.max(last.t + p.dt, start + (zoomed ? 3 : 12) * p.dt);
  const t = linear([start, end], [50, width - 14]);
  const y = linear(zoomed ?? range, [TOP + plot, TOP]);
  const clip = uniqueId("clip");
  const picture = svg("svg", { width, height: TOP + plot + 40, role: "img" });
  picture.append(
    svg("clipPath", { id: clip }, svg("rect", { x: 43, y: TOP - 6, width: width - 50, height: plot + 12 })),
    axes(t, y, {
      xTitle: [...svgSymbol("t"), timeUnit ? ` (${timeUnit})` : ""],
      yTitle: potentialTitle(unit),
    }),
    svg("text", { class: "strong", x: width - 14, y: TOP - 9, "text-anchor": "end" }, "potential over time"),
  );
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  picture.append(inside);

  const { rate, drive } = linearForm(p, last[method]);
  if (rate > 0 && !hideStep) {
    const height = y(drive / rate);
    inside.append(svg("line", { class: "equilibrium", x1: t.range[0], x2: t.range[1], y1: height, y2: height }));
    if (height > TOP && height < TOP + plot) {
      picture.append(
        svg("text", { class: "mark", x: t.range[1], y: height - 6, "text-anchor": "end" }, ...svgSymbol("x_∞")),
      );
    }
  }
  const points = (list, name) => list.map((row) => [t(row.t), y(row[name])]);
  inside.append(svg("path", { class: "ghost", d: linePath(points(ghost, method)) }));
  inside.append(svg("path", { class: "trace exact", d: linePath(exactPoints(rows, t, y)) }));
  const order = [...METHODS.filter((name) => name !== method), method];
  for (const name of order) {
    const chosen = name === method ? " chosen" : "";
    inside.append(svg("path", { class: `trace ${name}${chosen}`, d: linePath(points(rows, name)) }));
    for (const [px, py] of points(rows, name)) {
      if (Math.abs(py) < 1e4) inside.append(marker(name, px, py, chosen !== ""));
    }
    picture.append(offScale(name, last, t, y, plot));
  }
  for (const name of preview ? order : []) {
    const [px, py] = [t(preview.t), y(preview[name])];
    if (Math.abs(py) < 1e4) inside.append(svg("g", { class: "preview" }, marker(name, px, py, name === method)));
  }
  if (revealed) inside.append(revealedGuess(revealed, t(revealed.t), y));
  if (guess !== null) {
    const at = t(last.t + p.dt);
    inside.append(
      svg("line", { class: "aim", x1: t(last.t), y1: pixel(y(last[method])), x2: at, y2: y(guess) }),
      svg("line", { class: "rail", x1: at, x2: at, y1: TOP, y2: TOP + plot }),
    );
    picture.append(svg("path", { class: "guess", d: diamond(at, y(guess)) }));
  }
  if (history.length === 1 && guess === null) picture.append(invitation(t(p.dt), y(last.exact), plot));
  picture.setAttribute("aria-label", describeTrace(history, last, unit, timeUnit));
  return { picture, y };
}

/** Where the first point will be, before there is one. */
function invitation(x, y, plot) {
  const low = y > TOP + plot / 2;
  return svg(
    "g",
    { class: "invite" },
    svg("line", { class: "rail", x1: x, x2: x, y1: TOP, y2: TOP + plot }),
    svg("text", { x: x + 8, y: pixel(low ? TOP + 30 : TOP + plot - 14) }, "← the step leads here"),
  );
}

function exactPoints(rows, t, y) {
  const points = [[t(rows[0].t), y(rows[0].exact)]];
  rows.slice(1).forEach((row, n) => {
    const from = rows[n].t;
    row.path.forEach((x, k) => {
      points.push([t(from + ((row.t - from) * (k + 1)) / row.path.length), y(x)]);
    });
  });
  return points;
}

/** An arrow at the frame for a method whose potential has left the picture. */
function offScale(name, last, t, y, plot) {
  const value = last[name];
  const [low, high] = y.domain;
  if (value >= low && value <= high) return "";
  const up = value > high;
  const edge = up ? TOP : TOP + plot;
  return svg(
    "g",
    { class: `off-scale ${name}` },
    arrow(t(last.t), edge + (up ? 16 : -16), edge + (up ? -4 : 4), { width: 4 }),
    svg("text", { x: t(last.t) - 12, y: edge + (up ? 12 : -5), "text-anchor": "end" }, number(value, 3)),
  );
}

function revealedGuess({ guess, actual }, x, y) {
  return svg(
    "g",
    { class: "revealed" },
    svg("line", { x1: x, x2: x, y1: y(guess), y2: pixel(y(actual)) }),
    svg("path", { d: diamond(x, y(guess)) }),
  );
}

function describeTrace(history, last, unit, timeUnit) {
  const spoken = (value) => `${number(value)} ${unit}`.trim();
  const values = METHODS.map((name) => `${METHOD_NAMES[name]} ${spoken(last[name])}`).join(", ");
  return (
    `Membrane potential against time after ${history.length - 1} steps, ` +
    `t = ${number(last.t)} ${timeUnit}`.trim() +
    `: ${values}; exact ${spoken(last.exact)}.`
  );
}
