// What the interactive pieces share: building nodes, numbers for people, sliders, axes.
// Each piece is one ES module text made of this file and its own (see front_end.py).

/** @typedef {((value: number) => number) & { invert: (pixel: number) => number, domain: number[], range: number[] }} Scale */

const SVG = "http://www.w3.org/2000/svg";

/** An id that is unique in the page, also when several copies of this text are loaded. */
export const uniqueId = (stem) => `ltcbook-${stem}-${Math.random().toString(36).slice(2, 10)}`;

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null));
  return node;
}

/**
 * An element with attributes, listeners (on…) and children.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...any} children
 * @returns {any}
 */
export const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/**
 * The same in the namespace of SVG.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...any} children
 * @returns {any}
 */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

/** A letter of the papers as nodes: "w_l" is an italic w with a subscript l. */
export function symbol(letter) {
  const [base, sub] = letter.split("_");
  // Digits and capital Greek letters stand upright, as in the text's formulas.
  const upright = base.match(/^[\dΔΣ/]+/)?.[0] ?? "";
  const name = [...(upright ? [upright] : []), html("var", {}, base.slice(upright.length))];
  return sub ? [...name, html("sub", {}, /^\p{L}/u.test(sub) ? html("var", {}, sub) : sub)] : name;
}

/** The same letter inside an SVG text. */
export function svgSymbol(letter) {
  const [base, sub] = letter.split("_");
  const parts = [svg("tspan", { class: "letter" }, base)];
  if (sub) parts.push(svg("tspan", { class: /^\p{L}/u.test(sub) && "letter", dy: "0.3em", "font-size": "85%" }, sub));
  return parts;
}

/** Text for people: what stands between asterisks is a letter of the papers, "*w_l*". */
export const marked = (/** @type {string} */ text) =>
  text
    .split("*")
    .flatMap((piece, k) => (k % 2 ? symbol(piece) : [piece]))
    .filter((piece) => piece !== "");

/** The same text for those who hear it. */
export const spoken = (/** @type {string} */ text) =>
  text.replace(/\*([\p{L}∞_′]{1,3})\*/gu, (_, letter) => letter.replace("_", ""));

/** A number for people: `digits` significant digits, a real minus sign, powers of ten when far away. */
export function number(value, digits = 4) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "?";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-4)) {
    const [mantissa, power] = value.toExponential(Math.min(digits, 3) - 1).split("e");
    return `${mantissa}·10${superscript(Number(power))}`.replace("-", "−");
  }
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

const superscript = (power) => String(power).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]));

/** A number with its sign in front, for terms of a sum. */
export const signed = (value, digits = 4) => (value < 0 ? `− ${number(-value, digits)}` : `+ ${number(value, digits)}`);

/**
 * Map the interval `domain` to the interval `range`; `invert` goes back.
 * @param {number[]} domain
 * @param {number[]} range
 * @returns {Scale}
 */
export function linear([d0, d1], [r0, r1]) {
  /** @param {number} value */
  const scale = (value) => r0 + ((value - d0) / (d1 - d0)) * (r1 - r0);
  scale.invert = (pixel) => d0 + ((pixel - r0) / (r1 - r0)) * (d1 - d0);
  scale.domain = [d0, d1];
  scale.range = [r0, r1];
  return scale;
}

/** Round numbers (1, 2 or 5 times a power of ten) in [low, high], about `count` of them. */
export function ticks(low, high, count) {
  if (count === 0) return [];
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/**
 * Grid lines, ticks and titles of a plot whose scales are x and y (in pixels); a count of 0: none.
 * @param {Scale} x
 * @param {Scale} y
 * @param {{ xTitle?: any[], yTitle?: any[], xCount?: number, yCount?: number, yAnchor?: string }} options
 */
export function axes(x, y, { xTitle = [], yTitle = [], xCount, yCount, yAnchor = "middle" }) {
  const [left, right] = x.range;
  const [bottom, top] = y.range;
  const group = svg("g", { class: "axes" });
  for (const value of ticks(...y.domain, yCount ?? Math.max(2, (bottom - top) / 45))) {
    group.append(
      svg("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
      svg("text", { x: left - 10, y: y(value), dy: "0.32em", "text-anchor": "end" }, number(value)),
    );
  }
  for (const value of ticks(...x.domain, xCount ?? Math.max(2, (right - left) / 70))) {
    group.append(
      svg("line", { class: "tick", x1: x(value), x2: x(value), y1: bottom, y2: bottom + 4 }),
      svg("text", { x: x(value), y: bottom + 17, "text-anchor": "middle" }, number(value)),
    );
  }
  group.append(
    svg("line", { class: "frame", x1: left, x2: right, y1: bottom, y2: bottom }),
    svg("text", { class: "title", x: right, y: bottom + 32, "text-anchor": "end" }, ...xTitle),
    svg("text", { class: "title", x: left - 10, y: top - 10, "text-anchor": yAnchor }, ...yTitle),
  );
  return group;
}

/**
 * The d attribute of a line through points [[x, y], ...] in pixels; far ones are kept drawable.
 * @param {number[][]} points
 */
export const linePath = (points) => points.map(([x, y], k) => `${k ? "L" : "M"}${pixel(x)},${pixel(y)}`).join("");

export const pixel = (value) => Math.max(-1e5, Math.min(1e5, value)).toFixed(2);

/** An arrow along y from `from` to `to` at `x`; short ones become a mere head. */
export function arrow(x, from, to, attributes) {
  const length = Math.abs(to - from);
  const head = Math.min(8, length);
  const sign = Math.sign(to - from) || 1;
  const base = to - sign * head;
  const half = (attributes.width ?? 5) / 2;
  const wing = Math.max(half + 3, head * 0.6);
  const d =
    `M${x - half},${pixel(from)}V${pixel(base)}H${x - wing}L${x},${pixel(to)}` +
    `L${x + wing},${pixel(base)}H${x + half}V${pixel(from)}Z`;
  const { width, ...rest } = attributes;
  return svg("path", { d, ...rest });
}

/**
 * A labelled slider. `set(value)` shows a value, and widens the slider if it lies outside.
 * `letter` is the papers' letter, `spoken` its name; `whose` is added for screen readers only.
 * @param {{ letter: string, spoken: string, whose?: string, unit?: string, min: number, max: number,
 *   step: number | string, digits?: number, oninput: (value: number) => void, onchange?: (value: number) => void }} options
 */
export function slider({ letter, spoken, whose = "", unit = "", min, max, step, digits, oninput, onchange }) {
  const id = uniqueId("slider");
  const input = html("input", {
    id,
    type: "range",
    min,
    max,
    step,
    oninput: () => oninput(Number(input.value)),
    onchange: () => onchange?.(Number(input.value)),
  });
  const output = html("output", { for: id });
  const label = html(
    "label",
    { for: id },
    html("span", { class: "letter" }, symbol(letter)),
    ` ${spoken}`,
    whose ? html("span", { class: "hidden" }, ` ${whose}`) : "",
  );
  return {
    node: html("div", { class: "slider" }, label, output, input),
    input,
    set(value) {
      if (value < Number(input.min)) input.min = value;
      if (value > Number(input.max)) input.max = value;
      if (Number(input.value) !== value) {
        // Values from Python need not lie on the slider's own grid.
        input.step = onGrid(value, min, step) ? step : "any";
        input.value = value;
      }
      output.textContent = number(value, digits) + (unit ? ` ${unit}` : "");
      input.setAttribute("aria-valuetext", output.textContent);
    },
  };
}

function onGrid(value, min, step) {
  const steps = (value - min) / step;
  return Math.abs(steps - Math.round(steps)) < 1e-6;
}

/**
 * Radio buttons that look like a segmented switch; `options` is [[value, label nodes], ...].
 * @param {{ title: string, options: any[][], onchange: (value: any) => void }} options
 */
export function choice({ title, options, onchange }) {
  const name = uniqueId("choice");
  const inputs = new Map();
  const segments = options.map(([value, label]) => {
    const input = html("input", { type: "radio", name, value, onchange: () => onchange(value) });
    inputs.set(value, input);
    return html("label", {}, input, html("span", {}, label));
  });
  return {
    node: html("fieldset", { class: "choice" }, html("legend", { class: "hidden" }, title), segments),
    set(value) {
      for (const [own, input] of inputs) input.checked = own === value;
    },
  };
}

/**
 * @param {any} label
 * @param {(event: any) => void} onclick
 * @param {Record<string, any>} attributes
 */
export const button = (label, onclick, attributes = {}) =>
  html("button", { type: "button", onclick, ...attributes }, label);

/** What is not needed at first: controls behind one line that opens. */
export const more = (summary, ...children) =>
  html("details", { class: "more" }, html("summary", {}, summary), html("div", {}, ...children));

/** An entry of a key: the mark, in so many pixels by 12, and what it stands for. */
export const keyed = (width, mark, text) =>
  html("span", {}, svg("svg", { width, height: 12, "aria-hidden": "true" }, mark), text);

/** Facts as terms, with letters as in `marked`, and values: [[term, value], ...]. */
export const factList = (facts) =>
  facts.map(([term, value]) =>
    html("div", {}, html("dt", {}, typeof term === "string" ? marked(term) : term), html("dd", {}, value)),
  );

/**
 * Where the pointer is in a node, in pixels.
 * @returns {[number, number]}
 */
export function pointerIn(node, event) {
  const box = node.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/**
 * Call `move(x, y, event, first)` in the node's pixels from each press in it until the release.
 * A move that returns false at the press is no drag.
 * @param {HTMLElement} node
 * @param {(x: number, y: number, event: any, first: boolean) => boolean | void} move
 * @param {() => void} end
 */
export function draggable(node, move, end = () => {}) {
  let pressed = null;
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || /** @type {Element} */ (event.target).closest("button, input, a")) return;
    if (move(...pointerIn(node, event), event, true) === false) return;
    pressed = event.pointerId;
    node.setPointerCapture(pressed);
    event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => {
    if (event.pointerId === pressed) move(...pointerIn(node, event), event, false);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    node.addEventListener(name, (/** @type {any} */ event) => {
      if (event.pointerId !== pressed) return;
      pressed = null;
      end();
    });
  }
}

/** A polite live region: what it is told, a screen reader says. */
export function announcer() {
  const node = html("p", { class: "hidden", role: "status", "aria-live": "polite" });
  return {
    node,
    say: (text) => {
      node.textContent = spoken(text);
    },
  };
}

/** Call `draw` once now, and again (once per burst) after each call of what this returns. */
export function redrawing(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      draw();
    });
  };
}

/** Redraw when the model changes or the node gets another width; returns the clean-up. */
export function follow(model, names, node, redraw) {
  for (const name of names) model.on(`change:${name}`, redraw);
  const observer = new ResizeObserver(redraw);
  observer.observe(node);
  return () => {
    observer.disconnect();
    for (const name of names) model.off?.(`change:${name}`, redraw);
  };
}
