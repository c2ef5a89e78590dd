// The pictures of the five networks: the diagram, the equation and the trace, all at any stop.

import { html, linear, linePath, number, pixel, svg, svgSymbol, symbol, ticks } from "./kit.js";
import { dials, trace } from "./five_networks_math.js";

/** @type {[number, number]} */
export const STATES = [-1.6, 4];
const FADE = 0.02;

const shade = (value) => (value < FADE ? "0" : (0.15 + 0.85 * value).toFixed(3));

/** The neuron with its two synapses: what each stop adds fades in. */
export function diagram() {
  const fading = (kind, ...nodes) => svg("g", { class: kind }, ...nodes);
  const synapses = ["excitatory", "inhibitory"].map((kind, j) => {
    const y = j === 0 ? 62 : 158;
    return {
      line: svg("path", { class: "line" }),
      post: fading(
        "post",
        svg("rect", { x: 22, y: y - 16, width: 13, height: 32, rx: 2 }),
        svg("text", { x: 28, y: y + (j ? 34 : -24), "text-anchor": "middle" }, j ? "−1" : "+1"),
      ),
      dot: svg("circle", { class: "dot", cx: 28, cy: y, r: 7 }),
      sigma: svg(
        "g",
        { class: "sigma", transform: `translate(88,${j ? 137 : 83})` },
        svg("rect", { x: -15, y: -13, width: 30, height: 26, rx: 5 }),
        svg("path", { d: "M-10,7C-2,7 2,-7 10,-7" }),
      ),
      kind,
      y,
    };
  });
  const memory = fading(
    "memory",
    svg("path", { d: "M203,82C240,8 130,8 161,80" }),
    svg("path", { class: "head", d: "M161,80l-9,-6l10,-5z" }),
    svg("text", { x: 182, y: 20, "text-anchor": "middle" }, "+ ", ...svgSymbol("x")),
  );
  const leak = fading(
    "leak",
    svg("path", { d: "M182,146V178" }),
    svg("path", { d: "M164,180H200M171,187H193M178,194H186" }),
    svg("text", { x: 206, y: 176 }, "leak"),
  );
  const sum = svg("text", { class: "sign", x: 182, y: 122, "text-anchor": "middle" }, "Σ");
  const flow = svg("text", { class: "sign", x: 182, y: 122, "text-anchor": "middle" }, "∫");
  const node = svg(
    "svg",
    { class: "diagram", viewBox: "0 0 250 204", width: 250, height: 204, role: "img" },
    ...synapses.map((s) => svg("g", { class: s.kind }, s.line, s.post, s.dot, s.sigma)),
    memory,
    leak,
    svg("circle", { class: "body", cx: 182, cy: 110, r: 34 }),
    sum,
    flow,
    svg("path", { class: "line out", d: "M216,110H240" }),
    svg("path", { class: "head", d: "M248,110l-11,-6v12z" }),
  );
  return {
    node,
    set(d, thinnest) {
      const flowing = Math.log(d.step) / Math.log(thinnest);
      memory.setAttribute("opacity", shade(d.carry));
      leak.setAttribute("opacity", shade(Math.min(1, 2 * d.leak)));
      sum.setAttribute("opacity", String(1 - flowing));
      flow.setAttribute("opacity", String(flowing));
      for (const s of synapses) {
        s.line.setAttribute("d", spring(35, s.y, 150, s.y < 100 ? 100 : 120, 9 * d.post));
        s.post.setAttribute("opacity", shade(d.post));
        s.dot.setAttribute("opacity", String(1 - d.post));
      }
      node.setAttribute(
        "aria-label",
        `One neuron with an exciting and an inhibiting synapse${[
          d.carry > 0.5 ? ", that keeps its state" : "",
          flowing > 0.5 ? ", in a flow" : "",
          d.leak > 0.25 ? ", with a leak" : "",
          d.post > 0.5 ? ", whose synapses are springs to anchors at +1 and −1" : "",
        ].join("")}.`,
      );
    },
  };
}

/** A line from one point to another that becomes a spring as `height` grows. */
function spring(x1, y1, x2, y2, height) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [nx, ny] = [-(y2 - y1) / length, (x2 - x1) / length];
  const points = Array.from({ length: 25 }, (_, k) => {
    const s = k / 24;
    const off = s > 0.1 && s < 0.9 ? height * (k % 2 ? 1 : -1) : 0;
    return [x1 + s * (x2 - x1) + off * nx, y1 + s * (y2 - y1) + off * ny];
  });
  return linePath(points);
}

/** The equation; each stop adds one term, and underlines it. */
export function equation() {
  const term = (kind, ...nodes) => html("span", { class: `term ${kind}` }, ...nodes);
  const v = (letter) => symbol(letter);
  const parts = {
    next: term("plain", v("x"), " ← "),
    rate: term("flow", "d", html("var", {}, "x"), "/d", html("var", {}, "t"), " = "),
    memory: term("memory", v("x"), " + "),
    leak: term("leak", "− ", v("w_l"), " ", v("x"), " + "),
    sum: term(
      "plain",
      html("span", { class: "sign" }, "Σ"),
      " ",
      v("w"),
      " σ(",
      v("a"),
      html("var", {}, "u"),
      " + ",
      v("b"),
      ") · ",
    ),
    sign: term("plain", "(±1)"),
    post: term("post excitatory", html("span", { class: "inhibitory" }, "(±1 − ", v("x"), ")")),
  };
  const node = html("p", { class: "line-equation" }, ...Object.values(parts));
  return {
    node,
    set(stop) {
      const flowing = stop > 1.5;
      const shown = {
        next: !flowing,
        rate: flowing,
        memory: !flowing && stop > FADE,
        leak: stop > 2 + FADE,
        sum: true,
        sign: stop <= 3 + FADE,
        post: stop > 3 + FADE,
      };
      const newest = { memory: stop <= 1.5, rate: flowing && stop <= 2.5, leak: stop > 2 && stop <= 3.5, post: true };
      const grown = { memory: stop, rate: 2 * (stop - 1.5), leak: stop - 2, post: stop - 3 };
      for (const [name, part] of Object.entries(parts)) {
        part.hidden = !shown[name];
        part.classList.toggle("newest", Boolean(newest[name]));
        part.style.opacity = name in grown ? String(Math.min(1, 0.25 + 0.75 * Math.max(0, grown[name]))) : "";
      }
    },
  };
}

/** Heights of the two pictures above each other, for a width: all of it fits a phone's screen. */
export const heightsFor = (width) =>
  width < 480 ? { input: 66, top: 92, plot: 150 } : { input: 78, top: 112, plot: 196 };

/** Scales of the trace for a width: time, state and loudness. */
export function scalesFor(n, width) {
  const { input, top, plot } = heightsFor(width);
  return {
    t: linear([0, n.horizon], [34, width - 10]),
    x: linear(STATES, [top + plot, top]),
    u: linear([-2, 4.2], [input, 8]),
  };
}

/** Axes, drawn once for a width. */
export function frame({ t, x, u }) {
  const [left, right] = t.range;
  const [bottom, top] = x.range;
  return [
    ...ticks(...STATES, 5).map((value) =>
      svg(
        "g",
        {},
        svg("line", { class: value === 0 ? "tick" : "grid", x1: left, x2: right, y1: x(value), y2: x(value) }),
        svg("text", { x: left - 7, y: x(value), dy: "0.32em", "text-anchor": "end" }, number(value)),
      ),
    ),
    svg("line", { class: "tick", x1: left, x2: right, y1: u(0), y2: u(0) }),
    svg("text", { class: "title", x: left, y: top - 8 }, "state ", ...svgSymbol("x")),
    svg("text", { class: "title", x: left, y: 12 }, "what it hears"),
    svg("text", { class: "title", x: right, y: bottom + 18, "text-anchor": "end" }, "time →"),
  ];
}

/** The sounds as bars up (exciting) and down (inhibiting). */
export const sounds = (n, loud, { t, u }) =>
  n.pulses.map(([j, first, last, strength], k) => {
    const size = (k === 1 ? loud : strength) * n.e[j];
    const bar = svg("rect", {
      class: "sound",
      x: pixel(t(first)),
      width: pixel(t(last) - t(first)),
      y: pixel(Math.min(u(0), u(size))),
      height: pixel(Math.abs(u(size) - u(0))),
    });
    const named = [
      { x: pixel(t(first)), y: u(size) - 5 },
      null,
      { x: pixel(t(first) - 6), y: u(0) + 14, "text-anchor": "end" },
    ][k];
    const name = named && svg("text", { class: "kind", ...named }, j === 0 ? "excites" : "inhibits");
    return svg("g", { class: j === 0 ? "excitatory" : "inhibitory" }, bar, name);
  });

/** The trace as it is: constant between two steps, a line where steps are thin. */
export function path(n, stop, loud, { t, x }) {
  const points = trace(n, stop, loud);
  const corners = points.flatMap(([time, state], k) => {
    const until = Math.min(n.horizon, points[k + 1]?.[0] ?? n.horizon);
    return [
      [t(Math.min(n.horizon, time)), x(state)],
      [t(until), x(state)],
    ];
  });
  return linePath(corners);
}

/** Dots at the steps, while there are few. */
export const dots = (n, stop, loud, { t, x }) => {
  const { step } = dials(n, stop);
  const opacity = Math.max(0, Math.min(1, (step - 0.12) * 3)).toFixed(2);
  if (Number(opacity) === 0) return [];
  return trace(n, stop, loud)
    .filter(([time]) => time <= n.horizon)
    .map(([time, state]) => svg("circle", { class: "step", cx: pixel(t(time)), cy: pixel(x(state)), r: 3, opacity }));
};
