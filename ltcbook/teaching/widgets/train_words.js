// What "Train one here" says of its state, and the curves that it offers.

import { number } from "./kit.js";

/** Curves to begin with: {name: values}. */
export function examples(length) {
  const times = Array.from({ length }, (_, k) => k / (length - 1));
  const hill = (t, at, width) => Math.exp(-(((t - at) / width) ** 2));
  const rounded = (curve) => times.map((t) => Number(curve(t).toFixed(3)));
  return {
    "two hills": rounded((t) => 0.9 * hill(t, 0.25, 0.09) + 0.6 * hill(t, 0.7, 0.12) - 0.3),
    wave: rounded((t) => 0.7 * Math.sin(4 * Math.PI * t)),
    step: rounded((t) => (t > 0.5 ? 0.6 : -0.4)),
    flat: rounded(() => 0),
  };
}

/** The curve pulled to `value` at `at`, and its neighbours with it. */
export function bump(target, at, value) {
  const pull = value - target[at];
  return target.map((y, k) => {
    const moved = y + pull * Math.exp(-(((k - at) / 2) ** 2));
    return Number(Math.max(-1.2, Math.min(1.2, moved)).toFixed(3));
  });
}

/** What a constant at the curve's mean would have as its error. */
export function constantError(target) {
  const mean = target.reduce((sum, y) => sum + y, 0) / target.length;
  return target.reduce((sum, y) => sum + (y - mean) ** 2, 0) / target.length;
}

/** One sentence or three on where things stand. */
export function verdictOf({ start, solver, going, over, failed, curves, steps, target, finished }) {
  if (failed)
    return "This browser does not allow the piece to compute beside the page, so nothing can be trained here.";
  if (curves === null) {
    return "Two networks hear a clock's hand go round once, and are to draw your curve while it does. Which one learns it?";
  }
  const [ltc, ctrnn] = ["LTC", "CT-RNN"].map((name) => curves[name].losses.at(-1));
  if (ltc === undefined) return "Training begins.";
  const broken = ["LTC", "CT-RNN"].filter(
    (name) => !Number.isFinite(curves[name].losses.at(-1)) || curves[name].losses.at(-1) > 1e3,
  );
  if (broken.length) return explosion(broken, curves, solver);
  const scale = `A constant at the curve’s mean would have ${number(constantError(target), 2)}.`;
  const errors = `error of the LTC ${number(ltc, 2)}, of the CT-RNN ${number(ctrnn, 2)}`;
  if (!over)
    return `${going ? "Step" : "Paused at step"} ${curves.LTC.losses.length - 1} of ${steps}: ${errors}. ${scale}`;
  return `After ${steps} steps: ${errors}. ${conclusion(start, ltc, ctrnn, finished) || scale}`;
}

function explosion(broken, curves, solver) {
  const most = Math.max(...broken.map((name) => curves[name].stiffness));
  const why =
    solver === "explicit" && most > 2
      ? `Δt times the largest decay has reached ${number(most, 2)}; above 2 an explicit step overshoots by more than it was off.`
      : "Its states have grown beyond all measure.";
  return `The ${broken.join(" and the ")} exploded after ${Math.max(...broken.map((name) => curves[name].losses.length - 1))} steps. ${why}`;
}

/** How much of the gap between the two networks was the start; asks for the other start first. */
function conclusion(start, ltc, ctrnn, finished) {
  const error = (which) => finished.get(which)?.["CT-RNN"].losses.at(-1);
  const [midpoint, scaled] = [error("midpoint"), error("scaled")];
  if (midpoint === undefined || scaled === undefined) {
    if (!finished.size) return "";
    if (start === "midpoint" && ctrnn > 2 * ltc) {
      return `The CT-RNN is ${number(ctrnn / ltc, 2)} times as far off. Is that the model, or where it started? Switch the start to scaled and train again.`;
    }
    return `Now switch the start to ${start === "midpoint" ? "scaled" : "midpoint"} and train again.`;
  }
  const both = `The CT-RNN came to ${number(midpoint, 2)} from the midpoint start and to ${number(scaled, 2)} from the scaled one.`;
  if (midpoint <= ltc) return `${both} With this curve and this draw there was no gap for the start to explain.`;
  const share = (midpoint - scaled) / (midpoint - ltc);
  if (share >= 1) return `${both} The start was the whole of its gap to the LTC.`;
  if (share <= 0) return `${both} With this curve and this draw the start was none of its gap to the LTC.`;
  return `${both} The start was ${number(100 * share, 2)} % of its gap to the LTC.`;
}
