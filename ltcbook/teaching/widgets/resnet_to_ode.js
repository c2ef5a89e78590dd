// From ResNet to ODE: N residual layers as Euler steps that merge into a flow; what a flow on the line
// can't do, but one in the plane can; and what one in the plane can't do, but one in space can.

import { announcer, button, choice, draggable, follow, html, marked, more, redrawing, slider } from "./kit.js";
import { crossings, fit, flow, flowInPlane, miss, resnet, resnetInPlane } from "./resnet_math.js";
import { keeper } from "./keeper.js";
import { cloudKey, cloudScene, cloudWords, drawCloud, fitCloud } from "./resnet_cloud.js";
import { drawSpace, liftLine } from "./resnet_space.js";
import { byKeys, redrawn } from "./resnet_starts.js";
import {
  GRID,
  HEIGHT,
  drawEnds,
  drawPaths,
  drawPlane,
  equationLines,
  factsOf,
  frame,
  goalWords,
  gridAt,
  lineKey,
  resampled,
  targetOf,
  words,
} from "./resnet_views.js";

const NUMBERS = ["horizon", "w", "a", "b", "w_l", "turn", "lift"];
const NAMES = ["activation", "depth", "starts", "dimension", "target", "cloud", ...NUMBERS];
const QUESTION = "Double the layers: when do the paths stop crossing?";
const DEEPEST = 64;
const MORPH = 650; // milliseconds
// Nothing moves at first: the reader turns r.
const PLANE = { w: 0, a: 2, b: 0, w_l: 0, turn: 0, lift: 0, horizon: 1.5, depth: 16 };
const YAW = 0.5; // radians: from where one looks into space at first

const legal = (state) =>
  ["tanh", "sigm"].includes(state.activation) &&
  Number.isInteger(state.depth) &&
  state.depth >= 1 &&
  state.depth <= 1024 &&
  state.horizon > 0 &&
  state.horizon <= 20 &&
  ["", "rings", "spiral"].includes(state.cloud) &&
  (state.cloud ? [2, 3] : [1, 2]).includes(state.dimension) &&
  Math.abs(state.yaw) <= 7 &&
  new Set(state.starts).size > 1 &&
  state.starts.length <= 30 &&
  [0, GRID].includes(state.target.length);

function render({ model, el }) {
  const voice = announcer();
  const view = { morph: null, scales: null, held: null, lastDrawn: null, yaw: YAW, pulled: null };
  const state = keeper(model, "resnet", NAMES, legal, [], {
    get: () => ({ yaw: view.yaw }),
    set: ({ yaw }) => {
      view.yaw = yaw;
    },
  });
  const parameters = () => Object.fromEntries(["activation", ...NUMBERS].map((name) => [name, model.get(name)]));

  function put(values, apart = false) {
    view.morph = null;
    state.put(values, { apart });
    redraw();
  }

  function setDepth(depth) {
    const before = compute().paths;
    put({ depth: Math.max(1, Math.min(DEEPEST, Math.round(depth))) }, true);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) morph(before);
    say();
  }

  /** Let the broken lines of one depth become those of another. */
  function morph(before) {
    const own = { before, begin: performance.now() };
    view.morph = own;
    const next = () => {
      if (view.morph !== own || !el.isConnected) return;
      if (performance.now() - own.begin >= MORPH) view.morph = null;
      else requestAnimationFrame(next);
      redraw();
    };
    requestAnimationFrame(next);
  }

  function say() {
    voice.say(model.get("cloud") ? cloudWords(scene().said) : words(compute()));
  }

  const inSpace = () => model.get("dimension") === 3;
  const scene = () => cloudScene(parameters(), model.get("cloud"), model.get("depth"), inSpace());

  /** Paths as x against layers, whatever the dimension; in the plane their second coordinate too. */
  function compute() {
    const [p, starts, depth] = [parameters(), model.get("starts"), model.get("depth")];
    const plane = model.get("dimension") === 2;
    const layered = starts.map((x) => (plane ? resnetInPlane(p, x, depth) : resnet(p, x, depth)));
    const flowing = starts.map((x) => (plane ? flowInPlane(p, x) : flow(p, x)));
    const first = (all) => (plane ? all.map((path) => path.map(([x]) => x)) : all);
    const [paths, flows] = [first(layered), first(flowing)];
    const gap = Math.max(...paths.map((path, k) => Math.abs(path.at(-1) - flows[k].at(-1))));
    const target = targetOf(model.get("target"), starts);
    return {
      p,
      starts,
      depth,
      plane,
      paths,
      flows,
      gap,
      target,
      layered,
      flowing,
      crossed: plane ? [] : crossings(paths),
      off: target.length ? miss(p, target, plane ? 2 : 1) : null,
    };
  }

  const paths = html("div", { class: "plot paths" });
  const ends = html("div", { class: "plot ends" });
  const caption = html("p", { class: "caption" });
  const equation = html("div", { class: "equation" });
  const facts = html("dl", { class: "facts" });
  const depthSlider = slider({
    letter: "N",
    spoken: "layers",
    min: 1,
    max: DEEPEST,
    step: 1,
    oninput: (value) => put({ depth: value }),
    onchange: say,
  });
  const activation = choice({
    title: "Activation",
    options: [
      ["tanh", ["tanh"]],
      ["sigm", ["sigmoid"]],
    ],
    onchange: (value) => put({ activation: value }),
  });
  const made = (letter, spoken, min, max, name = letter) =>
    slider({
      letter,
      spoken,
      min,
      max,
      step: 0.1,
      oninput: (value) => put({ [name]: value }),
      onchange: say,
    });
  const sliders = {
    w: made("w", "strength", -4, 4),
    a: made("a", "slope", 0, 4),
    b: made("b", "bias", -3, 3),
    w_l: made("w_l", "leak", 0, 3),
    horizon: made("T", "horizon", 0.2, 6, "horizon"),
    turn: made("r", "strength between the two neurons", -8, 8, "turn"),
    lift: made("s", "strength onto the third neuron", 0, 3, "lift"),
  };
  const turned = slider({
    letter: "φ",
    spoken: "from where to look, in radians",
    min: -3.1,
    max: 3.1,
    step: 0.1,
    oninput: look,
  });
  const halve = button("Halve", () => setDepth(model.get("depth") / 2), {
    "aria-label": "Halve the number of layers",
  });
  const double = button("Double", () => setDepth(model.get("depth") * 2), {
    class: "primary",
    "aria-label": "Double the number of layers",
  });
  const undo = button("Undo", () => {
    view.morph = null;
    if (state.undo()) voice.say("Undone.");
    redraw();
  });
  const minus = button(marked("Target: *x* → −*x*"), () =>
    put({ target: Array.from({ length: GRID }, (_, k) => -gridAt(model.get("starts"), k)) }, true),
  );
  const fitButton = button("Fit the flow", () => {
    const { p, target, plane } = compute();
    const found = fit(p, target, plane ? 2 : 1);
    put(
      {
        ...Object.fromEntries(NUMBERS.map((name) => [name, Number(found[name].toFixed(3))])),
        depth: DEEPEST,
      },
      true,
    );
    say();
  });
  const dimension = button("Add a dimension", () => {
    put({ dimension: { 1: 2, 2: 1 }[model.get("dimension")] }, true);
    say();
  });
  const goal = html("p", { class: "goal" });
  const shown = choice({
    title: "What is sent through the network",
    options: [
      ["", ["numbers"]],
      ["rings", ["two rings"]],
      ["spiral", ["a spiral"]],
    ],
    onchange: (name) => {
      put(name ? { cloud: name, dimension: 2, ...PLANE } : { cloud: "", dimension: 1, ...first }, true);
      say();
    },
  });
  const first = Object.fromEntries([...NUMBERS, "depth"].map((name) => [name, model.get(name)]));
  const unwind = button(
    "Fit",
    () => {
      const found = fitCloud(parameters(), scene().points);
      const fitted = ["w", "turn", "b", "lift"].map((name) => [name, Number(found[name].toFixed(3))]);
      put({ ...Object.fromEntries(fitted), depth: DEEPEST }, true);
      say();
    },
    { class: "primary" },
  );
  const third = button("Add a dimension", () => {
    put({ dimension: inSpace() ? 2 : 3, lift: 0 }, true);
    say();
  });
  const cloudLegend = cloudKey();
  const lineLegend = lineKey();
  const task = more(
    "A task for the flow: draw where each start shall end",
    html(
      "div",
      { class: "task" },
      html("p", {}, "Draw over the picture of the ends, or take the target that sends every number to its opposite."),
      html("div", { class: "bar-row" }, minus, fitButton, dimension),
      goal,
    ),
  );
  const question = html("p", { class: "task" }, QUESTION);
  const root = html(
    "div",
    {
      class: "ltcbook resnet tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "From ResNet to ODE",
    },
    question,
    shown.node,
    html("div", { class: "stage" }, paths, ends),
    cloudLegend,
    lineLegend,
    html(
      "div",
      { class: "bar-row" },
      halve,
      html("div", { class: "depth" }, depthSlider.node),
      double,
      unwind,
      third,
      undo,
    ),
    caption,
    task,
    more("More: weights and time", ...Object.values(sliders).map((s) => s.node), turned.node, activation.node),
    facts,
    equation,
    voice.node,
  );
  el.append(root);
  const rounded = (value) => Number(value.toFixed(2));
  function look(yaw) {
    view.yaw = rounded(Math.atan2(Math.sin(yaw), Math.cos(yaw)));
    state.note();
    redraw();
  }
  for (const place of [paths, ends]) {
    draggable(place, (px, _py, _event, first) => {
      if (!inSpace()) return false;
      if (first) view.pulled = [px, view.yaw];
      look(view.pulled[1] + 0.012 * (px - view.pulled[0]));
      return true;
    });
  }

  function moveStart(held, to) {
    const [value, starts] = [rounded(Math.max(-3, Math.min(3, to))), model.get("starts")];
    if (!starts.includes(value)) put({ starts: starts.map((start, k) => (k === held ? value : start)) });
  }

  draggable(paths, (px, py, _event, first) => {
    if (model.get("cloud")) return false;
    const [{ t, x, z }, starts] = [view.scales.paths, model.get("starts")];
    if (first) {
      state.cut();
      const off = (start) => (t ? [t(0) - px, x(start) - py] : [x(start) - px, z(0) - py]);
      const near = starts.map((start, k) => [Math.hypot(...off(start)), k]).sort((p, q) => p[0] - q[0])[0];
      view.held = near[0] < 26 ? near[1] : null;
    }
    if (view.held === null) return false;
    moveStart(view.held, x.invert(t ? py : px));
    return true;
  });
  byKeys(paths, (k, by) => moveStart(k, model.get("starts")[k] + by), say);

  draggable(ends, (px, py, _event, first) => {
    if (model.get("cloud")) return false;
    if (first) state.cut();
    const [{ from, to }, starts] = [view.scales.ends, model.get("starts")];
    const target = model.get("target").length
      ? [...model.get("target")]
      : Array.from({ length: GRID }, (_, k) => rounded(gridAt(starts, k)));
    const [low, high] = [gridAt(starts, 0), gridAt(starts, GRID - 1)];
    const at = Math.max(0, Math.min(GRID - 1, Math.round(((from.invert(px) - low) / (high - low)) * (GRID - 1))));
    const before = first || view.lastDrawn === null ? { at, y: to.invert(py) } : view.lastDrawn;
    const y = Math.max(to.domain[0], Math.min(to.domain[1], to.invert(py)));
    for (let k = Math.min(at, before.at); k <= Math.max(at, before.at); k += 1) {
      const part = at === before.at ? 1 : (k - before.at) / (at - before.at);
      target[k] = rounded(before.y + part * (y - before.y));
    }
    view.lastDrawn = { at, y };
    put({ target });
  });

  function draw() {
    const all = compute();
    depthSlider.set(all.depth);
    halve.disabled = all.depth === 1;
    double.disabled = all.depth >= DEEPEST;
    undo.disabled = !state.canUndo;
    activation.set(all.p.activation);
    for (const [name, control] of Object.entries(sliders)) control.set(all.p[name]);
    const name = model.get("cloud");
    sliders.turn.node.hidden = !all.plane && !name;
    sliders.lift.node.hidden = turned.node.hidden = !inSpace();
    turned.set(view.yaw);
    dimension.textContent = all.plane ? "Back to the line" : "Add a dimension";
    fitButton.disabled = !all.target.length;
    goal.textContent = goalWords(all);
    shown.set(name);
    third.textContent = inSpace() ? "Back to the plane" : "Add a dimension";
    for (const node of [unwind, third, cloudLegend]) node.hidden = !name;
    for (const node of [halve, double, task, lineLegend, facts]) node.hidden = Boolean(name);
    equation.hidden = Boolean(name) && !inSpace();
    question.textContent = name ? "Can a straight cut part the two kinds in the end? Press Fit." : QUESTION;
    root.classList.toggle("in-space", inSpace());
    root.classList.toggle("with-cloud", Boolean(name));
    const range = frame([...all.flows.flat(), ...all.starts]);
    const width = Math.max(250, paths.clientWidth);
    const height = root.clientWidth >= 620 ? HEIGHT : inSpace() ? 190 : 130;
    if (name) {
      drawScene(width, height);
      return;
    }
    view.scales = {
      paths: all.plane ? drawPlane(all, width, height) : drawPaths(all, range, width, height, morphed(all)),
      ends: drawEnds(all, range, Math.max(200, ends.clientWidth), height),
    };
    redrawn(paths, view.scales.paths.picture);
    ends.replaceChildren(view.scales.ends.picture);
    caption.textContent = words(all);
    facts.replaceChildren(...factsOf(all));
    equation.replaceChildren(...equationLines(all));
  }

  function drawScene(width, height) {
    const { points, ends: last, paths: ways, said } = scene();
    const title = said.depth === 1 ? "after 1 layer" : `after ${said.depth} layers`;
    const before = { points, paths: ways, title: "start, and the way", width, height };
    const after = { points: last, title, width: Math.max(200, ends.clientWidth), height };
    const { yaw } = view;
    paths.replaceChildren(said.space ? drawSpace({ ...before, yaw }) : drawCloud(before));
    ends.replaceChildren(
      said.space ? drawSpace({ ...after, plane: said.own, yaw }) : drawCloud({ ...after, line: said.own }),
    );
    caption.replaceChildren(...marked(cloudWords(said)));
    if (said.space) equation.replaceChildren(liftLine(parameters()));
  }

  /** The paths on their way from one depth to another, or null when nothing moves. */
  function morphed({ paths: now }) {
    if (view.morph === null || view.morph.before.length !== now.length) return null;
    const part = Math.min(1, (performance.now() - view.morph.begin) / MORPH);
    const eased = part * part * (3 - 2 * part);
    return now.map((path, k) => {
      const [one, other] = [resampled(view.morph.before[k]), resampled(path)];
      return one.map((value, n) => value + eased * (other[n] - value));
    });
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, NAMES, root, redraw);
  draw();
  return () => {
    view.morph = null;
    unfollow();
  };
}

export default { render };
