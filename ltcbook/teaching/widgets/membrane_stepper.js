// The membrane stepper: state, controls and words. Pictures are in membrane_views.js.

import {
  announcer,
  button,
  choice,
  draggable,
  factList,
  follow,
  html,
  marked,
  more,
  number,
  redrawing,
  slider,
} from "./kit.js";
import { keeper } from "./keeper.js";
import { UNITS, handleAt, membraneSliders, showCard, synapseCard } from "./membrane_cards.js";
import {
  METHODS,
  SCALES,
  advance,
  fromStart,
  linearForm,
  newSynapse,
  rescale,
  stepsTaken,
  verdict,
} from "./membrane_math.js";
import { METHOD_NAMES, drawLadder, drawTrace, methodSample, potentialRange, zoomedRange } from "./membrane_views.js";
import { equationLines, gauge, stepWords, tellStep, whyNot } from "./membrane_words.js";

const SENT = ["scale", "dt", "C", "w_l", "e_l", "x0", "synapses", "method", "predict"];
const NAMES = [...SENT, "history"];
const PLAY_INTERVAL = 450;
const LONGEST_PLAY = 200;

const legal = ({ scale, dt, C, w_l, synapses, method, steps }) =>
  scale in SCALES &&
  METHODS.includes(method) &&
  dt > 0 &&
  C > 0 &&
  w_l >= 0 &&
  steps >= 0 &&
  steps <= LONGEST_PLAY &&
  synapses.length <= 6 &&
  synapses.every(({ w, a, b, e, x }) => w >= 0 && a >= 0 && [b, e, x ?? 0].every(Number.isFinite));

function render({ model, el }) {
  const view = { guess: null, revealed: null, timer: null, layout: null, synapses: [], ghost: [], zoom: false };
  const voice = announcer();
  const parameters = () => {
    const p = {};
    for (const name of ["scale", "C", "w_l", "e_l", "dt", "x0", "synapses"]) p[name] = model.get(name);
    return p;
  };
  const state = keeper(model, "membrane", SENT, legal, ["history"], {
    get: () => ({ zoom: view.zoom, steps: stepsTaken(parameters(), model.get("history"), LONGEST_PLAY) }),
    set: ({ zoom, steps }) => {
      view.zoom = zoom;
      model.set("history", fromStart(parameters(), steps));
    },
  });
  const current = () => model.get("history").at(-1)[model.get("method")];
  const unit = () => UNITS[model.get("scale")];

  function put(values, apart = false) {
    state.put(values, { apart });
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
    view.revealed = view.guess === null ? null : reveal(p, row.t, before, after);
    view.guess = null;
    put({ history: [...history, row] }, true);
    const why = view.revealed ? ` ${view.revealed.why}` : "";
    voice.say(stepWords(p, history.length, row.t, { before, after }, METHOD_NAMES[model.get("method")], unit()) + why);
  }

  function reveal(p, t, before, actual) {
    const [guess, method] = [view.guess, model.get("method")];
    const why = whyNot(p, before, { guess, actual }, method, METHOD_NAMES[method], unit());
    return { t, guess, actual, why };
  }

  function undo() {
    if (view.guess !== null) view.guess = null;
    else state.undo();
    view.revealed = null;
    voice.say(`Undone. ${model.get("history").length - 1} steps.`);
    redraw();
  }

  function restart(changes = {}) {
    pause();
    const history = model.get("history");
    Object.assign(view, { guess: null, revealed: null });
    const x0 = changes.x0 ?? model.get("x0");
    // The run before stays as a pale line, in this view alone: nothing of it is saved.
    if (changes.scale) view.ghost = [];
    else if (history.length > 1) view.ghost = history;
    put({ ...changes, history: fromStart({ x0 }, 0) });
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
    put({ synapses: [...model.get("synapses"), newSynapse(SCALES[model.get("scale")], kind)] });
  }

  function removeSynapse(k) {
    put({ synapses: model.get("synapses").filter((_, n) => n !== k) });
    voice.say(`Synapse ${k + 1} removed.`);
    adders.firstChild.focus();
  }

  const act = { put, restart, setSynapse, removeSynapse, current };

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
  const ghostKey = html("span", { class: "exact-key" }, methodSample("ghost"), "the run before");
  legend.node.append(html("span", { class: "exact-key" }, methodSample("exact"), "exact"), ghostKey);
  const scale = choice({
    title: "Scale",
    options: [
      ["unit", ["papers’ units"]],
      ["millivolt", ["millivolts"]],
    ],
    onchange: setScale,
  });

  const stepButton = button("Step", step, { class: "primary", "aria-keyshortcuts": "Space ArrowRight" });
  const playButton = button("Play", play);
  const undoButton = button("Undo", undo, { "aria-keyshortcuts": "ArrowLeft" });
  const predict = html("input", { type: "checkbox", onchange: () => setPredict(predict.checked) });
  const guess = slider({
    letter: "x",
    spoken: "after the step",
    min: 0,
    max: 1,
    step: "any",
    oninput: setGuess,
  });
  const prediction = html("div", { class: "prediction" }, html("strong", {}, "Your prediction"), guess.node);
  const verdictLine = html("p", { class: "verdict" });
  const told = html("p", { class: "caption" });
  const timeStep = html("div", { class: "time-step" });
  const zoomButton = button("Zoom in", () => {
    view.zoom = !view.zoom;
    state.note();
    redraw();
  });
  const bar = html("div", { class: "bar-row" }, stepButton, undoButton, zoomButton, timeStep);

  const adders = html(
    "div",
    { class: "adders" },
    button("+ excitatory", () => addSynapse("excitatory"), { "aria-label": "Add an excitatory synapse" }),
    button("+ inhibitory", () => addSynapse("inhibitory"), { "aria-label": "Add an inhibitory synapse" }),
  );
  const general = html("div");
  const cards = html(
    "div",
    { class: "tiles" },
    html("section", { class: "tile", "aria-label": "Membrane" }, html("h3", {}, "Membrane"), general, adders),
  );
  const root = html(
    "div",
    {
      class: "ltcbook membrane tex2jax_ignore mathjax_ignore",
      role: "group",
      tabindex: 0,
      "aria-label": "Membrane stepper. Space or right arrow: step. Left arrow: undo.",
      onkeydown: keys,
    },
    html("p", { class: "task" }),
    html("div", { class: "stage" }, ladder, trace, legend.node, prediction, verdictLine, bar),
    told,
    facts,
    equation,
    more(
      "More: predict first, play, restart, and every number by a slider",
      html(
        "div",
        { class: "bar-row whole" },
        html("label", { class: "check" }, predict, "predict first"),
        playButton,
        button("Restart", () => restart()),
        scale.node,
      ),
      cards,
    ),
    voice.node,
  );
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
  draggable(trace, (_px, py) => {
    if (view.guess === null) return false;
    const [low, high] = view.y.domain;
    setGuess(Math.max(low, Math.min(high, view.y.invert(py))));
    return true;
  });

  // In the ladder each thing is its own handle: an anchor, the potential, a bar or its filled part.
  draggable(
    ladder,
    (px, py, _event, first) => {
      if (first) state.cut();
      if (first)
        view.dragging = handleAt({ px: px + ladder.scrollLeft, py }, view.ladder, parameters(), current(), act);
      if (view.dragging === null) return false;
      view.dragging(px, py);
      return true;
    },
    () => {
      view.dragging = null;
      redraw();
    },
  );

  /** The cards are built anew only when their number or the scale changes. */
  function buildCards() {
    const { synapses } = parameters();
    const layout = `${model.get("scale")} ${synapses.length}`;
    if (view.layout === layout) return;
    view.layout = layout;
    view.membrane = membraneSliders(model.get("scale"), act);
    const { dt, ...rest } = view.membrane;
    timeStep.replaceChildren(dt.node);
    general.replaceChildren(...Object.values(rest).map((s) => s.node));
    for (const { node } of view.synapses) node.remove();
    view.synapses = synapses.map((_, k) => synapseCard(k, model.get("scale"), act));
    cards.append(...view.synapses.map((s) => s.node));
  }

  // --- drawing ----------------------------------------------------------------------------

  function draw() {
    const p = parameters();
    const method = model.get("method");
    const x = current();
    const history = model.get("history");
    const wide = root.clientWidth >= 620;
    const common = {
      p,
      x,
      method,
      unit: unit().x,
      timeUnit: unit().t,
      guess: view.guess,
      revealed: view.revealed,
      hideStep: model.get("predict"),
      range: potentialRange(p, p.x0),
      height: wide ? 250 : root.clientWidth > 340 ? 135 : 110,
      zoomed: view.zoom ? zoomedRange(p, history) : null,
    };
    view.ladder = drawLadder({ ...common, width: Math.max(240, ladder.clientWidth) });
    ladder.replaceChildren(view.ladder.picture);
    const drawn = drawTrace({
      ...common,
      history,
      ghost: view.ghost,
      width: Math.max(240, trace.clientWidth),
      preview: view.dragging && !common.hideStep ? advance(p, history.at(-1)) : null,
    });
    view.y = drawn.y;
    trace.replaceChildren(drawn.picture);
    drawControls(p, x);
    drawFacts(p, x);
    equation.replaceChildren(...equationLines(p, x, method, model.get("predict"), history.length));
    told.hidden = model.get("predict"); // there the verdict tells
    told.replaceChildren(...marked(tellStep(p, history, method, METHOD_NAMES[method], unit())));
  }

  function drawControls(p, x) {
    buildCards();
    legend.set(model.get("method"));
    ghostKey.hidden = view.ghost.length === 0;
    scale.set(model.get("scale"));
    predict.checked = model.get("predict");
    const predicting = view.guess !== null;
    stepButton.textContent = predicting ? "Reveal" : predict.checked ? "Predict" : "Step";
    root.firstChild.textContent = `Where does the potential go next? ${predicting ? "Move your guess, press" : "Press"} ${stepButton.textContent}. Every ring can be dragged.`;
    playButton.textContent = view.timer === null ? "Play" : "Pause";
    playButton.disabled = predict.checked;
    undoButton.disabled = !predicting && !state.canUndo;
    zoomButton.textContent = view.zoom ? "Zoom out" : "Zoom in";
    trace.classList.toggle("predicting", predicting);
    prediction.hidden = !predicting;
    if (predicting) {
      [guess.input.min, guess.input.max] = potentialRange(p, p.x0);
      guess.set(view.guess);
    }
    verdictLine.hidden = !view.revealed;
    if (view.revealed) verdictLine.replaceChildren(...marked(view.revealed.why));
    for (const [name, control] of Object.entries(view.membrane)) control.set(p[name]);
    view.synapses.forEach((card, k) => {
      showCard(card, k, p, x);
    });
  }

  function drawFacts(p, x) {
    const { rate, drive } = linearForm(p, x);
    const ratio = p.dt * rate;
    const word = verdict(ratio);
    const { x: xUnit, t } = unit();
    const list = factList([
      ["time *t*", `${number(model.get("history").at(-1).t)} ${t}`],
      ["potential *x*", `${number(x)} ${xUnit}`],
      ["time constant *τ*", `${number(1 / rate, 3)} ${t}`],
      ["equilibrium *x_∞*", model.get("predict") ? "?" : `${rate > 0 ? number(drive / rate, 3) : "none"} ${xUnit}`],
      [
        "explicit Euler: *Δt*/*τ*",
        [gauge(ratio), html("strong", { class: word.split(" ")[0] }, `${number(ratio, 3)} ${word}`)],
      ],
    ]);
    list.at(-1).className = "wide";
    facts.replaceChildren(...list);
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
