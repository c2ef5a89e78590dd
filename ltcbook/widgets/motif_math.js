// Two neurons A and B, B.15 in mode v: what they do, where they rest, and which motif they form.
// Pure functions, tested against the register.
//
// p = { horizon, sensory: {v, a, b, e},
//       neurons: [{ C, w_l, e_l, x0, tonic, height, on, off }, ...] for A and B,
//       synapses: [{ w, a, b, e }, ...] from A to B and from B to A }

export const STEPS = 400;
const LIMIT = 1.5;
const SCAN = 1200;

const sigmoid = (z) => 1 / (1 + Math.exp(-z));

/** The input of neuron i: its tonic level, and a pulse on top from `on` until `off`. */
export const input = ({ neurons }, i, t) =>
  neurons[i].tonic + (t >= neurons[i].on && t < neurons[i].off ? neurons[i].height : 0);

/** Conductances into neuron i as [g, e] pairs: leak, synapse from the other neuron, input. */
function branches(p, i, other, t) {
  const [neuron, synapse] = [p.neurons[i], p.synapses[1 - i]];
  return [
    [neuron.w_l, neuron.e_l],
    [synapse.w * sigmoid(synapse.a * (other + synapse.b)), synapse.e],
    [p.sensory.v * sigmoid(p.sensory.a * (input(p, i, t) + p.sensory.b)), p.sensory.e],
  ];
}

const total = (pairs) => pairs.reduce((sum, [g]) => sum + g, 0);

/** The time constant of neuron i while the other one is at `other`. */
export const timeConstant = (p, i, other, t) => p.neurons[i].C / total(branches(p, i, other, t));

/** Where neuron i would rest if the other one stayed at `other`: its nullcline. */
export function rest(p, i, other, t) {
  const pairs = branches(p, i, other, t);
  return pairs.reduce((sum, [g, e]) => sum + g * e, 0) / total(pairs);
}

/** B.15: rates of change of both neurons at x = [x_A, x_B], with the input of time t. */
export const rates = (p, x, t) =>
  x.map((own, i) => branches(p, i, x[1 - i], t).reduce((sum, [g, e]) => sum + g * (e - own), 0) / p.neurons[i].C);

/** Both potentials at STEPS + 1 equal times; each Runge-Kutta step holds its input. */
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

/**
 * Where both neurons rest, with the input of time t: [{ x: [x_A, x_B], stable }, ...].
 * Following A to B's rest and back gives a map of x_A; its fixed points are the network's. Neither
 * neuron excites itself, so a fixed point is stable where that map rises by less than one.
 */
export function fixedPoints(p, t) {
  const gap = (xA) => rest(p, 0, rest(p, 1, xA, t), t) - xA;
  const found = [];
  let [left, before] = [-LIMIT, gap(-LIMIT)];
  for (let k = 1; k <= SCAN; k += 1) {
    const right = -LIMIT + (2 * LIMIT * k) / SCAN;
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

/** -1, 0 or 1: what a synapse does to a neuron that rests at e_l. */
const sign = ({ w, e }, { e_l }) => (w === 0 ? 0 : Math.sign(e - e_l));

/** The motif that the two synapses form, or "none". */
export function motifOf({ neurons, synapses }) {
  const signs = [sign(synapses[0], neurons[1]), sign(synapses[1], neurons[0])];
  const names = {
    "1,0": "activation", "0,1": "activation", "-1,0": "inhibition", "0,-1": "inhibition",
    "1,-1": "sequentialization", "-1,1": "sequentialization",
    "-1,-1": "mutual exclusion", "1,1": "synchronization",
  };
  return names[signs.join()] ?? "none";
}
