// The synapse explorer: what one synapse of Table 3 does, as two curves and a map.
// The map shows the current against both potentials; above it the opening against the presynaptic
// potential x, right of it the current against the postsynaptic potential y.

import {
  announcer, axes, choice, follow, html, linear, linePath, number, pixel, redrawing, slider, svg, svgSymbol,
  uniqueId,
} from "./kit.js";
import { current, factor, gated, letters, opening, parse, print } from "./table3.js";

const NAMES = ["descriptor", "w", "a", "b", "e", "x", "y"];
const POTENTIALS = [-2, 2];
const CELLS = 48;
const COLOURS = { up: [230, 159, 0], down: [86, 180, 233] };

const span = (low, high) => ({ min: low, max: high, step: 0.05 });

/** Names and ranges of a synapse's letters; strengths and slopes of gated synapses are not negative. */
function roles(d) {
  const [strength, slope] = letters(d);
  const low = gated(d) ? 0 : -3;
  return {
    [strength]: ["strength", span(low, 3)],
    ...(d.w_mode === "r" ? {} : { [slope]: ["slope", span(gated(d) ? 0 : -10, 10)] }),
    b: [d.w_mode === "" ? "bias" : "minus the midpoint", span(-5, 5)],
    ...(d.factor === "+" ? { e: ["reversal potential", span(...POTENTIALS)] } : {}),
  };
}

function render({ model, el }) {
  const view = { sliders: null, layout: null, map: null, dragging: false };
  const voice = announcer();
  const descriptor = () => parse(model.get("descriptor"));
  const synapse = () => Object.fromEntries(["w", "a", "b", "e"].map((name) => [name, model.get(name)]));

  function put(values) {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
    redraw();
  }

  function setPart(part, value) {
    const d = { ...descriptor(), [part]: value };
    const clipped = gated(d) ? { w: Math.max(0, model.get("w")), a: Math.max(0, model.get("a")) } : {};
    put({ ...clipped, descriptor: print(d) });
  }

  const part = (name, title, options) =>
    choice({ title, options, onchange: (value) => setPart(name, value) });
  const choices = {
    w_mode: part("w_mode", "w-mode", [
      ["", ["a σ(wx + b)"]], ["r", ["w σ(x + b)"]], ["v", ["w σ(a(x + b))"]],
    ]),
    act: part("act", "Activation", [["sigm", ["sigmoid"]], ["tanh", ["tanh"]]]),
    factor: part("factor", "Factor", [["", ["no factor"]], ["*", ["(1 − y)"]], ["+", ["(e − y)"]]]),
  };
  const picture = html("div", { class: "plot" });
  const equation = html("div", { class: "equation" });
  const facts = html("dl", { class: "facts" });
  const inputs = html("section", { class: "tile", "aria-label": "Potentials" });
  const parameters = html("section", { class: "tile", "aria-label": "Synapse" });
  const root = html("div", {
    class: "ltcbook explorer tex2jax_ignore mathjax_ignore", role: "group", "aria-label": "Synapse explorer",
  },
    html("div", { class: "bar-row" }, Object.values(choices).map((c) => c.node)),
    equation,
    html("div", { class: "split" }, picture, html("div", {}, inputs, parameters)),
    facts, voice.node);
  el.append(root);

  function drag(event) {
    if (event.type === "pointerdown") view.dragging = event.target.closest(".map") !== null;
    if (!view.dragging || !event.buttons) return;
    const box = picture.getBoundingClientRect();
    const at = (scale, pixels) => Number(Math.max(-2, Math.min(2, scale.invert(pixels))).toFixed(2));
    picture.setPointerCapture(event.pointerId);
    put({ x: at(view.map.x, event.clientX - box.left), y: at(view.map.y, event.clientY - box.top) });
    event.preventDefault();
  }
  picture.addEventListener("pointerdown", drag);
  picture.addEventListener("pointermove", drag);

  function say() {
    const [d, s] = [descriptor(), synapse()];
    const i = current(d, s, model.get("x"), model.get("y"));
    voice.say(`Opening ${number(opening(d, s, model.get("x")), 3)}, current ${number(i, 3)}.`);
  }

  function buildSliders() {
    const d = descriptor();
    if (view.layout === print(d)) return;
    view.layout = print(d);
    const made = (letter, spoken, range) =>
      slider({ letter, spoken, ...range, oninput: (value) => put({ [letter]: value }), onchange: say });
    view.sliders = {
      x: made("x", "presynaptic potential", span(...POTENTIALS)),
      y: made("y", "postsynaptic potential", span(...POTENTIALS)),
    };
    inputs.replaceChildren(html("h3", {}, "Potentials"), view.sliders.x.node, view.sliders.y.node);
    const list = Object.entries(roles(d)).map(([letter, [spoken, range]]) => [letter, made(letter, spoken, range)]);
    Object.assign(view.sliders, Object.fromEntries(list));
    parameters.replaceChildren(html("h3", {}, "Synapse"), ...list.map(([, control]) => control.node));
  }

  function draw() {
    const [d, s, x, y] = [descriptor(), synapse(), model.get("x"), model.get("y")];
    for (const [name, control] of Object.entries(choices)) control.set(d[name]);
    buildSliders();
    for (const [name, control] of Object.entries(view.sliders)) control.set(model.get(name));
    equation.replaceChildren(...formulaLines(d, s, x, y));
    view.map = drawMap(d, s, x, y, Math.max(260, picture.clientWidth));
    picture.replaceChildren(view.map.picture);
    facts.replaceChildren(...factsOf(d, s, x, y));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, NAMES, root, redraw);
  draw();
  return unfollow;
}

const italic = (letter) => html("var", {}, letter);

/** The formula of the current, and under it the same with the numbers. */
function formulaLines(d, s, x, y) {
  const sigma = d.act === "sigm" ? "σ" : "tanh";
  const inside = {
    "": [italic("w"), " ", italic("x"), " + ", italic("b")],
    r: [italic("x"), " + ", italic("b")],
    v: [italic("a"), " (", italic("x"), " + ", italic("b"), ")"],
  }[d.w_mode];
  const gate = { "": [], "*": ["(1 − ", italic("y"), ")"], "+": ["(", italic("e"), " − ", italic("y"), ")"] };
  const strength = s[letters(d)[0]];
  const sign = (value) => (value < 0 ? `(${number(value)})` : number(value));
  const activation = strength === 0 ? "0" : sign(opening(d, s, x) / strength);
  return [
    html("p", {}, italic("i"), "(", italic("x"), ", ", italic("y"), ") = ", italic(letters(d)[0]), ` ${sigma}(`,
      inside, ")", gated(d) ? [" · ", html("span", { class: "whole" }, gate[d.factor])] : "",
      html("span", { class: "where" }, html("code", {}, print(d)))),
    html("p", {}, italic("i"), ` = ${number(strength)} · ${activation}`, gated(d) ? ` · ${sign(factor(d, s, y))}` : "",
      " = ", html("strong", {}, number(current(d, s, x, y)))),
  ];
}

function factsOf(d, s, x, y) {
  const fact = (term, value) => html("div", {}, html("dt", {}, term), html("dd", {}, value));
  const open = opening(d, s, x);
  const rows = [
    fact(gated(d) ? "conductance" : "opening", number(open)),
    fact("current i", number(current(d, s, x, y))),
  ];
  if (!gated(d)) return [...rows, fact("what y changes", "nothing: the current has no gate")];
  const level = d.factor === "+" ? "e" : "1";
  rows.push(fact("slope in y", number(-open)));
  const word = open < 0 ? `away from ${level}: a negative conductance`
    : open === 0 ? "nowhere" : `towards ${level}`;
  return [...rows, fact("y is pulled", word)];
}

/** Opening curve, map and current line in one picture; x and y are the map's scales. */
function drawMap(d, s, px, py, width) {
  const right = Math.max(82, Math.min(160, width * 0.27));
  const side = width - 44 - right - 26;
  const height = Math.min(side, 300);
  const [curveTop, curveHeight] = [26, 90];
  const top = curveTop + curveHeight + 36;
  const x = linear(POTENTIALS, [44, 44 + side]);
  const y = linear(POTENTIALS, [top + height, top]);
  const strength = Math.max(Math.abs(s[letters(d)[0]]), 0.1);
  const low = d.act === "tanh" || s[letters(d)[0]] < 0 ? -strength : 0;
  const open = linear([low, strength], [curveTop + curveHeight, curveTop]);
  const values = grid(d, s);
  const largest = Math.max(...values.flat().map(Math.abs), 1e-9);
  const i = linear([-largest, largest], [44 + side + 20, width - 8]);
  const clip = uniqueId("clip");
  const inside = svg("g", { "clip-path": `url(#${clip})` });

  if (gated(d)) {
    const at = pixel(y(d.factor === "+" ? s.e : 1));
    inside.append(
      svg("line", { class: "zero", x1: 44, x2: 44 + side, y1: at, y2: at }),
      svg("text", { x: 50, y: at - 6 }, ...(d.factor === "+" ? svgSymbol("e") : ["1"]), ": no current"));
  }
  const picture = svg("svg", { width, height: top + height + 44, role: "img" },
    svg("clipPath", { id: clip }, svg("rect", { x: 44, y: top, width: side, height })),
    axes(x, open, { xCount: 0, yCount: 2, yTitle: [gated(d) ? "conductance" : "opening"], yAnchor: "start" }),
    svg("path", { class: "curve", d: linePath(sample(POTENTIALS, (v) => [x(v), open(opening(d, s, v))])) }),
    axes(x, y, { xTitle: [...svgSymbol("x"), " (presynaptic)"], yTitle: svgSymbol("y"), yAnchor: "end" }),
    axes(i, y, { xCount: 2, xTitle: ["current ", ...svgSymbol("i")], yCount: 0 }),
    svg("line", { class: "zero", x1: i(0), x2: i(0), y1: top, y2: top + height }),
    svg("path", { class: "curve", d: linePath(sample(POTENTIALS, (v) => [i(current(d, s, px, v)), y(v)])) }),
    svg("g", { class: "map" },
      svg("image", {
        href: heatmap(values, largest), x: 44, y: top, width: side, height, preserveAspectRatio: "none",
      }),
      inside,
      svg("line", { class: "guide", x1: x(px), x2: x(px), y1: open(opening(d, s, px)), y2: y(py) }),
      svg("line", { class: "guide", x1: x(px), x2: i(current(d, s, px, py)), y1: y(py), y2: y(py) }),
      svg("circle", { class: "handle", cx: x(px), cy: y(py), r: 8 })),
    svg("circle", { class: "dot", cx: x(px), cy: open(opening(d, s, px)), r: 5 }),
    svg("circle", { class: "dot", cx: i(current(d, s, px, py)), cy: y(py), r: 5 }));
  picture.setAttribute("aria-label", `Current of the synapse ${print(d)} against both potentials. ` +
    `At x = ${number(px)} and y = ${number(py)} the opening is ${number(opening(d, s, px), 3)}, ` +
    `the factor ${number(factor(d, s, py), 3)}, the current ${number(current(d, s, px, py), 3)}.`);
  return { picture, x, y };
}

const sample = ([low, high], point) =>
  Array.from({ length: 81 }, (_, k) => point(low + (k / 80) * (high - low)));

/** Currents on a grid, top row (largest y) first. */
function grid(d, s) {
  const at = (k) => POTENTIALS[0] + ((k + 0.5) / CELLS) * (POTENTIALS[1] - POTENTIALS[0]);
  return Array.from({ length: CELLS }, (_, row) =>
    Array.from({ length: CELLS }, (_, column) => current(d, s, at(column), at(CELLS - 1 - row))));
}

/** A picture of the grid: orange where the current raises y, sky blue where it lowers it. */
function heatmap(values, largest) {
  const canvas = html("canvas", { width: CELLS, height: CELLS });
  const context = canvas.getContext("2d");
  const image = context.createImageData(CELLS, CELLS);
  values.flat().forEach((value, k) => {
    image.data.set([...(value > 0 ? COLOURS.up : COLOURS.down), 230 * Math.min(1, Math.abs(value) / largest)], 4 * k);
  });
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

export default { render };
