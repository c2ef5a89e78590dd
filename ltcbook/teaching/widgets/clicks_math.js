// A neuron that hears clicks: B.7 with one neuron and an input. Tested against the register.
//
// p = { clicks: [[moment, loudness], ...], leak, self_synapse }

export const HORIZON = 20;
export const LENGTH = 1;
export const LOUDEST = 12;
export const MIDPOINT = 5;
const STEPS = 1000;
const SELF_WEIGHT = 10;

/** @typedef {{ clicks: number[][], leak: boolean, self_synapse: boolean }} Listener */

/** @param {Listener} p @param {number} t */
export const heard = (p, t) => p.clicks.reduce((sum, [at, loud]) => sum + (at <= t && t < at + LENGTH ? loud : 0), 0);

/** The rate without input. @param {Listener} p @param {number} x */
export const own = (p, x) => (p.leak ? -x : 0) + (p.self_synapse ? SELF_WEIGHT / (1 + Math.exp(MIDPOINT - x)) : 0);

/** States at equal times from 0 to HORIZON, by the midpoint method. @param {Listener} p */
export function listen(p) {
  const h = HORIZON / STEPS;
  const states = [0];
  for (let k = 0; k < STEPS; k += 1) {
    const x = states[k];
    const half = x + (h / 2) * (own(p, x) + heard(p, k * h));
    states.push(x + h * (own(p, half) + heard(p, (k + 0.5) * h)));
  }
  return states;
}
