// The frame of "Stack the sigmoids", and what is written in it.

import { number, pixel, svg, svgSymbol, ticks } from "./kit.js";
import { PLACES } from "./sigmoid_math.js";

export const [TOP, HEIGHT] = [16, 320];
/** @type {[number, number]} */
export const RANGE = [-1.6, 1.6];

/** A ring's name beside it: right of it or left, so high that its own curve does not run through it. */
export function sit(name, right, y) {
  name.setAttribute("text-anchor", right ? "start" : "end");
  name.setAttribute("x", right ? "11" : "-11");
  name.setAttribute("y", String(y));
}

/** Where curves, [[name, values], ...], leave the picture: their names, and how far they go. */
export function leaves(curves, { x, y }) {
  const [low, high] = RANGE;
  const count = { "↓": 0, "↑": 0 };
  const note = (name, values, far) => {
    const way = far < 0 ? "↓" : "↑";
    const out = PLACES.find((_, k) => values[k] * far > 0 && (values[k] < low || values[k] > high));
    const text = `${way} ${name} to ${number(far, 2)}`;
    const line = 16 * count[way]++;
    const at = pixel(Math.min(x(out) + 8, x(1) - 7 * text.length));
    return svg("text", { x: at, y: far < 0 ? y(low) - 28 - line : y(high) + 44 + line }, text);
  };
  return curves.flatMap(([name, values]) =>
    [Math.min(...values), Math.max(...values)]
      .filter((far) => far < low || far > high)
      .map((far) => note(name, values, far)),
  );
}

export function frame({ x, y }) {
  const [left, right] = x.range;
  return [
    ...ticks(-1, 1, 2).map((value) =>
      svg(
        "g",
        {},
        svg("line", { class: value === 0 ? "tick" : "grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
        svg("text", { x: left - 14, y: y(value), dy: "0.32em", "text-anchor": "end" }, number(value)),
      ),
    ),
    svg("rect", { class: "frame", x: left, y: TOP, width: right - left, height: HEIGHT }),
    svg("text", { x: left, y: TOP + HEIGHT + 16 }, "0"),
    svg("text", { class: "title", x: right, y: TOP + HEIGHT + 16, "text-anchor": "end" }, svgSymbol("x"), " = 1"),
  ];
}
