// From ResNet to ODE: N residual layers as Euler steps that merge into a flow.

import {
  announcer, axes, button, choice, follow, html, linear, linePath, number, pixel, redrawing, slider, svg,
  svgSymbol, symbol, uniqueId,
} from "./kit.js";
import { crossings, field, flow, resnet, slope } from "./resnet_math.js";

const NUMBERS = ["horizon", "w", "a", "b", "w_l"];
const NAMES = ["activation", "depth", "starts", ...NUMBERS];
const DEEPEST = 64;
const [TOP, HEIGHT] = [28, 290];

function render({ model, el }) {
  const voice = announcer();
  const parameters = () =>
    Object.fromEntries(["activation", ...NUMBERS].map((name) => [name, model.get(name)]));

  function put(values) {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
    redraw();
  }

  function setDepth(depth) {
    put({ depth: Math.max(1, Math.min(DEEPEST, Math.round(depth))) });
    say();
  }

  function say() {
    const { crossed, gap } = compute();
    voice.say(`${model.get("depth")} layers: ${crossed.length} crossings, ${number(gap, 2)} away from the flow.`);
  }

  function compute() {
    const [p, starts, depth] = [parameters(), model.get("starts"), model.get("depth")];
    const layered = starts.map((x) => resnet(p, x, depth));
    const flowing = starts.map((x) => flow(p, x));
    const gap = Math.max(...layered.map((path, k) => Math.abs(path.at(-1) - flowing[k].at(-1))));
    return { p, starts, depth, layered, flowing, gap, crossed: crossings(layered) };
  }

  const paths = html("div", { class: "plot" });
  const ends = html("div", { class: "plot" });
  const equation = html("div", { class: "equation" });
  const facts = html("dl", { class: "facts" });
  const depthSlider = slider({
    letter: "N", spoken: "layers", min: 1, max: DEEPEST, step: 1,
    oninput: (value) => put({ depth: value }), onchange: say,
  });
  const activation = choice({
    title: "Activation", options: [["tanh", ["tanh"]], ["sigm", ["sigmoid"]]],
    onchange: (value) => put({ activation: value }),
  });
  const made = (letter, spoken, min, max, name = letter) =>
    slider({ letter, spoken, min, max, step: 0.1, oninput: (value) => put({ [name]: value }), onchange: say });
  const sliders = {
    w: made("w", "strength", -4, 4),
    a: made("a", "slope", 0, 4),
    b: made("b", "bias", -3, 3),
    w_l: made("w_l", "leak", 0, 3),
    horizon: made("T", "horizon", 0.2, 6, "horizon"),
  };
  const root = html("div", {
    class: "ltcbook resnet tex2jax_ignore mathjax_ignore", role: "group", "aria-label": "From ResNet to ODE",
  },
    html("div", { class: "stage" }, paths, ends),
    html("p", { class: "key" }, key("path above", "layers, starts above 0"), key("path below", "starts below 0"),
      key("flow", "flow of the ODE"), key("identity", "no change")),
    html("div", { class: "bar-row" },
      button("Halve", () => setDepth(model.get("depth") / 2), { "aria-label": "Halve the number of layers" }),
      html("div", { class: "depth" }, depthSlider.node),
      button("Double", () => setDepth(model.get("depth") * 2), { class: "primary", "aria-label": "Double the number of layers" }),
      activation.node),
    facts, equation,
    html("section", { class: "tile columns", "aria-label": "Parameters" }, Object.values(sliders).map((s) => s.node)),
    voice.node);
  el.append(root);

  function draw() {
    const all = compute();
    depthSlider.set(all.depth);
    activation.set(all.p.activation);
    for (const [name, control] of Object.entries(sliders)) control.set(all.p[name]);
    const range = stateRange(all.flowing, all.starts);
    paths.replaceChildren(drawPaths(all, range, Math.max(250, paths.clientWidth)));
    ends.replaceChildren(drawEnds(all, range, Math.max(200, ends.clientWidth)));
    facts.replaceChildren(...factsOf(all));
    equation.replaceChildren(...equationLines(all));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, NAMES, root, redraw);
  draw();
  return unfollow;
}

const key = (kind, text) =>
  html("span", {}, svg("svg", { width: 34, height: 10, "aria-hidden": "true" }, svg("path", { class: kind, d: "M1,5H33" })), text);

/** Room for the flow and as much again, so that the frame stays while layers come and go. */
function stateRange(flowing, starts) {
  const values = [...flowing.flat(), ...starts];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.35 * (high - low || 1);
  return [low - room, high + room];
}

const side = (start) => (start > 0 ? "above" : start < 0 ? "below" : "middle");

/** Depth against state: the layers as broken lines, the flow behind them, crossings ringed. */
function drawPaths({ p, starts, depth, layered, flowing, crossed }, range, width) {
  const t = linear([0, p.horizon], [48, width - 14]);
  const x = linear(range, [TOP + HEIGHT, TOP]);
  const layerTime = (layer) => (layer * p.horizon) / depth;
  const clip = uniqueId("clip");
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  const picture = svg("svg", { width, height: TOP + HEIGHT + 44, role: "img" },
    svg("clipPath", { id: clip }, svg("rect", { x: 42, y: TOP - 6, width: width - 50, height: HEIGHT + 12 })),
    axes(t, x, { xTitle: ["depth, as time ", ...svgSymbol("t")], yTitle: svgSymbol("x") }), inside);
  for (let layer = 1; layer < depth; layer += 1) {
    const at = t(layerTime(layer));
    inside.append(svg("line", { class: "layer", x1: at, x2: at, y1: TOP, y2: TOP + HEIGHT }));
  }
  flowing.forEach((path) => {
    const points = path.map((value, k) => [t((k * p.horizon) / (path.length - 1)), x(value)]);
    inside.append(svg("path", { class: "flow", d: linePath(points) }));
  });
  layered.forEach((path, k) => {
    const points = path.map((value, layer) => [t(layerTime(layer)), x(value)]);
    inside.append(svg("path", { class: `path ${side(starts[k])}`, d: linePath(points) }));
    if (depth <= 24) {
      inside.append(...points.map(([cx, cy]) =>
        svg("circle", { class: `state ${side(starts[k])}`, cx, cy: pixel(cy), r: 3.2 })));
    }
  });
  for (const { first, layer, part } of crossed) {
    const value = layered[first][layer] + part * (layered[first][layer + 1] - layered[first][layer]);
    inside.append(svg("circle", { class: "crossing", cx: t(layerTime(layer + part)), cy: pixel(x(value)), r: 4.5 }));
  }
  picture.append(svg("text", { class: "strong", x: width - 14, y: TOP - 10, "text-anchor": "end" },
    depth === 1 ? "1 layer" : `${depth} layers`));
  picture.setAttribute("aria-label", `Paths of ${starts.length} starting points through ${depth} residual layers, ` +
    `in front of the flow of the differential equation. ${crossed.length} crossings.`);
  return picture;
}

/** Where each start ends: the network's map, the flow's map, and the identity. */
function drawEnds({ p, depth, starts }, range, width) {
  const from = linear([Math.min(...starts), Math.max(...starts)], [48, width - 14]);
  const to = linear(range, [TOP + HEIGHT, TOP]);
  const clip = uniqueId("clip");
  const [low, high] = from.domain;
  const grid = Array.from({ length: 61 }, (_, k) => low + (k / 60) * (high - low));
  const line = (end, kind) =>
    svg("path", { class: kind, d: linePath(grid.map((start) => [from(start), to(end(start))])) });
  return svg("svg", {
    width, height: TOP + HEIGHT + 44, role: "img",
    "aria-label": `Where each start ends: after ${depth} layers, and by the flow, which always keeps the order.`,
  },
    svg("clipPath", { id: clip }, svg("rect", { x: 48, y: TOP, width: width - 62, height: HEIGHT })),
    axes(from, to, { xTitle: ["start ", ...svgSymbol("x"), "(0)"], yTitle: ["end ", ...svgSymbol("x"), "(T)"], yAnchor: "start", xCount: 3 }),
    svg("g", { "clip-path": `url(#${clip})` },
      line((start) => start, "identity"),
      line((start) => flow(p, start).at(-1), "flow-end"),
      line((start) => resnet(p, start, depth).at(-1), "network-end")));
}

function factsOf({ p, depth, layered, crossed, gap }) {
  const fact = (term, value) => html("div", {}, html("dt", {}, term), html("dd", {}, value));
  const h = p.horizon / depth;
  const steepest = Math.min(...layered.flatMap((path) => path.slice(0, -1)).map((x) => 1 + h * slope(p, x)));
  return [
    fact("step h = T/N", number(h, 3)),
    fact("crossings", String(crossed.length)),
    fact("smallest 1 + h f′ on a path", `${number(steepest, 3)}: ${steepest < 0 ? "layers fold the line" : "order is kept"}`),
    fact("distance to the flow", number(gap, 3)),
  ];
}

function equationLines({ p, depth, starts }) {
  const x = starts.at(-1);
  const h = p.horizon / depth;
  const name = p.activation === "tanh" ? "tanh" : "σ";
  const v = (letter) => symbol(letter);
  return [
    html("p", {}, v("x"), " ← ", v("x"), " + ", html("var", {}, "T/N"), " · ", html("var", {}, "f"), "(", v("x"), "),  ",
      html("var", {}, "f"), "(", v("x"), ") = − ", v("w_l"), " ", v("x"), " + ", v("w"), ` ${name}(`, v("a"), " ", v("x"), " + ", v("b"), ")",
      html("span", { class: "where" }, "same weights in every layer")),
    html("p", {}, v("x"), ` ← ${number(x)} + ${number(p.horizon)}/${depth} · (${number(field(p, x))}) = `,
      html("strong", {}, number(x + h * field(p, x))), html("span", { class: "where" }, "first layer, topmost path")),
  ];
}

export default { render };
