// A sum of sigmoid steps, its distance from a curve, and how training lessens it.
// Tested against ltcbook, whose gradient is tested against PyTorch.
//
// A step is [m, h, a]: h σ(a (x − m)); training moves a by its logarithm.

export const POINTS = 101;
export const KNOTS = 41;
export const ITERATIONS = 1200;
export const TRAINED = 3;
export const [TALLEST, GENTLEST, STEEPEST] = [3, 2, 200];
const RATE = 0.05;

/** The places in 0 to 1 where sum and curve are compared. */
export const PLACES = Array.from({ length: POINTS }, (_, k) => k / (POINTS - 1));

/** @param {number[]} step @param {number} x */
export const stepAt = ([m, h, a], x) => h / (1 + Math.exp(-a * (x - m)));

/** @param {number} floor @param {number[][]} steps @returns {number[]} */
export const stack = (floor, steps) => PLACES.map((x) => steps.reduce((sum, step) => sum + stepAt(step, x), floor));

/** The curve to draw. @param {string} target @param {number[]} drawn @returns {number[]} */
export function curve(target, drawn) {
  if (target !== "drawn") return PLACES.map((x) => Math.sin(2 * Math.PI * x * (target === "waves" ? 2 : 1)));
  return PLACES.map((x) => {
    const k = Math.min(KNOTS - 2, Math.floor(x * (KNOTS - 1)));
    const part = x * (KNOTS - 1) - k;
    return (1 - part) * drawn[k] + part * drawn[k + 1];
  });
}

/** The root of the mean squared distance. @param {number[]} a @param {number[]} b */
export const distance = (a, b) => Math.sqrt(a.reduce((sum, value, k) => sum + (value - b[k]) ** 2, 0) / a.length);

/**
 * The gradient of the mean squared error by m, h and ln a of each step, and by the floor, in a row.
 *
 * @param {number[]} values m, h, ln a of each step, then the floor @param {number[]} y the curve
 */
export function gradient(values, y) {
  const g = values.map(() => 0);
  const last = values.length - 1;
  const steps = last / 3;
  const sigma = new Array(steps);
  for (let i = 0; i < POINTS; i += 1) {
    let sum = values[last];
    for (let k = 0; k < steps; k += 1) {
      sigma[k] = stepAt([values[3 * k], 1, Math.exp(values[3 * k + 2])], PLACES[i]);
      sum += values[3 * k + 1] * sigma[k];
    }
    const residual = (2 * (sum - y[i])) / POINTS;
    g[last] += residual;
    for (let k = 0; k < steps; k += 1) {
      const bend = sigma[k] * (1 - sigma[k]) * values[3 * k + 1] * Math.exp(values[3 * k + 2]);
      g[3 * k] -= residual * bend;
      g[3 * k + 1] += residual * sigma[k];
      g[3 * k + 2] += residual * bend * (PLACES[i] - values[3 * k]);
    }
  }
  return g;
}

/** Three steps before training. Adam's state is beside the values. */
export function untrained() {
  const values = [];
  for (let k = 0; k < TRAINED; k += 1) values.push((k + 0.5) / TRAINED, k % 2 ? -0.1 : 0.1, Math.log(10));
  values.push(0);
  return { values, mean: values.map(() => 0), square: values.map(() => 0), k: 0 };
}

/** One iteration of Adam, whose learning rate falls to zero; changes `state`. @param {number[]} y */
export function train(state, y) {
  const g = gradient(state.values, y);
  state.k += 1;
  const rate = RATE * (1 - state.k / ITERATIONS);
  for (let i = 0; i < g.length; i += 1) {
    state.mean[i] = 0.9 * state.mean[i] + 0.1 * g[i];
    state.square[i] = 0.999 * state.square[i] + 0.001 * g[i] * g[i];
    const root = Math.sqrt(state.square[i] / (1 - 0.999 ** state.k)) + 1e-8;
    state.values[i] -= (rate * state.mean[i]) / (1 - 0.9 ** state.k) / root;
    if (i % 3 === 2) state.values[i] = Math.min(Math.log(STEEPEST), Math.max(Math.log(GENTLEST), state.values[i]));
  }
}

/** The steps and the floor of a training state. */
export function stepsOf({ values }) {
  const steps = [];
  for (let k = 0; k + 3 < values.length; k += 3) steps.push([values[k], values[k + 1], Math.exp(values[k + 2])]);
  return { steps, floor: values.at(-1) };
}
