// The controls of the membrane stepper: its sliders, and the handles of its ladder.

import { button, html, slider } from "./kit.js";
import { SCALES, branches, polarity } from "./membrane_math.js";
import { gateCurve } from "./membrane_words.js";

export const UNITS = {
  unit: { x: "", t: "", g: "", C: "", a: "" },
  millivolt: { x: "mV", t: "ms", g: "nS", C: "pF", a: "/mV" },
};
/** Slider limits of one scale; potentials span a little more than the reversal potentials. */
export function limits(scale) {
  const { rest, size } = SCALES[scale];
  const potential = { min: rest - 1.5 * size, max: rest + 1.5 * size, step: size === 1 ? 0.05 : 1 };
  const midpoint = { min: -potential.max, max: -potential.min, step: potential.step };
  return {
    potential,
    b: midpoint,
    a: { min: 0, max: 10 / size, step: size === 1 ? 0.1 : 0.002 },
    w: { min: 0, max: 5, step: 0.05 },
    C: { min: 0.1, max: 5, step: 0.05 },
    dt: { min: 0.05, max: 3, step: 0.05 },
  };
}

/** Sliders for the membrane itself. `act` has put and restart. */
export function membraneSliders(scale, act) {
  const range = limits(scale);
  const { x, t, g, C } = UNITS[scale];
  const made = (letter, spoken, unitName, span) =>
    slider({
      letter,
      spoken,
      unit: unitName,
      ...span,
      oninput: (value) => act.put({ [letter]: value }),
    });
  return {
    dt: slider({
      letter: "Δt",
      spoken: "time step",
      unit: t,
      ...range.dt,
      oninput: (value) => act.put({ dt: value }),
    }),
    C: made("C", "membrane capacitance", C, range.C),
    w_l: made("w_l", "leak conductance", g, { ...range.w, max: 2 }),
    e_l: made("e_l", "resting potential", x, range.potential),
    x0: slider({
      letter: "x_0",
      spoken: "potential at the start",
      unit: x,
      ...range.potential,
      oninput: (value) => act.restart({ x0: value }),
    }),
  };
}

/** A card with the sliders of synapse k. `act` has setSynapse, removeSynapse and current. */
export function synapseCard(k, scale, act) {
  const range = limits(scale);
  const { x, g, a } = UNITS[scale];
  const made = (name, letter, spoken, unitName, span) =>
    slider({
      letter: `${letter}_${k + 1}`,
      spoken,
      whose: `of synapse ${k + 1}`,
      unit: unitName,
      ...span,
      oninput: (value) => act.setSynapse(k, { [name]: value }),
    });
  const sliders = {
    x: made("x", "x", "presynaptic potential", x, range.potential),
    w: made("w", "w", "maximum conductance", g, range.w),
    a: made("a", "a", "slope", a, range.a),
    b: made("b", "b", "minus the midpoint", x, range.b),
    e: made("e", "e", "reversal potential", x, range.potential),
  };
  const title = html("h3", {});
  const gate = html("div", { class: "gate" });
  const remove = button("×", () => act.removeSynapse(k), {
    class: "remove",
    "aria-label": `Remove synapse ${k + 1}`,
  });
  const fromItself = html("input", {
    type: "checkbox",
    onchange: () => act.setSynapse(k, { x: fromItself.checked ? null : act.current() }),
  });
  const node = html(
    "section",
    { class: "tile", "aria-label": `Synapse ${k + 1}` },
    html("header", {}, title, gate, remove),
    Object.values(sliders).map((s) => s.node),
    html("label", { class: "check" }, fromItself, "from the neuron itself"),
  );
  return { node, title, gate, sliders, fromItself };
}

/** What a press in the ladder takes hold of, as a function of where it is pulled; or null. */
export function handleAt({ px, py }, ladder, p, x, act) {
  const { y, centre, column, bars, count } = ladder;
  const { potential, w } = limits(p.scale);
  const level = (at) => snap(y.invert(at), potential);
  const k = Math.round((px - centre(0)) / column);
  if (py > y.range[0] + 22) return k >= 0 && k < count ? barHandle(k, py, bars, w, p, x, act) : null;
  const e = k === 0 ? p.e_l : p.synapses[k - 1]?.e;
  if (e !== undefined && k < count && Math.abs(py - y(e)) < 16 && Math.abs(py - y(e)) <= Math.abs(py - y(x))) {
    return (_x, at) => (k === 0 ? act.put({ e_l: level(at) }) : act.setSynapse(k - 1, { e: level(at) }));
  }
  if (Math.abs(py - y(x)) < 20) return (_x, at) => act.restart({ x0: level(at) });
  return null;
}

/** Pull at the outline of a bar: its maximum conductance. Pull at what is filled: how far it is open. */
function barHandle(k, py, bars, range, p, here, act) {
  const { w, g } = branches(p, here)[k];
  const pulled = (at) => snap(Math.max(0, bars.invert(at)), range);
  if (k === 0) return (_x, at) => act.put({ w_l: Math.min(2, pulled(at)) });
  const synapse = p.synapses[k - 1];
  const outline = py < (bars(w) + bars(g)) / 2 || synapse.x === null || synapse.a === 0;
  if (outline) return (_x, at) => act.setSynapse(k - 1, { w: pulled(at) });
  return (_x, at) => {
    const open = Math.max(0.01, Math.min(0.99, bars.invert(at) / w));
    const x = Math.log(open / (1 - open)) / synapse.a - synapse.b;
    act.setSynapse(k - 1, { x: snap(x, limits(p.scale).potential) });
  };
}

const snap = (value, { min, max, step }) =>
  Number((Math.round(Math.max(min, Math.min(max, value)) / step) * step).toFixed(4));

/** Let the card of synapse k show what the synapse is now. */
export function showCard({ title, gate, sliders, fromItself }, k, p, x) {
  const synapse = p.synapses[k];
  fromItself.checked = synapse.x === null;
  sliders.x.node.hidden = synapse.x === null;
  const kind = polarity(synapse.e, p.e_l);
  title.replaceChildren(html("i", { class: `swatch ${kind}` }), `${k + 1} · ${kind}`);
  gate.replaceChildren(gateCurve(synapse, x, limits(p.scale).potential));
  for (const [name, control] of Object.entries(sliders)) control.set(synapse[name] ?? x);
}
