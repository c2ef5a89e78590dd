// The motif bench: a circuit of two or three membranes that the reader edits, and what it does.

import { announcer, button, draggable, follow, html, keyed, more, redrawing, slider, svg, uniqueId } from "./kit.js";
import { EXCITATORY, INHIBITORY, diagram, hasNullclines, isPair, run, withStrength } from "./motif_math.js";
import { drawCircuit, drawDiagram, drawPhase, drawTraces, excites } from "./motif_views.js";
import { keeper } from "./keeper.js";
import { pulsedAt, words } from "./motif_words.js";

const NAMES = ["motif", "neurons", "synapses", "horizon"];
const STRONGEST = 12;
const POKE = { height: 9, length: 15 };
const FRAME = 50;

const legal = (state) =>
  state.neurons.length >= 2 &&
  state.neurons.length <= 3 &&
  state.horizon > 0 &&
  state.horizon <= 1000 &&
  state.neurons.every(({ C, tonic, x0 }) => C >= 1 && tonic >= 0 && Math.abs(x0) <= 200) &&
  state.synapses.length <= 9 &&
  state.synapses.every(
    ({ source, target, conductance }) =>
      conductance >= 0 && conductance <= 1000 && source in state.neurons && target in state.neurons,
  );

function render({ model, el }) {
  const view = { timer: null, pulled: null, scales: {}, states: null, selected: 0, diagram: null };
  const voice = announcer();
  const state = keeper(model, "motif", NAMES, legal, [], {
    get: () => ({ time: model.get("time") }),
    set: ({ time }) => model.set("time", Math.max(0, Math.min(model.get("horizon"), time))),
  });
  const parameters = () =>
    Object.fromEntries(["neurons", "synapses", "horizon"].map((name) => [name, model.get(name)]));

  function put(values, apart = false) {
    state.put(values, { apart });
    redraw();
  }

  const changed = (list, k, change) =>
    put({ [list]: model.get(list).map((item, n) => (n === k ? { ...item, ...change } : item)) });

  function setTime(time) {
    model.set("time", Math.max(0, Math.min(model.get("horizon"), time)));
    state.note();
    redraw();
  }

  function choose(name) {
    const { neurons, synapses, horizon } = model.get("presets").find((preset) => preset.name === name);
    pause();
    view.selected = 0;
    model.set("time", 0);
    put({ motif: name, neurons, synapses, horizon }, true);
    say();
  }

  // --- what the reader does to the circuit ------------------------------------------------

  const rounded = (value, step = 0.1) => Number((Math.round(value / step) * step).toFixed(4));
  const strengthOf = (value) => rounded(Math.max(0, Math.min(STRONGEST, value)));

  /** In a pair both strengths are linked. */
  function setStrength(k, value) {
    view.selected = k;
    if (isPair(parameters())) put({ synapses: withStrength(parameters(), strengthOf(value)).synapses });
    else changed("synapses", k, { conductance: strengthOf(value) });
  }

  function flip(k) {
    const synapse = model.get("synapses")[k];
    view.selected = k;
    state.cut();
    changed("synapses", k, { reversal: excites(synapse) ? INHIBITORY : EXCITATORY });
    say();
  }

  /** A pulse from now on; the run goes on from here, so that its effect is seen. */
  function poke(i) {
    const time = model.get("time") >= model.get("horizon") - 1 ? 0 : model.get("time");
    model.set("time", time);
    state.cut();
    changed("neurons", i, { height: POKE.height, on: rounded(time), off: rounded(time + POKE.length) });
    if (view.timer === null) play();
  }

  const act = {
    synapseKey(k, event) {
      const step = { ArrowUp: 0.2, ArrowRight: 0.2, ArrowDown: -0.2, ArrowLeft: -0.2 }[event.key];
      if (step !== undefined) setStrength(k, model.get("synapses")[k].conductance + step);
      else if (event.key === "Enter" || event.key === " ") flip(k);
      else return;
      event.preventDefault();
    },
    neuronKey(i, event) {
      if (event.key !== "Enter" && event.key !== " ") return;
      poke(i);
      event.preventDefault();
    },
  };

  // --- time -------------------------------------------------------------------------------

  function play() {
    if (view.timer !== null) return pause();
    if (model.get("time") >= model.get("horizon")) setTime(0);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = model.get("horizon") / (calm ? 10 : 160);
    view.timer = setInterval(
      () => {
        if (!el.isConnected || model.get("time") >= model.get("horizon")) return pause();
        return setTime(model.get("time") + step);
      },
      calm ? 10 * FRAME : FRAME,
    );
    return redraw();
  }

  function pause() {
    if (view.timer === null) return;
    clearInterval(view.timer);
    view.timer = null;
    say();
    redraw();
  }

  const say = () => voice.say(words(parameters(), run(parameters()), model.get("time"), model.get("active")));

  // --- the page ---------------------------------------------------------------------------

  const menuId = uniqueId("circuit");
  const menu = html(
    "select",
    { id: menuId, onchange: () => choose(menu.value) },
    model.get("presets").map(({ name }) => html("option", { value: name }, name)),
  );
  const menuLabel = html("label", { for: menuId });
  const circuit = html("div", { class: "circuit" });
  const caption = html("p", { class: "caption" });
  const traces = html("div", { class: "plot" });
  const phase = html("div", { class: "plot phase" });
  const pitchfork = html("div", { class: "plot" });
  const playButton = button("Play", play, { class: "primary" });
  const undo = button("Undo", () => {
    if (state.undo()) voice.say("Undone.");
    model.set("time", Math.min(model.get("time"), model.get("horizon")));
    redraw();
  });
  const strength = slider({
    letter: "w",
    spoken: "strength",
    unit: "nS",
    min: 0,
    max: STRONGEST,
    step: 0.1,
    oninput: (value) => setStrength(view.selected, value),
    onchange: say,
  });
  const timeSlider = slider({
    letter: "t",
    spoken: "time shown",
    unit: "ms",
    min: 0,
    max: 100,
    step: 0.5,
    oninput: setTime,
    onchange: say,
  });
  const tonics = html("div", { class: "tonics" });
  const sample = (kind, text, mark = svg("path", { class: kind, d: "M1,6H29" })) => {
    const entry = keyed(30, mark, text);
    entry.dataset.of = kind;
    return entry;
  };
  const dot = (kind) => svg("circle", { class: kind, cx: 15, cy: 6, r: 5 });
  const keys = html(
    "p",
    { class: "key" },
    sample("trace first", "A"),
    sample("trace second", "B"),
    sample("trace third", "C"),
    sample(
      "nullcline",
      "in their plane: where each would rest, the other held",
      svg(
        "g",
        {},
        ["first", "second"].map((one, k) => svg("path", { class: `nullcline ${one}`, d: `M1,${3 + 6 * k}H29` })),
      ),
    ),
    sample("path", "the way they take"),
    sample("rest", "stable", dot("rest stable")),
    sample("unstable", "unstable", dot("rest")),
    sample("state", "now", dot("state")),
    sample("start", "start", svg("path", { class: "start", d: "M10,1l10,10m0,-10l-10,10" })),
  );
  const root = html(
    "div",
    {
      class: "ltcbook motifs tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "Motif bench",
    },
    html(
      "p",
      { class: "task" },
      "Press a neuron to poke it. Pull at a synapse to make it stronger, press it to flip its sign.",
    ),
    html(
      "div",
      { class: "bench" },
      html(
        "div",
        { class: "head" },
        circuit,
        html("div", { class: "words" }, html("p", { class: "labelled" }, menuLabel, menu), caption),
      ),
      html("div", { class: "bar-row" }, playButton, undo, html("div", { class: "wide" }, strength.node)),
      html("div", { class: "stage" }, traces, phase, pitchfork),
    ),
    keys,
    more("More: time, stimuli", timeSlider.node, tonics),
    voice.node,
  );
  el.append(root);

  draggable(
    circuit,
    (_px, py, event, first) => {
      if (first) {
        const synapse = event.target.closest("[data-synapse]");
        const neuron = event.target.closest("[data-neuron]");
        if (neuron) {
          poke(Number(neuron.dataset.neuron));
          return false;
        }
        if (!synapse) return false;
        state.cut();
        const k = Number(synapse.dataset.synapse);
        view.pulled = { k, py, from: model.get("synapses")[k].conductance, moved: false };
        return true;
      }
      const { k, from } = view.pulled;
      const up = view.pulled.py - py;
      if (Math.abs(up) > 4) view.pulled.moved = true;
      if (view.pulled.moved) setStrength(k, from + up * 0.06);
      return true;
    },
    () => {
      if (view.pulled && !view.pulled.moved) flip(view.pulled.k);
      else say();
      view.pulled = null;
    },
  );
  draggable(traces, (px) => setTime(rounded(view.scales.traces.t.invert(px), 0.5)), say);
  draggable(
    phase,
    (px, py, _event, first) => {
      if (model.get("neurons").length !== 2) return false;
      if (first) state.cut();
      const { x, y } = view.scales.phase;
      const within = (value) => rounded(Math.max(-90, Math.min(0, value)), 0.5);
      const start = [within(x.invert(px)), within(y.invert(py))];
      put({ neurons: model.get("neurons").map((neuron, i) => ({ ...neuron, x0: start[i] })) });
      return true;
    },
    say,
  );
  draggable(
    pitchfork,
    (px, _py, _event, first) => {
      if (first) state.cut();
      setStrength(0, view.scales.pitchfork.w.invert(px));
    },
    say,
  );

  function buildTonics(p) {
    if (view.tonics?.length === p.neurons.length) return;
    view.tonics = p.neurons.map(({ name }, i) =>
      slider({
        letter: "s",
        spoken: `steady stimulus of ${name}`,
        unit: "nS",
        min: 0,
        max: STRONGEST,
        step: 0.1,
        oninput: (value) => changed("neurons", i, { tonic: value }),
        onchange: say,
      }),
    );
    tonics.replaceChildren(...view.tonics.map((s) => s.node));
  }

  /** The diagram is computed anew only when something but the strength itself has changed. */
  function diagramOf(p, time) {
    const bare = JSON.stringify([withStrength(p, 0), p.neurons.map((n) => time >= n.on && time < n.off)]);
    if (view.diagram?.bare !== bare) view.diagram = { bare, rows: diagram(p, time, STRONGEST) };
    return view.diagram.rows;
  }

  function draw() {
    const p = parameters();
    const time = Math.min(model.get("time"), p.horizon);
    const focused = /** @type {HTMLElement} */ (document.activeElement?.closest?.("[data-synapse], [data-neuron]"))
      ?.dataset;
    view.states = run(p);
    menu.value = model.get("motif");
    // What its name says need no longer hold once the reader has changed it.
    menuLabel.textContent = untouched(p) ? "circuit" : "circuit, changed from";
    playButton.textContent = view.timer === null ? "Play" : "Pause";
    undo.disabled = !state.canUndo;
    circuit.replaceChildren(drawCircuit(p, view.states, time, act));
    if (focused && root.contains(circuit)) refocus(focused);
    caption.textContent = words(p, view.states, time, model.get("active"));
    drawPlots(p, time);
    view.selected = Math.min(view.selected, p.synapses.length - 1);
    const { source, target, conductance } = p.synapses[view.selected];
    const name = `${p.neurons[source].name} → ${p.neurons[target].name}`;
    strength.node.querySelector("label").lastElementChild.nextSibling.textContent = isPair(p)
      ? " strength of both synapses"
      : ` strength of ${name}`;
    strength.set(conductance);
    timeSlider.input.max = p.horizon;
    timeSlider.set(Number(time.toFixed(2)));
    buildTonics(p);
    for (const [i, s] of view.tonics.entries()) s.set(p.neurons[i].tonic);
    const shown = {
      "trace third": p.neurons.length > 2,
      nullcline: hasNullclines(p),
      rest: hasNullclines(p),
      unstable: hasNullclines(p),
    };
    for (const one of keys.children) one.hidden = shown[one.dataset.of] === false;
  }

  function drawPlots(p, time) {
    const wide = root.clientWidth >= 620;
    const pair = isPair(p);
    root.classList.toggle("pair", pair);
    const height = wide ? 200 : 140;
    view.scales.traces = drawTraces(
      p,
      view.states,
      time,
      model.get("active"),
      Math.max(240, traces.clientWidth),
      height,
    );
    traces.replaceChildren(view.scales.traces.picture);
    const side = Math.max(60, Math.min(phase.clientWidth - 58, height));
    view.scales.phase = drawPhase(p, view.states, time, phase.clientWidth, side);
    phase.replaceChildren(view.scales.phase.picture);
    pitchfork.hidden = !pair;
    if (!pair) return;
    view.scales.pitchfork = drawDiagram(
      diagramOf(p, time),
      p.synapses[0].conductance,
      Math.max(110, pitchfork.clientWidth),
      side,
      pulsedAt(p, time),
    );
    pitchfork.replaceChildren(view.scales.pitchfork.picture);
  }

  function untouched(p) {
    const { neurons, synapses } = model.get("presets").find(({ name }) => name === model.get("motif"));
    return JSON.stringify([p.neurons, p.synapses]) === JSON.stringify([neurons, synapses]);
  }

  function refocus(/** @type {DOMStringMap} */ { synapse, neuron }) {
    const selector = synapse === undefined ? `[data-neuron="${neuron}"]` : `[data-synapse="${synapse}"]`;
    circuit.querySelector(selector)?.focus({ preventScroll: true });
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, [...NAMES, "time"], root, redraw);
  draw();
  return () => {
    clearInterval(view.timer);
    unfollow();
  };
}

export default { render };
