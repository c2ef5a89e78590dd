// Circuits of a few membranes in millivolts, B.13 with a stimulus channel to 0 mV: what they do and where
// two of them rest. Pure functions, tested against ltcbook.analysis.motifs.
//
// p = { horizon, neurons: [{ name, C, x0, tonic, height, on, off }, ...],
//       synapses: [{ source, target, conductance, reversal, midpoint, slope }, ...] }

export const STEPS = 800;
export const [EXCITATORY, INHIBITORY, REST, LEAK] = [0, -90, -70, 1];
const SCAN = 360;

/** The stimulus of neuron i: its tonic level, and a pulse on top from `on` until `off`. */
export const stimulus = ({ neurons }, i, t) =>
  neurons[i].tonic + (t >= neurons[i].on && t < neurons[i].off ? neurons[i].height : 0);

/** The conductance of a synapse while its source is at the potential x. */
export const conductance = ({ conductance: w, midpoint, slope }, x) => w / (1 + Math.exp(-slope * (x - midpoint)));

/** Drives (pA) and decays (nS) of all neurons at the potentials x, with the stimuli of time t. */
export function linearForm(p, x, t) {
  const drive = x.map((_, i) => LEAK * REST + stimulus(p, i, t) * EXCITATORY);
  const decay = x.map((_, i) => LEAK + stimulus(p, i, t));
  for (const synapse of p.synapses) {
    const g = conductance(synapse, x[synapse.source]);
    drive[synapse.target] += g * synapse.reversal;
    decay[synapse.target] += g;
  }
  return { drive, decay };
}

/** B.13: rates of change at x, mV/ms. */
export function rates(p, x, t) {
  const { drive, decay } = linearForm(p, x, t);
  return x.map((value, i) => (drive[i] - decay[i] * value) / p.neurons[i].C);
}

/** All potentials at STEPS + 1 equal times; each Runge-Kutta step holds its stimulus. */
export function run(p) {
  const h = p.horizon / STEPS;
  const states = [p.neurons.map(({ x0 }) => x0)];
  for (let n = 0; n < STEPS; n += 1) {
    const [x, t] = [states[n], n * h];
    const moved = (k, part) => x.map((value, i) => value + part * h * k[i]);
    const k1 = rates(p, x, t);
    const k2 = rates(p, moved(k1, 0.5), t);
    const k3 = rates(p, moved(k2, 0.5), t);
    const k4 = rates(p, moved(k3, 1), t);
    states.push(x.map((value, i) => value + (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i])));
  }
  return states;
}

/** True for two neurons without a synapse onto themselves: then nullclines are functions. */
export const hasNullclines = (p) => p.neurons.length === 2 && p.synapses.every((s) => s.source !== s.target);

/** Where neuron i would rest if the other one of two stayed at `other`: its nullcline. */
export function rest(p, i, other, t) {
  const x = i === 0 ? [REST, other] : [other, REST];
  const { drive, decay } = linearForm(p, x, t);
  return drive[i] / decay[i];
}

/**
 * Where two neurons without self-synapses rest at time t: [{ x: [x_A, x_B], stable }, ...]. Following A
 * to B's rest and back is a map of x_A. A fixed point is stable where that map rises by less than one.
 */
export function fixedPoints(p, t) {
  const gap = (xA) => rest(p, 0, rest(p, 1, xA, t), t) - xA;
  const [low, high] = [INHIBITORY - 1, EXCITATORY + 1];
  const found = [];
  let [left, before] = [low, gap(low)];
  for (let k = 1; k <= SCAN; k += 1) {
    const right = low + ((high - low) * k) / SCAN;
    const after = gap(right);
    if (before > 0 !== after > 0) {
      const xA = bisect(gap, left, right);
      found.push({ x: [xA, rest(p, 1, xA, t)], stable: before > 0 });
    }
    [left, before] = [right, after];
  }
  return found;
}

function bisect(f, left, right) {
  const rising = f(right) > 0;
  for (let n = 0; n < 50; n += 1) {
    const middle = (left + right) / 2;
    if (f(middle) > 0 === rising) right = middle;
    else left = middle;
  }
  return (left + right) / 2;
}

/** True where two neurons act on each other, and on nobody else. */
export const isPair = (p) => hasNullclines(p) && p.synapses.length === 2;

/** The same circuit with one strength for all its synapses. */
export const withStrength = (p, strength) => ({
  ...p,
  synapses: p.synapses.map((s) => ({ ...s, conductance: strength })),
});

/** Resting potentials of A against the strength of both synapses: [{ strength, points }, ...]. */
export const diagram = (p, t, strongest, count = 50) =>
  Array.from({ length: count + 1 }, (_, k) => {
    const strength = (strongest * k) / count;
    return { strength, points: fixedPoints(withStrength(p, strength), t) };
  });

/** When each neuron first becomes active, whether it is at the end, and how often it becomes so. */
export function activity(p, states, active) {
  return p.neurons.map(({ name }, i) => {
    const rises = [];
    for (let n = 0; n < states.length; n += 1) {
      if (states[n][i] > active && (n === 0 || states[n - 1][i] <= active)) rises.push((n * p.horizon) / STEPS);
    }
    return { name, rises, atEnd: states.at(-1)[i] > active };
  });
}
