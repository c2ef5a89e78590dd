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

/** Where a curve leaves the picture: its name, and how far it goes. */
export function leaves(name, values, { x, y }) {
  const [low, high] = RANGE;
  return [Math.min, Math.max].flatMap((most) => {
    const far = most(...values);
    if (far >= low && far <= high) return [];
    const out = values.map((value, k) => ((value < low || value > high) && value * far > 0 ? x(PLACES[k]) : null));
    const at = out.find((place) => place !== null);
    const down = far < 0;
    const text = `${down ? "↓" : "↑"} ${name} goes to ${number(far, 2)}`;
    const place = { x: pixel(Math.min(at + 8, x(1) - 7 * text.length)), y: y(down ? low : high) + (down ? -28 : 44) };
    return [svg("text", place, text)];
  });
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
