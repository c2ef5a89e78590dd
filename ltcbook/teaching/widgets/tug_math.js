// Three springs on one ring: currents, resting place and way there. Tested against A.9 and B.13.
//
// p = { g: conductances in nS, e: anchors in mV, C: pF }; x in mV, t in ms.

/** @typedef {{ g: number[], e: number[], C: number }} Springs */

/** g (e − x) of each spring, in pA. @param {Springs} p @param {number} x */
export const currents = (p, x) => p.g.map((g, k) => g * (p.e[k] - x));

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Σg, in nS. @param {Springs} p */
export const stiffness = (p) => sum(p.g);

/** Σge / Σg: where the currents cancel. @param {Springs} p */
export const rest = (p) => sum(p.g.map((g, k) => g * p.e[k])) / stiffness(p);

/** C / Σg, in ms. @param {Springs} p */
export const tau = (p) => p.C / stiffness(p);

/** The potential t ms after it was let go at x. @param {Springs} p @param {number} x @param {number} t */
export const after = (p, x, t) => rest(p) + (x - rest(p)) * Math.exp(-t / tau(p));
