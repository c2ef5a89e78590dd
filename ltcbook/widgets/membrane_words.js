// The small signs and the filled-in equation of the membrane stepper.

import { html, linear, linePath, number, signed, svg, symbol } from "./kit.js";
import { branches, linearForm, next, opening, polarity } from "./membrane_math.js";

/** The gate sigma(a (x_j + b)) over the presynaptic potentials, with a dot where it stands. */
export function gateCurve(synapse, x, { min, max }) {
  const across = linear([min, max], [2, 62]);
  const up = linear([0, 1], [24, 3]);
  const points = Array.from({ length: 31 }, (_, n) => {
    const at = min + (n / 30) * (max - min);
    return [across(at), up(opening({ ...synapse, x: at }, at))];
  });
  const open = opening(synapse, x);
  return svg("svg", { width: 64, height: 27, role: "img", "aria-label": `open to ${number(100 * open, 3)} percent` },
    svg("path", { class: "curve", d: linePath(points) }),
    svg("circle", { cx: across(synapse.x ?? x), cy: up(open), r: 3.5 }));
}

/** Where dt / tau lies between 0 and 3; explicit Euler overshoots past 1 and explodes past 2. */
export function gauge(ratio) {
  const across = linear([0, 3], [4, 124]);
  const zone = (from, to, name) =>
    svg("rect", { class: `zone ${name}`, x: across(from), y: 8, width: across(to) - across(from), height: 7 });
  const at = across(Math.min(3, ratio));
  return svg("svg", { class: "gauge", width: 128, height: 20, "aria-hidden": "true" },
    zone(0, 1, "monotone"), zone(1, 2, "oscillating"), zone(2, 3, "exploding"),
    svg("path", { class: "needle", d: `M${at},6l-4,-6h8Z M${at - 1},6h2v11h-2Z` }));
}

/** The rule of the method, and under it the same line with the numbers of the coming step. */
export function equationLines(p, x, method, hideResult) {
  const all = branches(p, x);
  const sums = linearForm(p, x);
  const result = hideResult ? "?" : number(next(p, x, method));
  const [rule, numbers] = { explicit: explicitLine, semi_implicit: semiImplicitLine, exponential: exponentialLine }[method](p, x, all, sums);
  const where = {
    explicit: "the currents are taken where the step starts",
    semi_implicit: "the currents are taken where the step ends",
    exponential: "conductances are frozen, then the step is solved exactly",
  }[method];
  return [
    html("p", {}, html("var", {}, "x"), " ← ", rule, html("span", { class: "where" }, where)),
    html("p", {}, html("var", {}, "x"), " ← ", numbers, " = ", html("strong", {}, result)),
  ];
}

const term = (text, e, e_l, k) =>
  html("span", { class: `term ${k === 0 ? "leak" : polarity(e, e_l)}` }, text);

function explicitLine(p, x, all) {
  const names = all.flatMap(({ e }, k) =>
    [k ? " + " : "", term([symbol("i"), html("sub", {}, k ? String(k) : "l")].flat(), e, p.e_l, k)].flat());
  const values = all.flatMap(({ g, e }, k) => {
    const value = g * (e - x);
    return [" ", term(k ? signed(value, 3) : number(value, 3), e, p.e_l, k)];
  });
  return [
    [...symbol("x"), " + ", html("var", {}, "dt"), "/", html("var", {}, "C"), " · (", ...names, ")"],
    [`${number(x)} + ${number(p.dt)}/${number(p.C)} · (`, ...values, " )"],
  ];
}

function semiImplicitLine(p, x, all) {
  const g = all.reduce((sum, branch) => sum + branch.g, 0);
  const ge = all.reduce((sum, branch) => sum + branch.g * branch.e, 0);
  const h = `${number(p.dt)}/${number(p.C)}`;
  return [
    ["(", html("var", {}, "x"), " + ", html("var", {}, "dt/C"), " · Σ ", html("var", {}, "g e"), ") / (1 + ",
      html("var", {}, "dt/C"), " · Σ ", html("var", {}, "g"), ")"],
    [`(${number(x)} + ${h} · (${number(ge, 3)})) / (1 + ${h} · ${number(g, 3)})`],
  ];
}

function exponentialLine(p, x, all, { rate, drive }) {
  const equilibrium = rate > 0 ? drive / rate : x;
  return [
    [...symbol("x_∞"), " + (", html("var", {}, "x"), " − ", ...symbol("x_∞"), ") ", html("var", {}, "e"),
      html("sup", {}, "−", html("var", {}, "dt/τ"))],
    [`${number(equilibrium)} + (${number(x)} ${signed(-equilibrium)}) e`, html("sup", {}, `−${number(p.dt * rate, 3)}`)],
  ];
}
