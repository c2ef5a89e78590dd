// The motif bench: two neurons, the five ways to couple them, traces and phase portrait.

import {
  announcer, button, choice, follow, html, number, redrawing, slider, svg,
} from "./kit.js";
import { fixedPoints, motifOf, run, timeConstant } from "./motif_math.js";
import { LETTERS, drawCircuit, drawPhase, drawTraces } from "./motif_views.js";

const NAMES = ["neurons", "synapses", "time", "horizon", "sensory", "presets", "seen"];
const FRAME = 50;

function render({ model, el }) {
  const view = { timer: null, dragging: null, traces: null, phase: null, states: null };
  const voice = announcer();
  const parameters = () =>
    Object.fromEntries(["neurons", "synapses", "horizon", "sensory"].map((name) => [name, model.get(name)]));

  function put(values) {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
    redraw();
  }

  const changed = (list, k, change) =>
    put({ [list]: model.get(list).map((item, n) => (n === k ? { ...item, ...change } : item)) });

  function setTime(time) {
    put({ time: Math.max(0, Math.min(model.get("horizon"), time)) });
  }

  function choose(name) {
    const { neurons, synapses } = model.get("presets").find((preset) => preset.name === name);
    put({ neurons, synapses, time: 0 });
    voice.say(`${name}. ${model.get("seen")[name]}`);
  }

  function play() {
    if (view.timer !== null) return pause();
    if (model.get("time") >= model.get("horizon")) setTime(0);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    view.timer = setInterval(() => {
      if (!el.isConnected || model.get("time") >= model.get("horizon")) return pause();
      return setTime(model.get("time") + (calm ? 1 : 0.1));
    }, calm ? 10 * FRAME : FRAME);
    return redraw();
  }

  function pause() {
    clearInterval(view.timer);
    view.timer = null;
    say();
    redraw();
  }

  function say() {
    const p = parameters();
    const [a, b] = stateNow();
    const stable = fixedPoints(p, model.get("time")).filter((point) => point.stable).length;
    voice.say(`${motifOf(p)}. t = ${number(model.get("time"))}: A ${number(a, 3)}, B ${number(b, 3)}; ` +
      `${stable} stable resting points.`);
  }

  const stateNow = () =>
    view.states[Math.round((model.get("time") / model.get("horizon")) * (view.states.length - 1))];

  const motifs = choice({
    title: "Motif", options: model.get("presets").map(({ name }) => [name, [name]]), onchange: choose,
  });
  const circuit = html("div", { class: "circuit" });
  const lesson = html("p", { class: "lesson" });
  const traces = html("div", { class: "plot" });
  const phase = html("div", { class: "plot phase" });
  const facts = html("dl", { class: "facts" });
  const playButton = button("Play", play, { class: "primary" });
  const timeSlider = slider({
    letter: "t", spoken: "time shown", min: 0, max: model.get("horizon"), step: 0.05, oninput: setTime, onchange: say,
  });
  const neuronCards = [0, 1].map(neuronCard);
  const synapseCards = [0, 1].map(synapseCard);
  const sample = (kind, text) => html("span", {},
    svg("svg", { width: 34, height: 10, "aria-hidden": "true" }, svg("path", { class: kind, d: "M1,5H33" })), text);
  const root = html("div", {
    class: "ltcbook motifs tex2jax_ignore mathjax_ignore", role: "group", "aria-label": "Motif bench",
  },
    html("div", { class: "bar-row" }, motifs.node),
    html("div", { class: "head" }, circuit, lesson),
    html("div", { class: "stage" }, traces, phase),
    html("p", { class: "key" }, sample("trace first", "A"), sample("trace second", "B"),
      sample("nullcline first", "where A would rest (nullcline)"), sample("nullcline second", "where B would rest"),
      sample("path", "path from ×")),
    html("div", { class: "bar-row" }, playButton, html("div", { class: "time" }, timeSlider.node)),
    facts,
    html("div", { class: "tiles" }, neuronCards.map((c) => c.node), synapseCards.map((c) => c.node)), voice.node);
  el.append(root);

  function neuronCard(i) {
    const made = (name, letter, spoken, min, max, step) => slider({
      letter: `${letter}_${LETTERS[i]}`, spoken, whose: `of ${LETTERS[i]}`, min, max, step,
      oninput: (value) => changed("neurons", i, { [name]: value }), onchange: say,
    });
    const sliders = {
      C: made("C", "C", "capacitance", 0.2, 10, 0.1),
      tonic: made("tonic", "u", "tonic input", 0, 1.5, 0.05),
      height: made("height", "p", "pulse on top", -1, 1.5, 0.05),
      on: made("on", "t", "pulse begins", 0, 20, 0.5),
      off: made("off", "t", "pulse ends", 0, 20, 0.5),
      x0: made("x0", "x", "start", -1, 1, 0.05),
    };
    const node = html("section", { class: "tile", "aria-label": `Neuron ${LETTERS[i]}` },
      html("h3", {}, `Neuron ${LETTERS[i]}`), Object.values(sliders).map((s) => s.node));
    return { node, sliders };
  }

  function synapseCard(k) {
    const name = `${LETTERS[k]} → ${LETTERS[1 - k]}`;
    const made = (letter, spoken, min, max, step) => slider({
      letter, spoken, whose: `of synapse ${name}`, min, max, step,
      oninput: (value) => changed("synapses", k, { [letter]: value }), onchange: say,
    });
    const sliders = {
      w: made("w", "strength, 0: none", 0, 10, 0.1),
      a: made("a", "slope", 0, 20, 0.5),
      b: made("b", "minus the midpoint", -1, 1, 0.05),
      e: made("e", "reversal potential", -1, 1, 0.05),
    };
    const node = html("section", { class: "tile", "aria-label": `Synapse ${name}` },
      html("h3", {}, `Synapse ${name}`), Object.values(sliders).map((s) => s.node));
    return { node, sliders };
  }

  function drag(event) {
    const place = event.currentTarget;
    if (event.type === "pointerdown") view.dragging = place;
    if (view.dragging !== place || !event.buttons) return;
    const box = place.getBoundingClientRect();
    place.setPointerCapture(event.pointerId);
    const rounded = (value) => Number(Math.max(-1, Math.min(1, value)).toFixed(2));
    if (place === traces) setTime(Math.round(view.traces.t.invert(event.clientX - box.left) / 0.05) * 0.05);
    else {
      const start = [view.phase.x.invert(event.clientX - box.left), view.phase.y.invert(event.clientY - box.top)];
      put({ neurons: model.get("neurons").map((neuron, i) => ({ ...neuron, x0: rounded(start[i]) })) });
    }
    event.preventDefault();
  }
  for (const place of [traces, phase]) {
    place.addEventListener("pointerdown", drag);
    place.addEventListener("pointermove", drag);
  }

  function draw() {
    const p = parameters();
    const time = model.get("time");
    const motif = motifOf(p);
    view.states = run(p);
    motifs.set(motif);
    circuit.replaceChildren(drawCircuit(p));
    lesson.textContent = model.get("seen")[motif];
    view.traces = drawTraces(p, view.states, time, Math.max(250, traces.clientWidth));
    traces.replaceChildren(view.traces.picture);
    view.phase = drawPhase(p, view.states, time, Math.max(250, phase.clientWidth));
    phase.replaceChildren(view.phase.picture);
    playButton.textContent = view.timer === null ? "Play" : "Pause";
    timeSlider.set(Number(time.toFixed(2)));
    neuronCards.forEach(({ sliders }, i) => {
      for (const [name, control] of Object.entries(sliders)) control.set(p.neurons[i][name]);
    });
    synapseCards.forEach(({ sliders }, k) => {
      for (const [name, control] of Object.entries(sliders)) control.set(p.synapses[k][name]);
    });
    facts.replaceChildren(...factsOf(p, time, stateNow()));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, NAMES, root, redraw);
  draw();
  return () => {
    clearInterval(view.timer);
    unfollow();
  };
}

function factsOf(p, time, [a, b]) {
  const fact = (term, value) => html("div", {}, html("dt", {}, term), html("dd", {}, value));
  const resting = fixedPoints(p, time);
  const stable = resting.filter((point) => point.stable).length;
  return [
    fact("motif", motifOf(p)), fact("x of A", number(a, 3)), fact("x of B", number(b, 3)),
    fact("τ of A", number(timeConstant(p, 0, b, time), 3)), fact("τ of B", number(timeConstant(p, 1, a, time), 3)),
    fact("resting points now", `${stable} stable, ${resting.length - stable} unstable`),
  ];
}

export default { render };
