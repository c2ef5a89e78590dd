// Stack the sigmoids: drag steps until their sum is the curve, then let training do it with three.

import { button, choice, follow, html, linear, linePath, number, pixel, redrawing, svg, uniqueId } from "./kit.js";
import { keeper } from "./keeper.js";
import { animate, caption, grip, handle, placeIn } from "./stage.js";
import {
  GENTLEST,
  ITERATIONS,
  KNOTS,
  PLACES,
  STEEPEST,
  TALLEST,
  curve,
  distance,
  stack,
  stepAt,
  stepsOf,
  train,
  untrained,
} from "./sigmoid_math.js";
import { HEIGHT, RANGE, TOP, frame, leaves, sit } from "./sigmoid_views.js";

const MOST = 12;
const SHOULDER = 1.5; // where the handle of the slope sits, in units of 1 / a
const clip = (value, low, high) => Math.max(low, Math.min(high, value));

function render({ model, el }) {
  const keep = keeper(model, "steps", ["steps", "floor", "target", "drawn"], legal);
  const view = {
    width: 0,
    x: null,
    y: null,
    bars: [],
    chosen: 0,
    stop: () => {},
    by: "hand",
    best: null,
    painting: /** @type {number | null} */ (null),
    shown: null,
  };
  const put = (values, options) => {
    halt();
    keep.put(values, options);
    redraw();
  };
  const target = () => curve(model.get("target"), model.get("drawn"));

  function startTraining() {
    view.stop();
    const before = {
      steps: model.get("steps"),
      error: distance(stack(model.get("floor"), model.get("steps")), target()),
    };
    if (view.by === "hand") view.best = before;
    const y = target();
    const end = untrained();
    while (end.k < ITERATIONS) train(end, y);
    keep.put(stepsOf(end), { apart: true });
    // The way there is shown once more, slowly; what is kept is its end.
    const state = untrained();
    view.by = "training";
    view.stop = animate(5, (part) => {
      while (state.k < Math.round(part * ITERATIONS)) train(state, y);
      view.shown = part === 1 ? null : { ...stepsOf(state), k: state.k };
      if (part === 1) view.by = "trained";
      redraw();
    });
    redraw();
  }
  function halt() {
    view.stop();
    view.by = "hand";
    view.shown = null;
  }

  const words = caption();
  const which = choice({
    title: "The curve",
    options: [
      ["sine", ["sine"]],
      ["waves", ["two waves"]],
      ["drawn", ["draw your own"]],
    ],
    onchange: (value) => put({ target: value }, { apart: true }),
  });
  const add = button("Add a step", () => addStep(0.5, 0.5));
  const back = button("Undo", () => {
    halt();
    keep.undo();
    redraw();
  });
  const learn = button("Train three steps", startTraining, { class: "primary" });
  const task = html("p", { class: "task" });

  const axis = svg("g", { class: "axes" });
  const ground = svg("rect", { class: "ground", x: 0, y: 0, height: TOP + HEIGHT });
  const wanted = svg("path", { class: "wanted" });
  const single = svg("g", {});
  const total = svg("path", { class: "sum" });
  const handles = svg("g", {});
  const slope = grip("slope", 6);
  const steeper = svg("text", { class: "hint" }, "steeper");
  slope.append(steeper);
  const floor = grip("floor", 7);
  floor.append(svg("text", { class: "hint", x: 12, y: 18 }, "floor"));
  const clipping = uniqueId("clip");
  const window_ = svg("rect", { x: 0, y: TOP, height: HEIGHT });
  const lines = svg("g", { "clip-path": `url(#${clipping})` }, wanted, single, total);
  const beyond = svg("g", { class: "beyond" });
  const drawing = svg("g", { role: "img" }, svg("clipPath", { id: clipping }, window_), axis, lines, beyond);
  const plot = svg(
    "svg",
    { role: "group", "aria-label": "A curve, and sigmoid steps whose sum shall be the curve" },
    drawing,
    ground,
    floor,
    handles,
    slope,
  );
  const stage = html("div", { class: "stage-picture" }, plot);
  const root = html(
    "div",
    {
      class: "ltcbook stack tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "Stack the sigmoids",
    },
    task,
    stage,
    html("div", { class: "bar-row end" }, learn, add, back, which.node),
    words,
  );
  words.setAttribute("aria-live", "polite");
  el.append(root);

  function addStep(m, h) {
    const steps = model.get("steps");
    if (steps.length >= MOST) return;
    view.chosen = steps.length;
    put(
      { steps: [...steps, [clip(Number(m.toFixed(3)), 0, 1), clip(Number(h.toFixed(2)), -TALLEST, TALLEST), 20]] },
      { apart: true },
    );
    draw();
    view.bars.at(-1)?.node.focus({ preventScroll: true });
  }
  const change = (k, values) =>
    put({
      steps: model.get("steps").map((old, i) => (i === k ? old.map((value, part) => values[part] ?? value) : old)),
    });
  const remove = (k) => {
    const steps = model.get("steps");
    if (steps.length === 1) return;
    view.chosen = Math.max(0, k - 1);
    put({ steps: steps.filter((_, i) => i !== k) }, { apart: true });
  };

  // On the ground one paints the curve, where it is one's own, or else sets a new step.
  const paint = (event) => {
    const [px, py] = placeIn(plot, event);
    const knot = clip(Math.round(view.x.invert(px) * (KNOTS - 1)), 0, KNOTS - 1);
    const height = Number(clip(view.y.invert(py), -1.5, 1.5).toFixed(2));
    const drawn = [...model.get("drawn")];
    const from = view.painting ?? knot;
    const old = view.painting === null ? height : drawn[from];
    for (let k = Math.min(from, knot); k <= Math.max(from, knot); k += 1) {
      drawn[k] = from === knot ? height : Number((old + ((k - from) / (knot - from)) * (height - old)).toFixed(2));
    }
    view.painting = knot;
    put({ drawn });
  };
  ground.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const [px, py] = placeIn(plot, event);
    if (model.get("target") !== "drawn") return addStep(view.x.invert(px), 2 * view.y.invert(py));
    ground.setPointerCapture(event.pointerId);
    paint(event);
  });
  ground.addEventListener("pointermove", (event) => {
    if (view.painting !== null) paint(event);
  });
  for (const name of ["pointerup", "pointercancel"])
    ground.addEventListener(name, () => {
      view.painting = null;
    });

  /** The handle of step k at its midpoint: sideways moves it, up and down makes it higher. */
  function makeBar(k) {
    const node = grip("step", 8);
    let shift = 0;
    node.addEventListener("focus", () => {
      view.chosen = k;
      redraw();
    });
    node.addEventListener("pointerdown", (event) => {
      shift = model.get("steps")[k][0] - view.x.invert(placeIn(plot, event)[0]);
    });
    node.addEventListener("dblclick", () => remove(k));
    const slide = handle(node, {
      label: `Step ${k + 1}: height`,
      min: -TALLEST,
      max: TALLEST,
      step: 0.05,
      get: () => model.get("steps")[k][1],
      at: (event) => 2 * view.y.invert(placeIn(plot, event)[1]),
      move(value, event) {
        const h = Number(value.toFixed(3));
        if (!(event instanceof PointerEvent)) return change(k, [null, h]);
        return change(k, [Number(clip(view.x.invert(placeIn(plot, event)[0]) + shift, 0, 1).toFixed(4)), h]);
      },
      remove: () => remove(k),
    });
    node.addEventListener(
      "keydown",
      (event) => {
        const by = { ArrowLeft: -0.01, ArrowRight: 0.01 }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        change(k, [Number(clip(model.get("steps")[k][0] + by, 0, 1).toFixed(4))]);
      },
      { capture: true },
    );
    const name = svg("text", { class: "hint" });
    node.append(name);
    return { node, slide, name, path: svg("path", { class: "single" }) };
  }
  const chosen = () => model.get("steps")[view.chosen] ?? model.get("steps")[0];
  const sloping = handle(slope, {
    label: "Steepness of the chosen step",
    min: Math.log(GENTLEST),
    max: Math.log(STEEPEST),
    step: 0.1,
    get: () => Math.log(chosen()[2]),
    at: (event) => Math.log(SHOULDER / Math.max(0.005, view.x.invert(placeIn(plot, event)[0]) - chosen()[0])),
    move: (value) => change(model.get("steps").indexOf(chosen()), [null, null, Number(Math.exp(value).toFixed(3))]),
  });
  const flooring = handle(floor, {
    label: "Floor, before the first step",
    min: -1.5,
    max: 1.5,
    step: 0.05,
    get: () => model.get("floor"),
    at: (event) => view.y.invert(placeIn(plot, event)[1]),
    move: (value) => put({ floor: Number(value.toFixed(3)) }),
  });

  function draw() {
    const { steps, floor: base } = view.shown ?? { steps: model.get("steps"), floor: model.get("floor") };
    const width = Math.max(240, stage.clientWidth);
    if (width !== view.width) {
      view.width = width;
      view.x = linear([0, 1], [40, width - 14]);
      view.y = linear(RANGE, [TOP + HEIGHT, TOP]);
      plot.setAttribute("width", String(width));
      plot.setAttribute("height", String(TOP + HEIGHT + 22));
      ground.setAttribute("width", String(width));
      window_.setAttribute("width", String(width));
      axis.replaceChildren(...frame(view));
    }
    const line = (values) => linePath(values.map((value, k) => [view.x(PLACES[k]), view.y(value)]));
    const y = target();
    const sum = stack(base, steps);
    wanted.setAttribute("d", line(y));
    total.setAttribute("d", line(sum));
    while (view.bars.length < steps.length) {
      view.bars.push(makeBar(view.bars.length));
      handles.append(view.bars.at(-1).node);
      single.append(view.bars.at(-1).path);
    }
    while (view.bars.length > steps.length) {
      const gone = view.bars.pop();
      gone.node.remove();
      gone.path.remove();
    }
    view.chosen = Math.min(view.chosen, steps.length - 1);
    steps.forEach((step, k) => {
      const [m, h] = step;
      const bar = view.bars[k];
      const kind = h < 0 ? "inhibitory" : "excitatory";
      bar.path.setAttribute("class", `single ${kind}${k === view.chosen ? " chosen" : ""}`);
      bar.path.setAttribute("d", line(PLACES.map((x) => stepAt(step, x))));
      bar.node.setAttribute("class", `grip step handle ${kind}`);
      bar.node.setAttribute("transform", `translate(${pixel(view.x(m))},${pixel(view.y(clip(h / 2, ...RANGE)))})`);
      bar.slide.set(h, `${number(h, 2)}, at ${number(m, 2)}`);
      bar.name.textContent = steps.length === 1 ? "step" : `${steps.length > 4 ? "" : "step "}${k + 1}`;
      sit(bar.name, h < 0 || m < 0.15, h < 0 ? -8 : m < 0.15 ? 20 : -8);
    });
    const own = steps.length > 1 ? steps : []; // one alone is the line
    const curves = own.map((step, k) => [`step ${k + 1}`, PLACES.map((x) => stepAt(step, x))]);
    beyond.replaceChildren(...leaves([["your line", sum], ...curves], view));
    const [m, , a] = steps[view.chosen];
    const shoulder = m + SHOULDER / a;
    slope.setAttribute(
      "transform",
      `translate(${pixel(view.x(Math.min(1, shoulder)))},${pixel(view.y(clip(stepAt(steps[view.chosen], shoulder), ...RANGE)))})`,
    );
    slope.style.display = view.by === "training" ? "none" : "";
    sit(steeper, m < 0.75, steps[view.chosen][1] < 0 === m < 0.75 ? -8 : 24);
    sloping.set(Math.log(a), number(a, 3));
    floor.setAttribute("transform", `translate(${pixel(view.x(0))},${pixel(view.y(clip(base, ...RANGE)))})`);
    flooring.set(base, number(base, 2));
    which.set(model.get("target"));
    root.classList.toggle("painting", model.get("target") === "drawn");
    task.textContent =
      model.get("target") === "drawn"
        ? "Paint a curve with the pointer. Then lay steps on it, or let training do it."
        : "Drag the step, and click to add more, until your line lies on the broad one.";
    back.disabled = !keep.canUndo;
    add.disabled = steps.length >= MOST;
    const said = says(distance(sum, y), steps.length, view);
    drawing.setAttribute("aria-label", said.join(""));
    words.replaceChildren(...said.map((part, k) => (k % 2 ? html("strong", {}, part) : part)));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, ["steps", "floor", "target", "drawn"], root, redraw);
  draw();
  return () => {
    view.stop();
    unfollow();
  };
}

/** What an address may bring: values that the picture can show. */
const legal = ({ steps, floor, target, drawn }) =>
  steps.length > 0 &&
  steps.length <= MOST &&
  drawn.length === KNOTS &&
  ["sine", "waves", "drawn"].includes(target) &&
  [floor, ...drawn].every((value) => Math.abs(value) <= 3) &&
  steps.every(
    ([m, h, a, ...rest]) => rest.length === 0 && Math.abs(m) <= 3 && Math.abs(h) <= 9 && a >= GENTLEST && a <= STEEPEST,
  );

/** What the picture bears out: plain, strong, plain, ... */
function says(error, count, { by, best, shown }) {
  const miss = number(error, 2);
  const own = count === 1 ? "Your step misses" : `Your ${count} steps miss`;
  if (by === "training") return [`Step ${shown?.k ?? 0} of ${ITERATIONS} downhill: three sigmoids miss by `, miss, "."];
  if (by === "trained") {
    const hands = best
      ? ` With ${best.steps.length === 1 ? "one step" : `${best.steps.length} steps`} you missed by ${number(best.error, 2)}.`
      : "";
    const word = error < 0.05 ? "are enough" : "are not enough for this curve, from this start";
    return [`Three trained steps ${word}: they miss by `, miss, `.${hands}`];
  }
  if (error < 0.05) return [`${own} the curve by no more than `, miss, ": one can hardly see it."];
  return [`${own} the curve by `, miss, " on average (root mean square)."];
}

export default { render };
