// The results explorer: runs as points, hover or arrow keys for the run, baselines and floor as lines.

import { announcer, choice, follow, html, more, number, pixel, redrawing, svg, uniqueId } from "./kit.js";
import { keeper } from "./keeper.js";
import { apart, chosen, logScale, logTicks, pointsOf, runInWords, valuesOf } from "./results_math.js";

const HEIGHT = 340;
const EDGE = { left: 52, right: 12, top: 22, bottom: 44 };
const HUES = 12;
const AXES = { parameters: "parameters", neurons: "neurons", seconds: "seconds of training" };

function render({ model, el }) {
  const points = pointsOf(model.get("boxes"));
  const models = valuesOf(points, "model");
  const filters = { input_map: "", init: "", model: "" };
  const view = { at: -1, shown: [], places: [] };
  const voice = announcer();
  const menus = {};
  const keep = keeper(model, "runs", ["task", "axis"], legal, [], {
    get: () => ({ ...filters }),
    set: (state) => {
      for (const field of Object.keys(filters)) filters[field] = state[field];
    },
  });

  /** An address may ask for nothing that no run has. */
  function legal(state) {
    const known = (field, none) => none || points.some((point) => point[field] === state[field]);
    return (
      known("task", false) &&
      state.axis in AXES &&
      Object.keys(filters).every((field) => known(field, state[field] === ""))
    );
  }

  /** A labelled menu of the values of a field. */
  function menu(title, field, all) {
    const id = uniqueId("menu");
    const values = valuesOf(points, field).filter((value) => value !== "");
    const select = html(
      "select",
      {
        id,
        onchange: () => {
          if (field === "task") keep.put({ task: select.value });
          else filters[field] = select.value;
          view.at = -1;
          keep.note();
          redraw();
        },
      },
      all ? html("option", { value: "" }, all) : "",
      values.map((value) => html("option", { value }, value)),
    );
    menus[field] = select;
    return { select, node: html("div", { class: "menu" }, html("label", { for: id }, title), select) };
  }

  const task = menu("task", "task", "");
  const axis = choice({
    title: "Horizontal axis",
    options: [
      ["parameters", ["parameters"]],
      ["neurons", ["neurons"]],
      ["seconds", ["time"]],
    ],
    onchange: (value) => {
      keep.put({ axis: value });
      redraw();
    },
  });
  const plot = html("div", {
    class: "plot",
    tabindex: 0,
    role: "group",
    "aria-label": "Runs as points; the arrow keys go from one to the next",
    onpointermove: (event) => nearest(event),
    onpointerdown: (event) => nearest(event),
    onkeydown: (event) => walk(event),
  });
  const caption = html("p", { class: "caption" });
  const key = html("p", { class: "key" });
  const root = html(
    "div",
    { class: "ltcbook results tex2jax_ignore mathjax_ignore", role: "group", "aria-label": "Results explorer" },
    html("p", { class: "task" }, "Each dot is a run. Point at one to see which, or choose a task and a model."),
    html("div", { class: "menus" }, task.node, menu("model", "model", "all").node, axis.node),
    plot,
    caption,
    key,
    more(
      "More: the kind of input, the start",
      menu("input", "input_map", "both").node,
      menu("start", "init", "all").node,
    ),
    voice.node,
  );
  el.append(root);

  function walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || view.shown.length === 0) return;
    event.preventDefault();
    view.at = (view.at + step + view.shown.length) % view.shown.length;
    voice.say(runInWords(view.shown[view.at], number));
    redraw();
  }

  function nearest(event) {
    const box = plot.getBoundingClientRect();
    const far = view.places.map(([x, y]) => Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top));
    const least = Math.min(...far);
    const found = least < 24 ? far.indexOf(least) : -1;
    if (found === view.at) return;
    view.at = found;
    redraw();
  }

  function draw() {
    const name = model.get("task");
    task.select.value = name;
    for (const [field, value] of Object.entries(filters)) menus[field].value = value;
    axis.set(model.get("axis"));
    const field = model.get("axis") === "neurons" ? "hidden_size" : model.get("axis");
    const found = chosen(points, { task: name, ...filters });
    view.shown = found.filter((point) => point.loss !== null).sort((a, b) => a[field] - b[field] || a.loss - b.loss);
    const levels = Object.entries(model.get("levels")[name] ?? {});
    const width = Math.max(260, plot.clientWidth);
    const losses = [...view.shown.map((point) => point.loss), ...levels.map(([, level]) => level)];
    const x = logScale(
      view.shown.map((point) => point[field]),
      [EDGE.left, width - EDGE.right],
    );
    const y = logScale(losses, [HEIGHT - EDGE.bottom, EDGE.top]);
    const lost = found.length - view.shown.length;
    if (x === null || y === null) {
      view.places = [];
      plot.replaceChildren();
      caption.textContent = points.length ? "No run with a finite loss here." : "No runs are committed yet.";
      return;
    }
    const picture = svg("svg", {
      width,
      height: HEIGHT,
      role: "img",
      "aria-label": `Test loss of ${view.shown.length} runs of ${name} against ${model.get("axis")}.`,
    });
    for (const tick of logTicks(losses)) {
      picture.append(
        svg("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(tick), y2: y(tick) }),
        svg("text", { x: EDGE.left - 8, y: y(tick), dy: "0.32em", "text-anchor": "end" }, number(tick, 3)),
      );
    }
    let end = 0; // of the name before
    for (const tick of logTicks(view.shown.map((point) => point[field]))) {
      if (x(tick) < end) continue;
      end = x(tick) + 44;
      picture.append(
        svg("text", { x: x(tick), y: HEIGHT - EDGE.bottom + 16, "text-anchor": "middle" }, number(tick, 4)),
      );
    }
    picture.append(
      svg("text", { x: EDGE.left - 40, y: 12 }, "test loss, logarithmic"),
      svg(
        "text",
        { x: width - EDGE.right, y: HEIGHT - 10, "text-anchor": "end" },
        `${AXES[model.get("axis")]}, logarithmic`,
      ),
    );
    const names = apart(levels.map(([label, level]) => [label, y(level) - 4]));
    for (const [, level] of levels) {
      picture.append(
        svg("line", { class: "level", x1: EDGE.left, x2: width - EDGE.right, y1: y(level), y2: y(level) }),
      );
    }
    for (const [label, at] of names) {
      picture.append(svg("text", { class: "name", x: width - EDGE.right, y: at, "text-anchor": "end" }, label));
    }
    view.places = view.shown.map((point) => [x(point[field]), y(point.loss)]);
    view.shown.forEach((point, k) => {
      const [cx, cy] = view.places[k];
      const hue = `hue-${models.indexOf(point.model) % HUES}`;
      const shape = point.input_map === "synaptic" ? "synaptic" : "linear";
      const r = k === view.at ? 8 : 4.5;
      picture.append(svg("circle", { class: `run ${hue} ${shape}`, cx: pixel(cx), cy: pixel(cy), r }));
    });
    plot.replaceChildren(picture);
    caption.textContent =
      view.at >= 0 && view.at < view.shown.length
        ? runInWords(view.shown[view.at], number)
        : `${view.shown.length} runs of ${name}${lost ? `; ${lost} more diverged` : ""}.`;
    key.replaceChildren(
      ...valuesOf(view.shown, "model").map((each) =>
        html("span", {}, html("i", { class: `dot hue-${models.indexOf(each) % HUES}` }), each),
      ),
      html("span", {}, "full: synaptic input; hollow: linear"),
    );
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, ["task", "axis"], root, redraw);
  draw();
  return unfollow;
}

export default { render };
