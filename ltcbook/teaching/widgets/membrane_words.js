// The small signs and the filled-in equation of the membrane stepper.

import { html, linear, linePath, number, signed, svg, symbol } from "./kit.js";
import { branches, linearForm, next, opening, polarity, verdict } from "./membrane_math.js";

/** The gate sigma(a (x_j + b)) over the presynaptic potentials, with a dot where it stands. */
export function gateCurve(synapse, x, { min, max }) {
  const across = linear([min, max], [2, 62]);
  const up = linear([0, 1], [24, 3]);
  const points = Array.from({ length: 31 }, (_, n) => {
    const at = min + (n / 30) * (max - min);
    return [across(at), up(opening({ ...synapse, x: at }, at))];
  });
  const open = opening(synapse, x);
  return svg(
    "svg",
    { width: 64, height: 27, role: "img", "aria-label": `open to ${number(100 * open, 3)} percent` },
    svg("path", { class: "curve", d: linePath(points) }),
    svg("circle", { cx: across(synapse.x ?? x), cy: up(open), r: 3.5 }),
  );
}

/** Where Δt / τ lies between 0 and 3; explicit Euler overshoots past 1 and explodes past 2. */
export function gauge(ratio) {
  const across = linear([0, 3], [4, 124]);
  const zone = (from, to, name) =>
    svg("rect", {
      class: `zone ${name}`,
      x: across(from),
      y: 8,
      width: across(to) - across(from),
      height: 7,
    });
  const at = across(Math.min(3, ratio));
  return svg(
    "svg",
    { class: "gauge", width: 128, height: 20, "aria-hidden": "true" },
    zone(0, 1, "monotone"),
    zone(1, 2, "oscillating"),
    zone(2, 3, "exploding"),
    svg("path", { class: "needle", d: `M${at},6l-4,-6h8Z M${at - 1},6h2v11h-2Z` }),
  );
}

/** The rule of the method, and under it the same line with the numbers of the coming step. */
export function equationLines(p, x, method, hideResult, count) {
  const all = branches(p, x);
  const sums = linearForm(p, x);
  const result = hideResult ? "?" : number(next(p, x, method));
  const [rule, numbers] = {
    explicit: explicitLine,
    semi_implicit: semiImplicitLine,
    exponential: exponentialLine,
  }[method](p, x, all, sums);
  const where = {
    explicit: "the currents are taken where the step starts",
    semi_implicit: "the currents are taken where the step ends",
    exponential: "conductances are frozen, then the step is solved exactly",
  }[method];
  return [
    html("div", { class: "which" }, `The numbers of the step to come, step ${count}`),
    html("p", {}, html("var", {}, "x"), " ← ", rule, html("span", { class: "where" }, where)),
    html("p", {}, html("var", {}, "x"), " ← ", numbers, " = ", html("strong", {}, result)),
  ];
}

const term = (text, e, e_l, k) => html("span", { class: `term ${k === 0 ? "leak" : polarity(e, e_l)}` }, text);

function explicitLine(p, x, all) {
  const names = all.flatMap(({ e }, k) => [k ? " + " : "", term(symbol(k ? `i_${k}` : "i_l"), e, p.e_l, k)].flat());
  const values = all.flatMap(({ g, e }, k) => {
    const value = g * (e - x);
    return [" ", term(k ? signed(value, 3) : number(value, 3), e, p.e_l, k)];
  });
  return [
    [...symbol("x"), " + ", "Δ", html("var", {}, "t"), "/", html("var", {}, "C"), " · (", ...names, ")"],
    [`${number(x)} + ${number(p.dt)}/${number(p.C)} · (`, ...values, " )"],
  ];
}

function semiImplicitLine(p, x, all) {
  const g = all.reduce((sum, branch) => sum + branch.g, 0);
  const ge = all.reduce((sum, branch) => sum + branch.g * branch.e, 0);
  const h = `${number(p.dt)}/${number(p.C)}`;
  return [
    [
      "(",
      html("var", {}, "x"),
      " + ",
      "Δ",
      html("var", {}, "t/C"),
      " · Σ ",
      html("var", {}, "g e"),
      ") / (1 + ",
      "Δ",
      html("var", {}, "t/C"),
      " · Σ ",
      html("var", {}, "g"),
      ")",
    ],
    [`(${number(x)} + ${h} · (${number(ge, 3)})) / (1 + ${h} · ${number(g, 3)})`],
  ];
}

function exponentialLine(p, x, _all, { rate, drive }) {
  const equilibrium = rate > 0 ? drive / rate : x;
  return [
    [
      ...symbol("x_∞"),
      " + (",
      html("var", {}, "x"),
      " − ",
      ...symbol("x_∞"),
      ") ",
      html("var", {}, "e"),
      html("sup", {}, "−Δ", html("var", {}, "t/τ")),
    ],
    [
      `${number(equilibrium)} + (${number(x)} ${signed(-equilibrium)}) e`,
      html("sup", {}, `−${number(p.dt * rate, 3)}`),
    ],
  ];
}

const REASONS = {
  explicit: "it keeps the rate of its start all along",
  semi_implicit: "it takes the rate of its end all along",
  exponential: "it lets the rate fall as *x* nears *x_∞*",
};

/** What the last step of a run has done, and why; how far it went is true of these numbers alone. */
export function tellStep(p, history, method, name, { x: unit, t }) {
  const [before, row] = history.slice(-2);
  const u = unit && ` ${unit}`;
  const now = linearForm(p, before[method]);
  if (row === undefined) {
    if (!(now.rate > 0)) return "Nothing conducts, so nothing will move *x*.";
    return `At *x* = ${number(before[method])}${u} all pulls together draw it towards *x_∞* = ${number(now.drive / now.rate, 3)}${u}. Below are the numbers of its next step.`;
  }
  const said = `Step ${history.length - 1}, from *t* = ${number(before.t)} to ${number(row.t)}${t && ` ${t}`}: ${name} took *x* from ${number(before[method])} to ${number(row[method])}${u}`;
  const exact = `Exactly, *x* would now be ${number(row.exact)}${u}.`;
  if (next(p, before[method], method) !== row[method]) return `${said}, with other numbers than now. ${exact}`;
  const goal = now.drive / now.rate;
  if (!(now.rate > 0) || Math.abs(goal - before[method]) < 1e-9) return `${said}: nothing pulls at it. ${exact}`;
  const share = METHOD_SHARES[method](p.dt * now.rate);
  const past = share > 1 ? ", past it" : "";
  return `${said}, ${number(100 * share, 3)} % of the way to *x_∞* = ${number(goal, 3)}${u}${past}, for ${REASONS[method]}. ${exact}`;
}

const METHOD_SHARES = {
  explicit: (z) => z,
  semi_implicit: (z) => z / (1 + z),
  exponential: (z) => -Math.expm1(-z),
};

/** What a prediction was, and why the step went elsewhere. */
export function whyNot(p, before, { guess, actual }, method, name, { x: unit }) {
  const { rate, drive } = linearForm(p, before);
  const said =
    `You said ${number(guess)}; ${name} gives ${number(actual)}${unit ? ` ${unit}` : ""}. ` +
    `You were off by ${number(Math.abs(guess - actual), 3)}${unit ? ` ${unit}` : ""}.`;
  if (!(rate > 0)) return `${said} Nothing conducts, so nothing moves *x*.`;
  const goal = drive / rate;
  const z = p.dt * rate;
  const share = (guess - before) / (goal - before);
  const yours =
    share < 0 ? "you went away from it" : share > 1 ? "you went past it" : `you went ${number(100 * share, 3)} %`;
  if (Math.abs(goal - before) < 1e-9) return `${said} All pulls cancel here: *x* already is at *x_∞*.`;
  if (Math.abs(guess - actual) <= 0.05 * Math.abs(goal - before)) return `${said} As good as right.`;
  return (
    `${said} Why: *x* is pulled towards *x_∞* = ${number(goal, 3)}, and at *Δt*/*τ* = ${number(z, 3)} ` +
    `one step goes ${number(100 * METHOD_SHARES[method](z), 3)} % of the way there; ${yours}.`
  );
}

/** What a step has done, for those who hear it. */
export function stepWords(p, count, time, { before, after }, name, { x, t }) {
  const ratio = p.dt * linearForm(p, before).rate;
  return (
    `Step ${count}, t = ${number(time)} ${t}: ${name} moves *x* from ${number(before)} to ${number(after)} ${x}. ` +
    `*Δt* over *τ* is ${number(ratio, 3)}, ${verdict(ratio)}.`
  );
}
