// Train one here: the reader draws a curve, and an LTC and a CT-RNN learn it before their eyes.
// The arithmetic is in train_math.js and runs in a worker (train_worker.js).

import {
  announcer,
  button,
  choice,
  draggable,
  factList,
  follow,
  html,
  keyed,
  more,
  number,
  redrawing,
  slider,
  svg,
} from "./kit.js";
import { bump, examples, verdictOf } from "./train_words.js";
import { keeper } from "./keeper.js";
import { HEIGHTS, MODELS, drawCurves, drawLosses, legal } from "./train_views.js";

const TRAITS = ["target", "start", "solver", "unfolds", "seed"];

function render({ model, el }) {
  const steps = model.get("steps");
  const view = { run: 0, going: false, curves: null, finished: new Map(), worker: null, plot: null, pen: 10 };
  const voice = announcer();
  const state = keeper(model, "train", TRAITS, legal);
  const get = (name) => model.get(name);

  // --- training ---------------------------------------------------------------------------

  function worker() {
    if (view.worker) return view.worker;
    const address = URL.createObjectURL(new Blob([get("worker_source")], { type: "text/javascript" }));
    view.worker = new Worker(address);
    view.worker.onmessage = ({ data }) => hear(data);
    view.worker.onerror = () => {
      view.going = false;
      view.failed = true;
      redraw();
    };
    return view.worker;
  }

  const task = () => ({
    target: get("target"),
    implicit: get("solver") === "semi-implicit",
    unfolds: get("unfolds"),
    rate: 0.01,
    steps,
  });

  /** What two runs must share so that only the start differs. */
  const setting = () => JSON.stringify([get("target"), get("solver"), get("unfolds"), get("seed")]);

  function begin() {
    view.run += 1;
    view.curves = Object.fromEntries(MODELS.map((name) => [name, { losses: [], outputs: null, stiffness: 0 }]));
    view.going = true;
    view.over = false;
    view.drawnSince = false;
    worker().postMessage({
      order: "begin",
      run: view.run,
      names: MODELS,
      size: get("hidden_size"),
      start: get("start"),
      ranges: get("ranges"),
      seed: get("seed"),
      ...task(),
    });
    redraw();
  }

  function pause() {
    view.going = false;
    view.worker?.postMessage({ order: "stop" });
    redraw();
  }

  function press() {
    if (view.going) return pause();
    if (view.curves === null || view.over) return begin();
    view.going = true;
    worker().postMessage({ order: "go on", run: view.run, ...task() });
    return redraw();
  }

  function hear({ run, report, over }) {
    if (run !== view.run || !el.isConnected) return;
    for (const { name, losses, outputs, stiffness } of report) {
      const curve = view.curves[name];
      curve.losses.push(...losses);
      curve.stiffness = Math.max(curve.stiffness, stiffness);
      if (outputs) curve.outputs = outputs;
    }
    if (over) {
      view.going = false;
      view.over = true;
      // A curve redrawn under way is no fair race: it is not kept for the comparison.
      if (!view.drawnSince) remember();
      voice.say(words());
    }
    redraw();
  }

  function remember() {
    if (view.finishedFor !== setting()) view.finished.clear();
    view.finishedFor = setting();
    view.finished.set(get("start"), view.curves);
  }

  /** A change of what is trained begins anew; a change of the curve is followed under way. */
  function change(values) {
    state.put(values, { apart: true });
    view.over = true;
    if (view.going) begin();
    else view.curves = view.finishedFor === setting() ? (view.finished.get(get("start")) ?? null) : null;
    redraw();
  }

  function retarget(target) {
    state.put({ target });
    follows();
  }

  function follows() {
    view.drawnSince = true;
    if (view.going) view.worker.postMessage({ order: "go on", run: view.run, ...task() });
    else if (view.curves) view.curves = null;
    redraw();
  }

  function undo() {
    if (!state.undo()) return;
    voice.say("Undone.");
    follows();
  }

  // --- the page ---------------------------------------------------------------------------

  const plot = html("div", { class: "plot draw" });
  const losses = html("div", { class: "plot" });
  const caption = html("p", { class: "caption" });
  const facts = html("dl", { class: "facts" });
  const trainButton = button("Train", press, { class: "primary" });
  const undoButton = button("Undo", undo);
  const start = choice({
    title: "Where training starts",
    options: [
      ["midpoint", ["midpoint"]],
      ["scaled", ["scaled"]],
    ],
    onchange: (value) => change({ start: value }),
  });
  const solver = choice({
    title: "Solver",
    options: [
      ["semi-implicit", ["semi-implicit Euler"]],
      ["explicit", ["explicit Euler"]],
    ],
    onchange: (value) => change({ solver: value }),
  });
  const unfolds = slider({
    letter: "1/Δt",
    spoken: "solver steps for each time step",
    min: 1,
    max: 8,
    step: 1,
    oninput: (value) => change({ unfolds: value }),
  });
  const seed = slider({
    letter: "",
    spoken: "draw of the first weights",
    min: 0,
    max: 9,
    step: 1,
    oninput: (value) => change({ seed: value }),
  });
  const pen = slider({
    letter: "t",
    spoken: "pen: where",
    min: 0,
    max: 39,
    step: 1,
    oninput: (value) => {
      view.pen = value;
      redraw();
    },
  });
  const height = slider({
    letter: "y",
    spoken: "pen: pull the curve to",
    min: -1,
    max: 1,
    step: 0.05,
    oninput: (value) => retarget(bump(get("target"), view.pen, value)),
  });
  const curves = html(
    "div",
    { class: "labelled" },
    "curves:",
    Object.entries(examples(40)).map(([name, values]) =>
      button(name, () => {
        retarget(values);
      }),
    ),
  );
  const swatch = (kind, text) => keyed(30, svg("path", { class: kind, d: "M1,6H29" }), text);
  const othersKey = swatch("loss ctrnn before", "CT-RNN from the other start");
  const root = html(
    "div",
    {
      class: "ltcbook train tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "Train one here",
      onkeydown: (event) => {
        if ((event.ctrlKey || event.metaKey) && event.key === "z") {
          undo();
          event.preventDefault();
        }
      },
    },
    html("p", { class: "task" }, "Draw a curve, then press Train."),
    html(
      "div",
      { class: "key" },
      swatch("target", "to be learnt"),
      swatch("output ltc", "LTC, 8 neurons"),
      swatch("output ctrnn", "CT-RNN, 8 neurons"),
      othersKey,
    ),
    html("div", { class: "stage" }, plot, losses),
    html(
      "div",
      { class: "bar-row" },
      trainButton,
      undoButton,
      html("span", { class: "labelled" }, "start of the weights", start.node),
    ),
    caption,
    more(
      "More: a solver and a step to break, other draws, other curves",
      solver.node,
      unfolds.node,
      seed.node,
      curves,
      pen.node,
      height.node,
      facts,
    ),
    voice.node,
  );
  el.append(root);

  let lastPoint = null;
  draggable(plot, (px, py, _event, first) => {
    if (first) state.cut();
    const { t, y } = view.plot;
    const [low, high] = HEIGHTS;
    const at = Math.max(0, Math.min(39, Math.round(t.invert(px))));
    const value = Number(Math.max(low, Math.min(high, y.invert(py))).toFixed(3));
    const from = first || lastPoint === null ? { at, value } : lastPoint;
    const target = [...get("target")];
    const [left, right] = from.at <= at ? [from, { at, value }] : [{ at, value }, from];
    for (let k = left.at; k <= right.at; k += 1) {
      const part = right.at === left.at ? 1 : (k - left.at) / (right.at - left.at);
      target[k] = Number((left.value + part * (right.value - left.value)).toFixed(3));
    }
    target[at] = value;
    lastPoint = { at, value };
    retarget(target);
  });

  const words = () =>
    verdictOf({
      start: get("start"),
      solver: get("solver"),
      going: view.going,
      over: view.over,
      failed: view.failed,
      curves: view.curves,
      steps,
      target: get("target"),
      finished: view.finishedFor === setting() ? view.finished : new Map(),
    });

  function draw() {
    start.set(get("start"));
    solver.set(get("solver"));
    unfolds.set(get("unfolds"));
    seed.set(get("seed"));
    pen.set(view.pen);
    height.set(Number(get("target")[view.pen].toFixed(2)));
    trainButton.textContent = view.going
      ? "Pause"
      : view.curves === null
        ? "Train"
        : view.over
          ? "Train again"
          : "Go on";
    undoButton.disabled = !state.canUndo;
    view.plot = drawCurves(get("target"), { ...view, hint: !state.canUndo }, Math.max(250, plot.clientWidth));
    plot.replaceChildren(view.plot.picture);
    const other =
      view.finishedFor === setting() ? view.finished.get(get("start") === "scaled" ? "midpoint" : "scaled") : null;
    othersKey.hidden = !other;
    const room = { width: Math.max(220, losses.clientWidth), height: root.clientWidth >= 620 ? 230 : 130 };
    losses.replaceChildren(drawLosses(view.curves, other, steps, room));
    caption.textContent = words();
    facts.replaceChildren(
      ...factList(
        MODELS.map((name) => [
          [`${name}: `, html("var", {}, "Δt"), " × largest decay"],
          view.curves?.[name].stiffness ? number(view.curves[name].stiffness, 3) : "–",
        ]),
      ),
    );
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, TRAITS, root, redraw);
  draw();
  return () => {
    view.worker?.terminate();
    unfollow();
  };
}

export default { render };
