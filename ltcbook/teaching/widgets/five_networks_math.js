// One neuron on the line from the artificial neuron to the LTC. Tested against ltcbook.
//
// x ← carry x + step (Σ_j g_j (e_j − post x) − leak x), with g_j = w σ(a u_j + b).

/**
 * @typedef {{ w: number, a: number, b: number, e: number[], w_l: number, thinnest: number, horizon: number,
 *   pulses: number[][] }} Numbers
 * @typedef {{ carry: number, step: number, leak: number, post: number }} Dials
 */

const part = (stop, k) => Math.min(1, Math.max(0, stop - k));

/** The dials anywhere on the line, 0 to 4. @param {Numbers} n @param {number} stop @returns {Dials} */
export const dials = (n, stop) => ({
  carry: part(stop, 0),
  step: n.thinnest ** part(stop, 1),
  leak: n.w_l * part(stop, 2),
  post: part(stop, 3),
});

/** The exciting and the inhibiting input at t. @param {Numbers} n */
export function inputs(n, loud, t) {
  const u = [0, 0];
  n.pulses.forEach(([j, first, last, strength], k) => {
    if (first <= t && t < last) u[j] = k === 1 ? loud : strength;
  });
  return u;
}

/** w σ(a u + b) of both synapses at t. @param {Numbers} n */
export const conductances = (n, loud, t) => inputs(n, loud, t).map((u) => n.w / (1 + Math.exp(-(n.a * u + n.b))));

/** States from x(0) = 0: [[t, x], ...]. @param {Numbers} n @param {number} stop @param {number} loud */
export function trace(n, stop, loud) {
  const d = dials(n, stop);
  const steps = Math.ceil(n.horizon / d.step - 1e-9);
  const path = [[0, 0]];
  let x = 0;
  for (let k = 0; k < steps; k += 1) {
    const g = conductances(n, loud, k * d.step);
    const rate = g.reduce((sum, own, j) => sum + own * (n.e[j] - d.post * x), 0) - d.leak * x;
    x = d.carry * x + d.step * rate;
    path.push([(k + 1) * d.step, x]);
  }
  return path;
}

/** The time constant at t; infinite where nothing is forgotten. @param {Numbers} n */
export function timeConstant(n, stop, loud, t) {
  const d = dials(n, stop);
  return 1 / (d.leak + d.post * conductances(n, loud, t).reduce((sum, g) => sum + g, 0));
}
