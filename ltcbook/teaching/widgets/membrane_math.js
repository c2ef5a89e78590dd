// The arithmetic of the membrane stepper: the capacitor equation B.13 and four ways to step it.
// Pure functions, tested against ltcbook.equations on random inputs.
//
// p = { C, w_l, e_l, dt, synapses: [{ w, a, b, e, x }, ...] }
// A synapse whose x is null comes from the neuron itself.

export const METHODS = ["explicit", "semi_implicit", "exponential"];

// Points of the exact curve kept per step, and Runge-Kutta steps between two of them.
const PATH_POINTS = 8;
const SUBSTEPS = 8;

// Explicit Euler can explode; the number is held here so that it stays a number.
const LARGEST = 1e15;

export const sigmoid = (z) => 1 / (1 + Math.exp(-z));

/** How far the channels of one synapse are open: sigma(a (x_j + b)). */
export const opening = (synapse, x) => sigmoid(synapse.a * ((synapse.x ?? x) + synapse.b));

/** The leak first, then each synapse: maximum conductance w, conductance g, reversal potential e. */
export function branches(p, x) {
  const leak = { w: p.w_l, g: p.w_l, e: p.e_l };
  return [leak, ...p.synapses.map((s) => ({ w: s.w, g: s.w * opening(s, x), e: s.e }))];
}

/** B.13: dx/dt, the sum of all currents g (e - x) over C. */
export const derivative = (p, x) => branches(p, x).reduce((sum, { g, e }) => sum + g * (e - x), 0) / p.C;

/** With conductances frozen, B.13 reads x' = drive - rate x: rate = 1 / tau, drive = rate x_inf. */
export function linearForm(p, x) {
  const all = branches(p, x);
  return {
    rate: all.reduce((sum, { g }) => sum + g, 0) / p.C,
    drive: all.reduce((sum, { g, e }) => sum + g * e, 0) / p.C,
  };
}

/** Solve x' = drive - rate x exactly over the time t. */
function relax(x, { rate, drive }, t) {
  const z = -rate * t;
  return x + (drive - rate * x) * t * (z === 0 ? 1 : Math.expm1(z) / z);
}

/** The potential after one step of one method. */
export function next(p, x, method) {
  const { rate, drive } = linearForm(p, x);
  if (method === "explicit") return x + p.dt * (drive - rate * x);
  if (method === "semi_implicit") return (x + p.dt * drive) / (1 + p.dt * rate);
  if (method === "exponential") return relax(x, { rate, drive }, p.dt);
  throw new RangeError(`method ${method} is none of ${METHODS.join(", ")}`);
}

/** The exact solution at equal distances within the step; its last entry is the end. */
export function exactPath(p, x) {
  const h = p.dt / PATH_POINTS;
  const path = [];
  for (let k = 1; k <= PATH_POINTS; k += 1) {
    // A synapse from the neuron itself has no closed form: a fine Runge-Kutta takes its place.
    if (p.synapses.some((s) => s.x === null)) path.push(rungeKutta(p, path.at(-1) ?? x, h));
    else path.push(relax(x, linearForm(p, x), k * h));
  }
  return path;
}

function rungeKutta(p, x, t) {
  const h = t / SUBSTEPS;
  for (let n = 0; n < SUBSTEPS; n += 1) {
    const k1 = derivative(p, x);
    const k2 = derivative(p, x + (h / 2) * k1);
    const k3 = derivative(p, x + (h / 2) * k2);
    const k4 = derivative(p, x + h * k3);
    x += (h / 6) * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return x;
}

/** The first row of a history: every method starts at x0. */
export const firstRow = (x0) => ({
  t: 0,
  explicit: x0,
  semi_implicit: x0,
  exponential: x0,
  exact: x0,
  path: [],
});

/** The row after `row`. */
export function advance(p, row) {
  const path = exactPath(p, row.exact);
  const result = { t: row.t + p.dt };
  for (const method of METHODS) {
    result[method] = Math.max(-LARGEST, Math.min(LARGEST, next(p, row[method], method)));
  }
  return { ...result, exact: path.at(-1), path };
}

/** What each branch pulls: its current over the total conductance. They add up to x_inf - x. */
export function pulls(p, x) {
  const all = branches(p, x);
  const total = all.reduce((sum, { g }) => sum + g, 0);
  return all.map(({ g, e }) => (total > 0 ? (g / total) * (e - x) : 0));
}

/** What explicit Euler does, from dt / tau: the error is multiplied by 1 - dt / tau. */
export function verdict(ratio) {
  if (ratio > 2) return "exploding";
  if (ratio === 2) return "swinging for ever";
  if (ratio > 1) return "oscillating";
  return "monotone";
}

// Rest and reversal potentials of the two scales, and how potentials translate.
export const SCALES = {
  unit: { rest: 0, excitatory: 1, inhibitory: -1, size: 1 },
  millivolt: { rest: -70, excitatory: 0, inhibitory: -90, size: 70 },
};

export const polarity = (e, e_l) => (e > e_l ? "excitatory" : "inhibitory");

/** The same neuron on the other scale; the reversal potentials become that scale's own. */
export function rescale(p, from, to) {
  const [old, now] = [SCALES[from], SCALES[to]];
  const factor = now.size / old.size;
  const potential = (x) => now.rest + (x - old.rest) * factor;
  const synapse = (s) => ({
    w: s.w,
    a: s.a / factor,
    b: -potential(-s.b),
    e: now[polarity(s.e, p.e_l)],
    x: s.x === null ? null : potential(s.x),
  });
  return { ...p, e_l: potential(p.e_l), x0: potential(p.x0), synapses: p.synapses.map(synapse) };
}

/** The first row and `count` steps from it. */
export function fromStart(p, count) {
  /** @type {any[]} */
  const rows = [firstRow(p.x0)];
  while (rows.length <= count) rows.push(advance(p, rows.at(-1)));
  return rows;
}

/** How many steps a run has, if the present numbers lead where it has led; else none. */
export function stepsTaken(p, run, most) {
  const count = Math.min(run.length - 1, most);
  const [here, again] = [run[count], fromStart(p, count)[count]];
  return METHODS.every((name) => here[name] === again[name]) ? count : 0;
}

/** A synapse to begin with: half-way open half-way up its scale. */
export function newSynapse(scale, /** @type {"excitatory" | "inhibitory"} */ kind) {
  const middle = scale.rest + 0.5 * scale.size;
  return { w: 1, a: 5 / scale.size, b: -middle, e: scale[kind], x: middle };
}
