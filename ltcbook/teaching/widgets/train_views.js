// The pictures of "Train one here".

import { axes, linePath, linear, number, pixel, svg, svgSymbol, uniqueId } from "./kit.js";

export const ERRORS = [-5, 1]; // powers of ten

export const legal = ({ target, start, solver, unfolds, seed }) =>
  target.length === 40 &&
  target.every((y) => Math.abs(y) <= 1.2) &&
  ["midpoint", "scaled"].includes(start) &&
  ["explicit", "semi-implicit"].includes(solver) &&
  [unfolds, seed].every(Number.isInteger) &&
  unfolds >= 1 &&
  unfolds <= 8 &&
  seed >= 0 &&
  seed <= 9;
export const HEIGHTS = [-1.2, 1.2];
export const MODELS = ["LTC", "CT-RNN"];

const CLASSES = { LTC: "ltc", "CT-RNN": "ctrnn" };

export function drawCurves(target, { curves, going, pen, hint }, width) {
  const [left, top, height] = [40, 24, width < 420 ? 190 : 230];
  const t = linear([0, target.length - 1], [left, width - 10]);
  const y = linear(HEIGHTS, [top + height, top]);
  const clip = uniqueId("clip");
  const line = (values) => linePath(values.map((value, k) => [t(k), y(Math.max(-9, Math.min(9, value)))]));
  const shown = curves ? MODELS.filter((name) => curves[name].outputs?.every(Number.isFinite)) : [];
  const picture = svg(
    "svg",
    {
      width,
      height: top + height + 40,
      role: "img",
      "aria-label":
        `The curve to learn, from ${number(target[0], 2)} to ${number(target.at(-1), 2)}, at the pen ${number(target[pen], 2)}` +
        (shown.length ? `, and what ${shown.join(" and ")} make of it.` : "."),
    },
    svg("clipPath", { id: clip }, svg("rect", { x: left, y: top, width: width - left - 10, height })),
    axes(t, y, {
      xTitle: ["time ", ...svgSymbol("t")],
      yTitle: svgSymbol("y"),
      xCount: 4,
      yCount: 4,
      yAnchor: "end",
    }),
    svg("path", { class: "target", d: line(target) }),
    svg(
      "g",
      { "clip-path": `url(#${clip})` },
      shown.map((name) => svg("path", { class: `output ${CLASSES[name]}`, d: line(curves[name].outputs) })),
    ),
    hint && curves === null && !going
      ? svg(
          "text",
          { class: "hint", x: (left + width) / 2, y: top + height - 14, "text-anchor": "middle" },
          "draw your own curve over this one",
        )
      : svg("g"),
  );
  return { picture, t, y };
}

export function drawLosses(curves, other, steps, { width, height }) {
  const [left, top] = [44, 24];
  const k = linear([0, steps], [left, width - 58]); // the names stand beside it
  const error = linear(ERRORS, [top + height, top]);
  const group = svg("g", { class: "axes" });
  for (let power = ERRORS[0]; power <= ERRORS[1]; power += 2) {
    group.append(
      svg("line", { class: "grid", x1: left, x2: width - 58, y1: error(power), y2: error(power) }),
      svg(
        "text",
        { x: left - 8, y: error(power), dy: "0.32em", "text-anchor": "end" },
        "10",
        svg("tspan", { dy: "-0.5em", "font-size": "85%" }, String(power).replace("-", "−")),
      ),
    );
  }
  const line = (losses) =>
    linePath(
      losses
        .filter(Number.isFinite)
        .map((loss, step) => [k(step), error(Math.max(ERRORS[0], Math.min(ERRORS[1], Math.log10(loss))))]),
    );
  const end = (name) => curves[name].losses.findLast(Number.isFinite);
  const some = curves && MODELS.every((name) => curves[name].losses.some(Number.isFinite));
  return svg(
    "svg",
    {
      width,
      height: top + height + 40,
      role: "img",
      "aria-label": some
        ? `Mean squared error against training steps, on a logarithmic axis: LTC ${number(end("LTC"), 2)}, CT-RNN ${number(end("CT-RNN"), 2)} after ${curves.LTC.losses.length - 1} steps.`
        : "Mean squared error against training steps: nothing is trained yet.",
    },
    group,
    axes(k, error, { xTitle: ["training steps"], xCount: 3, yCount: 0 }),
    svg("text", { class: "title", x: left, y: top - 10 }, "error"),
    other ? svg("path", { class: "loss ctrnn before", d: line(other["CT-RNN"].losses) }) : svg("g"),
    some
      ? MODELS.map((name) => svg("path", { class: `loss ${CLASSES[name]}`, d: line(curves[name].losses) }))
      : svg("g"),
    some
      ? lossLabels(
          (name) => error(Math.max(ERRORS[0], Math.min(ERRORS[1], Math.log10(end(name))))),
          width - 54,
          top + height,
        )
      : svg("g"),
  );
}

/** The models' names beside the picture, as high as their curves end, in their colours: no curve runs there. */
function lossLabels(at, x, lowest) {
  const lower = [...MODELS].sort((p, q) => at(q) - at(p));
  let free = lowest;
  return lower.map((name) => {
    const y = Math.min(at(name) + 5, free);
    free = y - 16;
    return svg("text", { class: `name ${CLASSES[name]}`, x, y: pixel(y) }, name);
  });
}
