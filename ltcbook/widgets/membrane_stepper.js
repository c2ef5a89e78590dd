// The membrane stepper: state, controls and words. Pictures are in membrane_views.js.

import {
  announcer, button, choice, follow, html, number, redrawing, slider,
} from "./kit.js";
import {
  METHODS, SCALES, advance, firstRow, linearForm, polarity, rescale, verdict,
} from "./membrane_math.js";
import {
  METHOD_NAMES, drawLadder, drawTrace, methodSample, potentialRange,
} from "./membrane_views.js";
import { equationLines, gateCurve, gauge } from "./membrane_words.js";

const UNITS = {
  unit: { x: "", t: "", g: "", C: "", a: "" },
  millivolt: { x: "mV", t: "ms", g: "nS", C: "pF", a: "/mV" },
};
const NAMES = ["scale", "dt", "C", "w_l", "e_l", "x0", "synapses", "method", "history", "ghost", "predict"];
const PLAY_INTERVAL = 450;
const LONGEST_PLAY = 200;

/** Slider limits of one scale; potentials span a little more than the reversal potentials. */
function limits(scale) {
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

function render({ model, el }) {
  const view = { guess: null, revealed: null, timer: null, layout: null, synapses: [] };
  const voice = announcer();

  const parameters = () => {
    const p = {};
    for (const name of ["C", "w_l", "e_l", "dt", "x0", "synapses"]) p[name] = model.get(name);
    return p;
  };
  const current = () => model.get("history").at(-1)[model.get("method")];
  const unit = () => UNITS[model.get("scale")];

  function put(values) {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
    redraw();
  }

  // --- what the reader can do -------------------------------------------------------------

  function step() {
    if (model.get("predict") && view.guess === null) {
      view.guess = current();
      view.revealed = null;
      voice.say("Predict: move the marker to where the potential will be after the step, then reveal.");
      redraw();
      return;
    }
    const p = parameters();
    const history = model.get("history");
    const before = current();
    const row = advance(p, history.at(-1));
    const after = row[model.get("method")];
    view.revealed = view.guess === null ? null : { t: row.t, guess: view.guess, actual: after };
    view.guess = null;
    put({ history: [...history, row] });
    voice.say(summary(p, history.length, row, before, after));
  }

  function summary(p, count, row, before, after) {
    const ratio = p.dt * linearForm(p, before).rate;
    const { x, t } = unit();
    const miss = view.revealed ? ` Your prediction was off by ${number(view.revealed.guess - after, 3)} ${x}.` : "";
    return `Step ${count}, t = ${number(row.t)} ${t}: ${METHOD_NAMES[model.get("method")]} moves x from ` +
      `${number(before)} to ${number(after)} ${x}. d t over tau is ${number(ratio, 3)}, ${verdict(ratio)}.${miss}`;
  }

  function undo() {
    const history = model.get("history");
    if (view.guess !== null) view.guess = null;
    else if (history.length > 1) put({ history: history.slice(0, -1) });
    view.revealed = null;
    voice.say(`Undone. ${model.get("history").length - 1} steps.`);
    redraw();
  }

  function restart(changes = {}) {
    pause();
    const history = model.get("history");
    Object.assign(view, { guess: null, revealed: null });
    const x0 = changes.x0 ?? model.get("x0");
    const ghost = changes.scale ? [] : history.length > 1 ? history : model.get("ghost");
    put({ ...changes, ghost, history: [firstRow(x0)] });
  }

  function play() {
    if (view.timer !== null) return pause();
    view.timer = setInterval(() => {
      if (!el.isConnected || model.get("history").length > LONGEST_PLAY) pause();
      else step();
    }, PLAY_INTERVAL);
    return redraw();
  }

  function pause() {
    clearInterval(view.timer);
    view.timer = null;
    redraw();
  }

  function setPredict(predict) {
    if (predict) pause();
    Object.assign(view, { guess: null, revealed: null });
    put({ predict });
  }

  function setScale(scale) {
    restart({ ...withoutStep(rescale(parameters(), model.get("scale"), scale)), scale });
  }

  const withoutStep = ({ e_l, x0, synapses }) => ({ e_l, x0, synapses });

  function setSynapse(k, change) {
    put({ synapses: model.get("synapses").map((s, n) => (n === k ? { ...s, ...change } : s)) });
  }

  function addSynapse(kind) {
    const scale = SCALES[model.get("scale")];
    const potential = (x) => scale.rest + x * scale.size;
    const synapse = { w: 1, a: 5 / scale.size, b: -potential(0.5), e: scale[kind], x: potential(0.5) };
    put({ synapses: [...model.get("synapses"), synapse] });
  }

  function removeSynapse(k) {
    put({ synapses: model.get("synapses").filter((_, n) => n !== k) });
    voice.say(`Synapse ${k + 1} removed.`);
    adders.firstChild.focus();
  }

  // --- the page ---------------------------------------------------------------------------

  const ladder = html("div", { class: "ladder" });
  const trace = html("div", { class: "plot" });
  const facts = html("dl", { class: "facts" });
  const equation = html("div", { class: "equation" });
  const legend = choice({
    title: "Method of the arrows and of the equation",
    options: METHODS.map((name) => [name, [methodSample(name), METHOD_NAMES[name]]]),
    onchange: (method) => {
      Object.assign(view, { guess: null, revealed: null });
      put({ method });
    },
  });
  legend.node.classList.add("legend");
  legend.node.append(html("span", { class: "exact-key" }, methodSample("exact"), "exact"));
  const scale = choice({
    title: "Scale",
    options: [["unit", ["papers’ units"]], ["millivolt", ["millivolts"]]],
    onchange: setScale,
  });

  const stepButton = button("Step", step, { class: "primary", "aria-keyshortcuts": "Space ArrowRight" });
  const playButton = button("Play", play);
  const undoButton = button("Undo", undo, { "aria-keyshortcuts": "ArrowLeft" });
  const predict = html("input", { type: "checkbox", onchange: () => setPredict(predict.checked) });
  const guess = slider({
    letter: "x", spoken: "after the step", min: 0, max: 1, step: "any",
    oninput: setGuess,
  });
  const prediction = html("div", { class: "prediction" },
    html("strong", {}, "Your prediction"), guess.node);
  const verdictLine = html("p", { class: "verdict" });
  const bar = html("div", { class: "bar-row" },
    stepButton, playButton, undoButton, button("Restart", () => restart()),
    html("label", { class: "check" }, predict, "predict first"), scale.node);

  const adders = html("div", { class: "adders" },
    button("+ excitatory", () => addSynapse("excitatory"), { "aria-label": "Add an excitatory synapse" }),
    button("+ inhibitory", () => addSynapse("inhibitory"), { "aria-label": "Add an inhibitory synapse" }));
  const general = html("div");
  const cards = html("div", { class: "tiles" },
    html("section", { class: "tile", "aria-label": "Membrane" }, html("h3", {}, "Membrane"), general, adders));
  const root = html("div", {
    class: "ltcbook membrane tex2jax_ignore mathjax_ignore", role: "group", tabindex: 0,
    "aria-label": "Membrane stepper. Space or right arrow: step. Left arrow: undo.",
    onkeydown: keys,
  },
    html("div", { class: "stage" }, ladder, html("div", {}, trace, legend.node)),
    prediction, verdictLine, bar, facts, equation, cards, voice.node);
  el.append(root);

  function keys(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { tagName } = event.target;
    if (tagName === "INPUT" || (tagName === "BUTTON" && event.key === " ")) return;
    if (event.key === " " || event.key === "ArrowRight") step();
    else if (event.key === "ArrowLeft") undo();
    else return;
    event.preventDefault();
  }

  function setGuess(x) {
    view.guess = x;
    redraw();
  }

  function drag(event) {
    if (view.guess === null || (event.type === "pointermove" && !event.buttons)) return;
    trace.setPointerCapture(event.pointerId);
    const [low, high] = view.y.domain;
    const x = view.y.invert(event.clientY - trace.getBoundingClientRect().top);
    setGuess(Math.max(low, Math.min(high, x)));
    event.preventDefault();
  }
  trace.addEventListener("pointerdown", drag);
  trace.addEventListener("pointermove", drag);

  /** The cards are built anew only when their number or the scale changes. */
  function buildCards() {
    const { synapses } = parameters();
    const layout = `${model.get("scale")} ${synapses.length}`;
    if (view.layout === layout) return;
    view.layout = layout;
    view.membrane = membraneSliders();
    general.replaceChildren(...Object.values(view.membrane).map((s) => s.node));
    view.synapses.forEach((s) => s.node.remove());
    view.synapses = synapses.map((_, k) => synapseCard(k));
    cards.append(...view.synapses.map((s) => s.node));
  }

  function membraneSliders() {
    const range = limits(model.get("scale"));
    const { x, t, g, C } = unit();
    const made = (letter, spoken, unitName, span) => slider({
      letter, spoken, unit: unitName, ...span, oninput: (value) => put({ [letter]: value }),
    });
    return {
      dt: made("dt", "time step", t, range.dt),
      C: made("C", "membrane capacitance", C, range.C),
      w_l: made("w_l", "leak conductance", g, { ...range.w, max: 2 }),
      e_l: made("e_l", "resting potential", x, range.potential),
      x0: slider({
        letter: "x_0", spoken: "potential at the start", unit: x, ...range.potential,
        oninput: (value) => restart({ x0: value }),
      }),
    };
  }

  function synapseCard(k) {
    const range = limits(model.get("scale"));
    const { x, g, a } = unit();
    const made = (name, letter, spoken, unitName, span) => slider({
      letter: `${letter}_${k + 1}`, spoken, whose: `of synapse ${k + 1}`, unit: unitName, ...span,
      oninput: (value) => setSynapse(k, { [name]: value }),
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
    const remove = button("×", () => removeSynapse(k), { class: "remove", "aria-label": `Remove synapse ${k + 1}` });
    const fromItself = html("input", {
      type: "checkbox",
      onchange: () => setSynapse(k, { x: fromItself.checked ? null : current() }),
    });
    const node = html("section", { class: "tile", "aria-label": `Synapse ${k + 1}` },
      html("header", {}, title, gate, remove), Object.values(sliders).map((s) => s.node),
      html("label", { class: "check" }, fromItself, "from the neuron itself"));
    return { node, title, gate, sliders, fromItself };
  }

  // --- drawing ----------------------------------------------------------------------------

  function draw() {
    const p = parameters();
    const method = model.get("method");
    const x = current();
    const common = {
      p, x, x0: p.x0, method, unit: unit().x, timeUnit: unit().t, guess: view.guess,
      revealed: view.revealed, hideStep: model.get("predict"),
    };
    ladder.replaceChildren(drawLadder({ ...common, width: Math.max(240, ladder.clientWidth) }));
    const drawn = drawTrace({
      ...common, history: model.get("history"), ghost: model.get("ghost"),
      width: Math.max(240, trace.clientWidth),
    });
    view.y = drawn.y;
    trace.replaceChildren(drawn.picture);
    drawControls(p, x);
    drawFacts(p, x);
    equation.replaceChildren(...equationLines(p, x, method, model.get("predict")));
  }

  function drawControls(p, x) {
    buildCards();
    legend.set(model.get("method"));
    scale.set(model.get("scale"));
    predict.checked = model.get("predict");
    const predicting = view.guess !== null;
    stepButton.textContent = predicting ? "Reveal" : predict.checked ? "Predict" : "Step";
    playButton.textContent = view.timer === null ? "Play" : "Pause";
    playButton.disabled = predict.checked;
    undoButton.disabled = !predicting && model.get("history").length === 1;
    trace.classList.toggle("predicting", predicting);
    prediction.hidden = !predicting;
    if (predicting) {
      [guess.input.min, guess.input.max] = potentialRange(p, p.x0);
      guess.set(view.guess);
    }
    verdictLine.hidden = !view.revealed;
    if (view.revealed) verdictLine.textContent = verdictOn(view.revealed);
    for (const [name, control] of Object.entries(view.membrane)) control.set(p[name]);
    view.synapses.forEach(({ title, gate, sliders, fromItself }, k) => {
      const synapse = p.synapses[k];
      fromItself.checked = synapse.x === null;
      sliders.x.node.hidden = synapse.x === null;
      const kind = polarity(synapse.e, p.e_l);
      title.replaceChildren(html("i", { class: `swatch ${kind}` }), `${k + 1} · ${kind}`);
      gate.replaceChildren(gateCurve(synapse, x, limits(model.get("scale")).potential));
      for (const [name, control] of Object.entries(sliders)) control.set(synapse[name] ?? x);
    });
  }

  function verdictOn({ guess: said, actual }) {
    const { x } = unit();
    return `You said ${number(said)}; ${METHOD_NAMES[model.get("method")]} gives ${number(actual)} ${x}. ` +
      `You were off by ${number(Math.abs(said - actual), 3)} ${x}.`;
  }

  function drawFacts(p, x) {
    const { rate, drive } = linearForm(p, x);
    const ratio = p.dt * rate;
    const word = verdict(ratio);
    const { x: xUnit, t } = unit();
    const fact = (term, value, wide) => html("div", { class: wide ? "wide" : "" }, html("dt", {}, term), html("dd", {}, value));
    facts.replaceChildren(
      fact("time t", `${number(model.get("history").at(-1).t)} ${t}`),
      fact("potential x", `${number(x)} ${xUnit}`),
      fact("time constant τ", `${number(1 / rate, 3)} ${t}`),
      fact("equilibrium x∞", model.get("predict") ? "?" : `${rate > 0 ? number(drive / rate, 3) : "none"} ${xUnit}`),
      fact("explicit Euler: dt/τ", [gauge(ratio), html("strong", { class: word.split(" ")[0] }, `${number(ratio, 3)} ${word}`)], true));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, NAMES, root, redraw);
  draw();
  return () => {
    pause();
    unfollow();
  };
}

export default { render };
