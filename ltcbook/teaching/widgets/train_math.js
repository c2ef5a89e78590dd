// An LTC or a CT-RNN with synaptic activation and synaptic input (B.15, and B.12 without a gate, in mode v), run over
// one sequence, and its gradient by the hand-derived adjoint of ltcbook/kernels/cpu/scan.py.
// Pure functions, tested against the package's models and PyTorch's autograd. With λ for the
// gradient of a state,
//
//   explicit       x' = x + dt (drive − decay x)         λ = λ' (1 − dt decay) + …
//                  drive̅ = dt λ'                         decay̅ = −dt x λ'
//   semi-implicit  x' = (x + dt drive) / (1 + dt decay)  f = λ' / (1 + dt decay),  λ = f + …
//                  drive̅ = dt f                          decay̅ = −dt x' f
//
// where … is what comes back through the activations.

/** @typedef {{ gated: boolean, n: number, m: number }} Kind gated: an LTC, with σ and (e − x) */
/** @typedef {{ implicit: boolean, unfolds: number }} Solver */
/** @typedef {Record<string, Float64Array>} Letters */
/** @typedef {{ [name: string]: number[] }} Ranges */

/**
 * The names of a network's parameters and how many numbers each holds.
 * @param {Kind} kind
 * @returns {[string, number][]}
 */
export function parameterSizes({ gated, n, m }) {
  const letters = gated ? ["w", "b", "a", "e"] : ["w", "b", "a"];
  return [
    ...letters.map((letter) => /** @type {[string, number]} */ ([`recurrent.${letter}`, n * n])),
    ...letters.map((letter) => /** @type {[string, number]} */ ([`sensory.${letter}`, n * m])),
    ["w_l", n],
    ["readout.weight", n],
    ["readout.bias", 1],
  ];
}

/** Letters that may not become negative in an LTC: conductances and slopes. */
const CONSTRAINED = ["recurrent.w", "recurrent.a", "sensory.w", "sensory.a", "w_l"];

/**
 * All parameters, zero.
 * @param {Kind} kind
 * @returns {Letters}
 */
export const zeros = (kind) =>
  Object.fromEntries(parameterSizes(kind).map(([name, size]) => [name, new Float64Array(size)]));

/**
 * Random numbers in [0, 1) that a seed fixes (Mulberry32).
 * @param {number} seed
 */
export function randomNumbers(seed) {
  let state = (seed + 1) * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z = (z + Math.imul(z ^ (z >>> 7), z | 61)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Where training starts: B's Table 2 with b read as a midpoint. A CT-RNN's strengths get a sign at
 * random, and in the scaled start are divided by √(number of senders), for it adds its currents up.
 * @param {Kind} kind
 * @param {"midpoint" | "scaled"} start
 * @param {Ranges} ranges
 * @param {number} seed
 */
export function begin(kind, start, ranges, seed) {
  const random = randomNumbers(seed);
  const between = (/** @type {number[]} */ [low, high]) => low + (high - low) * random();
  const letters = zeros(kind);
  for (const [layer, senders] of /** @type {[string, number][]} */ ([
    ["recurrent", kind.n],
    ["sensory", kind.m],
  ])) {
    const scale = start === "scaled" ? 1 / Math.sqrt(senders) : 1;
    for (let k = 0; k < letters[`${layer}.w`].length; k += 1) {
      const sign = random() < 0.5 ? -1 : 1;
      letters[`${layer}.w`][k] = between(ranges.strength) * (kind.gated ? 1 : sign * scale);
      letters[`${layer}.b`][k] = -between(ranges.midpoint);
      letters[`${layer}.a`][k] = between(ranges.slope);
      if (kind.gated) letters[`${layer}.e`][k] = ranges.reversal[sign < 0 ? 0 : 1];
    }
  }
  const bound = 1 / Math.sqrt(kind.n);
  letters.w_l.forEach((_, k) => {
    letters.w_l[k] = between(ranges.leak);
  });
  letters["readout.weight"].forEach((_, k) => {
    letters["readout.weight"][k] = between([-bound, bound]);
  });
  letters["readout.bias"][0] = between([-bound, bound]);
  return letters;
}

/**
 * Put what is below its bound back onto it, in place, as the package does before it uses a parameter.
 * @param {Kind} kind
 * @param {Letters} letters
 */
function project(kind, letters) {
  for (const name of kind.gated ? CONSTRAINED : []) {
    letters[name].forEach((value, k) => {
      letters[name][k] = Math.max(0, value);
    });
  }
  return letters;
}

const activation = (gated, z) => (gated ? 1 / (1 + Math.exp(-z)) : Math.tanh(z));
const activationSlope = (gated, s) => (gated ? s * (1 - s) : 1 - s * s);

/** Add the currents of one layer at the senders' potentials to drive and decay. */
function addCurrents(gated, layer, senders, drive, decay) {
  const { w, b, a, e } = layer;
  const count = senders.length;
  for (let i = 0; i < drive.length; i += 1) {
    for (let j = 0; j < count; j += 1) {
      const k = i * count + j;
      const g = w[k] * activation(gated, a[k] * (senders[j] + b[k]));
      drive[i] += gated ? g * e[k] : g;
      if (gated) decay[i] += g;
    }
  }
}

/** The adjoint of addCurrents: adds to the gradients of the letters, and of the senders if given. */
function addCurrentsBack(gated, layer, senders, driveBar, decayBar, bar, sendersBar) {
  const { w, b, a, e } = layer;
  const count = senders.length;
  for (let i = 0; i < driveBar.length; i += 1) {
    for (let j = 0; j < count; j += 1) {
      const k = i * count + j;
      const s = activation(gated, a[k] * (senders[j] + b[k]));
      const gBar = gated ? driveBar[i] * e[k] + decayBar[i] : driveBar[i];
      if (gated) bar.e[k] += driveBar[i] * w[k] * s;
      bar.w[k] += gBar * s;
      const zBar = gBar * w[k] * activationSlope(gated, s);
      bar.a[k] += zBar * (senders[j] + b[k]);
      bar.b[k] += zBar * a[k];
      if (sendersBar) sendersBar[j] += zBar * a[k];
    }
  }
}

/** @param {Letters} letters @param {string} name */
const layerOf = (letters, name) => ({
  w: letters[`${name}.w`],
  b: letters[`${name}.b`],
  a: letters[`${name}.a`],
  e: letters[`${name}.e`],
});

/** Every solver step of a run: states x (steps + 1), drives and decays (steps). */
function integrate(kind, letters, { implicit, unfolds }, inputs) {
  const recurrent = layerOf(letters, "recurrent");
  const sensory = layerOf(letters, "sensory");
  const dt = 1 / unfolds;
  let x = new Float64Array(kind.n);
  const states = [x];
  const decays = [];
  for (const u of inputs) {
    const sensed = { drive: new Float64Array(kind.n), decay: letters.w_l.slice() };
    addCurrents(kind.gated, sensory, u, sensed.drive, sensed.decay);
    for (let k = 0; k < unfolds; k += 1) {
      const drive = sensed.drive.slice();
      const decay = sensed.decay.slice();
      addCurrents(kind.gated, recurrent, x, drive, decay);
      x = x.map((value, i) =>
        implicit ? (value + dt * drive[i]) / (1 + dt * decay[i]) : value + dt * (drive[i] - decay[i] * value),
      );
      states.push(x);
      decays.push(decay);
    }
  }
  return { states, decays };
}

/** What the readout makes of one state. */
const readout = (letters, x) =>
  x.reduce((sum, value, i) => sum + letters["readout.weight"][i] * value, letters["readout.bias"][0]);

/**
 * The outputs of a network over a sequence of inputs, one after each.
 * @param {Kind} kind @param {Letters} raw @param {Solver} solver @param {number[][]} inputs
 */
export function outputs(kind, raw, solver, inputs) {
  const letters = project(kind, raw);
  const { states } = integrate(kind, letters, solver, inputs);
  return inputs.map((_, t) => readout(letters, states[(t + 1) * solver.unfolds]));
}

/**
 * The mean squared error, the outputs, dt times the largest decay, and the gradient.
 * @param {Kind} kind @param {Letters} raw @param {Solver} solver
 * @param {number[][]} inputs @param {number[]} target
 */
export function lossAndGradient(kind, raw, solver, inputs, target) {
  const letters = project(kind, raw);
  const { states, decays } = integrate(kind, letters, solver, inputs);
  const seen = inputs.map((_, t) => readout(letters, states[(t + 1) * solver.unfolds]));
  const errors = seen.map((y, t) => y - target[t]);
  const loss = errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
  const gradient = back(
    kind,
    letters,
    solver,
    inputs,
    states,
    decays,
    errors.map((d) => (2 * d) / errors.length),
  );
  const stiffest = decays.reduce((most, decay) => Math.max(most, ...decay), 0);
  return { loss, outputs: seen, gradient, stiffness: stiffest / solver.unfolds };
}

/** The adjoint of integrate and readout, from the gradients of the outputs. */
function back(kind, letters, { implicit, unfolds }, inputs, states, decays, outputBars) {
  const { gated, n } = kind;
  const bar = zeros(kind);
  const recurrent = layerOf(letters, "recurrent");
  const recurrentBar = layerOf(bar, "recurrent");
  const dt = 1 / unfolds;
  let lambda = new Float64Array(n);
  for (let t = inputs.length - 1; t >= 0; t -= 1) {
    const last = states[(t + 1) * unfolds];
    bar["readout.bias"][0] += outputBars[t];
    for (let i = 0; i < n; i += 1) {
      bar["readout.weight"][i] += outputBars[t] * last[i];
      lambda[i] += outputBars[t] * letters["readout.weight"][i];
    }
    const drives = new Float64Array(n);
    const leaks = new Float64Array(n);
    for (let k = (t + 1) * unfolds - 1; k >= t * unfolds; k -= 1) {
      const driveBar = new Float64Array(n);
      const decayBar = new Float64Array(n);
      const before = new Float64Array(n);
      for (let i = 0; i < n; i += 1) {
        const f = implicit ? lambda[i] / (1 + dt * decays[k][i]) : lambda[i];
        before[i] = implicit ? f : f * (1 - dt * decays[k][i]);
        driveBar[i] = dt * f;
        decayBar[i] = -dt * f * (implicit ? states[k + 1][i] : states[k][i]);
        drives[i] += driveBar[i];
        leaks[i] += decayBar[i];
      }
      addCurrentsBack(gated, recurrent, states[k], driveBar, decayBar, recurrentBar, before);
      lambda = before;
    }
    addCurrentsBack(gated, layerOf(letters, "sensory"), inputs[t], drives, leaks, layerOf(bar, "sensory"), null);
    leaks.forEach((value, i) => {
      bar.w_l[i] += value;
    });
  }
  return bar;
}

/**
 * Adam, as PyTorch has it: one step in place.
 * @param {Letters} letters @param {Letters} gradient
 * @param {{ mean: Letters, square: Letters, count: number }} memory @param {number} rate
 */
export function adamStep(letters, gradient, memory, rate) {
  memory.count += 1;
  const first = 1 - 0.9 ** memory.count;
  const second = 1 - 0.999 ** memory.count;
  for (const [name, values] of Object.entries(letters)) {
    const [mean, square] = [memory.mean[name], memory.square[name]];
    gradient[name].forEach((g, k) => {
      mean[k] = 0.9 * mean[k] + 0.1 * g;
      square[k] = 0.999 * square[k] + 0.001 * g * g;
      values[k] -= ((rate / first) * mean[k]) / (Math.sqrt(square[k] / second) + 1e-8);
    });
  }
}

/**
 * What both networks hear: the two coordinates of a clock's hand that goes round once.
 * @param {number} length
 */
export const clock = (length) =>
  Array.from({ length }, (_, t) => {
    const angle = (2 * Math.PI * t) / (length - 1);
    return [Math.sin(angle), Math.cos(angle)];
  });
