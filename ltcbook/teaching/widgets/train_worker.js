// Trains the two networks away from the page: it hears orders, and says what it has after each burst.

import { adamStep, begin, clock, lossAndGradient, zeros } from "./train_math.js";

/** Steps of gradient descent between two reports, and the pause after one, in milliseconds. */
const BURST = 2;
const PAUSE = 24;

let order = null;
let trainees = [];

function prepare({ names, size, start, ranges, seed }) {
  return names.map((name) => {
    const kind = { gated: name === "LTC", n: size, m: 2 };
    const memory = { mean: zeros(kind), square: zeros(kind), count: 0 };
    return { name, kind, memory, letters: begin(kind, start, ranges, seed) };
  });
}

function train() {
  const { target, implicit, unfolds, rate, steps } = order;
  const inputs = clock(target.length);
  const report = trainees.map((one) => {
    const losses = [];
    let last = null;
    for (let k = 0; k < BURST && one.memory.count <= steps; k += 1) {
      last = lossAndGradient(one.kind, one.letters, { implicit, unfolds }, inputs, target);
      losses.push(last.loss);
      if (!Number.isFinite(last.loss)) break;
      adamStep(one.letters, last.gradient, one.memory, rate);
    }
    return { name: one.name, losses, outputs: last?.outputs ?? null, stiffness: last?.stiffness ?? 0 };
  });
  const over = trainees[0].memory.count > steps || report.every((r) => !Number.isFinite(r.losses.at(-1)));
  self.postMessage({ run: order.run, report, over });
  if (over) order = null;
}

let timer = null;

function tick() {
  clearTimeout(timer);
  if (order === null) return;
  train();
  timer = setTimeout(tick, PAUSE);
}

self.onmessage = ({ data }) => {
  if (data.order === "stop") order = null;
  if (data.order === "begin") trainees = prepare(data);
  if (data.order === "begin" || data.order === "go on") order = { ...order, ...data };
  tick();
};
