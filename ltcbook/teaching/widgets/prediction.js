// A place to answer a question before reading on: choose, type a number, or draw a curve. The answer
// stays closed until the reader has answered or skipped; then both stand side by side.

import {
  announcer,
  axes,
  button,
  draggable,
  follow,
  html,
  linear,
  linePath,
  marked,
  more,
  number,
  pixel,
  redrawing,
  slider,
  svg,
  ticks,
  uniqueId,
} from "./kit.js";

const POINTS = 41;
const [TOP, BOTTOM] = [24, 190]; // of the plot to draw in
const GRID = (BOTTOM - TOP) / 45; // so many lines, about

function render({ model, el }) {
  const root = html(
    "div",
    {
      class: "ltcbook prediction tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "Predict before you read on",
    },
    html("p", { class: "invitation" }, "Your prediction"),
  );
  const voice = announcer();
  const parts = model.get("questions").map((question, k) => part(question, k, voice));
  root.append(...parts.map(({ node }) => node), voice.node);
  el.append(root);
  const redraw = redrawing(() => {
    for (const { draw } of parts) draw();
  });
  const unfollow = follow(model, [], root, redraw);
  redraw();
  return unfollow;
}

function part(question, _k, voice) {
  const state = { said: null, open: "" };
  const kind = { choose, number: typeNumber, draw: drawCurve }[question.kind](question, (said) => {
    if (state.open) return;
    state.said = said;
    draw();
  });
  const compare = button("Compare", () => reveal("answered"), { class: "primary" });
  const skip = button("Skip", () => reveal("skipped"));
  const verdict = html("p", { class: "verdict" });
  const why = html("p", { class: "why" }, marked(question.why));
  const node = html(
    "fieldset",
    { class: "question" },
    html("legend", {}, marked(question.text)),
    kind.node,
    html("div", { class: "bar-row" }, compare, skip),
    html("div", { class: "answer", tabindex: -1 }, verdict, why),
  );

  function reveal(open) {
    state.open = open;
    draw();
    voice.say(`${verdict.textContent} ${why.textContent}`);
    node.querySelector(".answer").focus({ preventScroll: true });
  }

  function draw() {
    const open = state.open !== "";
    compare.disabled = state.said === null;
    compare.parentNode.hidden = open;
    node.querySelector(".answer").hidden = !open;
    kind.show(state.said, open);
    if (!open) return;
    const [right, words] = kind.judge(state.open === "answered" ? state.said : null);
    node.classList.toggle("right", right);
    verdict.replaceChildren(...marked(words));
  }
  return { node, draw };
}

// --- the three kinds ------------------------------------------------------------------------

function choose({ choices, answer }, say) {
  const name = uniqueId("answer");
  const rows = choices.map((text, k) => {
    const input = html("input", { type: "radio", name, onchange: () => say(k) });
    return { input, node: html("label", { class: "option" }, input, html("span", {}, marked(text))) };
  });
  return {
    node: html(
      "div",
      { class: "options" },
      rows.map(({ node }) => node),
    ),
    show(said, open) {
      rows.forEach(({ input, node }, k) => {
        input.disabled = open;
        node.classList.toggle("true", open && k === answer);
        node.classList.toggle("false", open && k === said && k !== answer);
      });
    },
    judge(said) {
      if (said === null) return [false, `Skipped. The answer: ${choices[answer]}.`];
      if (said === answer) return [true, "You predicted it."];
      return [false, `You said: ${choices[said]}. It is: ${choices[answer]}.`];
    },
  };
}

function typeNumber({ low, high, answer, within, unit }, say) {
  const id = uniqueId("number");
  const after = unit ? ` ${unit}` : "";
  const input = html("input", {
    id,
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    size: 8,
    oninput: () => {
      const value = Number(input.value.trim().replace(",", ".").replace("−", "-"));
      say(input.value.trim() === "" || !Number.isFinite(value) ? null : value);
    },
    onkeydown: (event) => {
      if (event.key === "Enter") input.closest("fieldset").querySelector("button.primary").click();
    },
  });
  const line = html("div", { class: "plot" });
  return {
    node: html("div", {}, html("label", { for: id, class: "labelled" }, "a number", input, unit), line),
    show(said, open) {
      input.disabled = open;
      const width = Math.max(200, Math.min(520, line.clientWidth));
      const values = open ? [low, high, answer, ...(said === null ? [] : [said])] : [low, high];
      const x = linear([Math.min(...values), Math.max(...values)], [16, width - 24]);
      const near = (place) => open && Math.abs(x(answer) - place) < 60; // the answer's words stand there
      const ends = x.range.map((place, k) => (near(place) ? "" : number(x.domain[k])));
      const mark = (value, kind, text, up) =>
        svg(
          "g",
          { class: kind },
          svg("path", { d: up ? `M${pixel(x(value))},34l-6,-10h12Z` : `M${pixel(x(value))},34l-6,10h12Z` }),
          svg("text", { x: pixel(x(value)), y: up ? 18 : 60, "text-anchor": "middle" }, text),
        );
      line.replaceChildren(
        svg(
          "svg",
          {
            width,
            height: 68,
            role: "img",
            "aria-label": open
              ? `The answer is ${number(answer)}${said === null ? "" : `; you said ${number(said)}`}.`
              : `A line from ${number(low)} to ${number(high)}.`,
          },
          svg("line", { class: "frame", x1: x.range[0], x2: x.range[1], y1: 34, y2: 34 }),
          ends.map((value, k) => svg("text", { x: x.range[k], y: 52, "text-anchor": "middle" }, value)),
          said !== null ? mark(Math.max(x.domain[0], Math.min(x.domain[1], said)), "yours", "you", true) : svg("g"),
          open ? mark(answer, "truth", `${number(answer)}${after}`, false) : svg("g"),
        ),
      );
    },
    judge(said) {
      if (said === null) return [false, `Skipped. The answer: ${number(answer)}${after}.`];
      const right = Math.abs(said - answer) <= within;
      return [
        right,
        right
          ? `You said ${number(said)}${after}: right, it is ${number(answer)}${after}.`
          : `You said ${number(said)}${after}; it is ${number(answer)}${after}, ${number(Math.abs(said - answer))} off.`,
      ];
    },
  };
}

function drawCurve({ x: across, y: up, x_title, y_title, answer }, say) {
  const curve = Array(POINTS).fill(null);
  const plot = html("div", { class: "plot canvas" });
  const view = {};
  const at = (k) => across[0] + (k / (POINTS - 1)) * (across[1] - across[0]);
  const told = () => say(curve.every((value) => value === null) ? null : filled(curve));
  draggable(plot, (px, py, _event, first) => {
    if (view.open) return false;
    const k = Math.max(
      0,
      Math.min(POINTS - 1, Math.round(((view.x.invert(px) - across[0]) / (across[1] - across[0])) * (POINTS - 1))),
    );
    const value = Math.max(up[0], Math.min(up[1], view.y.invert(py)));
    const from = first ? { k, value } : view.last;
    for (let n = Math.min(k, from.k); n <= Math.max(k, from.k); n += 1) {
      curve[n] = k === from.k ? value : from.value + ((n - from.k) / (k - from.k)) * (value - from.value);
    }
    view.last = { k, value };
    told();
    return true;
  });
  const sliders = ["at the left", "in the middle", "at the right"].map((where, place) =>
    slider({
      letter: "",
      spoken: `height ${where}`,
      min: up[0],
      max: up[1],
      step: "any",
      oninput: (value) => {
        curve[Math.round((place * (POINTS - 1)) / 2)] = value;
        told();
      },
    }),
  );
  return {
    node: html("div", {}, plot, more("draw by sliders", ...sliders.map((s) => s.node))),
    show(said, open) {
      view.open = open;
      const width = Math.max(240, Math.min(560, plot.clientWidth));
      view.x = linear(across, [48, width - 14]);
      view.y = linear(up, [BOTTOM, TOP]);
      sliders.forEach((s, place) => {
        s.input.disabled = open;
        s.set(Number((said ?? [])[Math.round((place * (POINTS - 1)) / 2)]?.toPrecision(3) ?? (up[0] + up[1]) / 2));
      });
      const line = (values) => linePath(values.map((value, k) => [view.x(at(k)), view.y(value)]));
      // Between two lines of the grid: above that which is nearest to the middle.
      const off = (height) => Math.abs(height - (TOP + BOTTOM) / 2);
      const lines = ticks(up[0], up[1], GRID).map((value) => view.y(value));
      const clear = lines.sort((a, b) => off(a) - off(b))[0] - 18;
      plot.replaceChildren(
        svg(
          "svg",
          {
            width,
            height: 232,
            role: "img",
            "aria-label": open ? "Your curve and the answer." : said ? "Your curve." : "An empty plot to draw in.",
          },
          axes(view.x, view.y, { xTitle: [x_title], yTitle: [y_title], yCount: GRID, yAnchor: "start" }),
          said
            ? svg("path", { class: "yours", d: line(said) })
            : svg(
                "text",
                { class: "strong", x: width / 2, y: clear, "text-anchor": "middle" },
                open ? "" : "draw here",
              ),
          open
            ? svg("path", { class: "truth", d: linePath(answer.map(([a, b]) => [view.x(a), view.y(b)])) })
            : svg("g"),
        ),
      );
    },
    judge(said) {
      if (said === null) return [false, "Skipped. The curve is drawn in."];
      const off = said.reduce((sum, value, k) => sum + Math.abs(value - heightAt(answer, at(k))), 0) / POINTS;
      const share = off / (up[1] - up[0]);
      return [
        share < 0.06,
        `On average your curve is ${number(off, 2)} away from the answer: ${share < 0.06 ? "you predicted it" : share < 0.15 ? "close" : "another shape"}.`,
      ];
    },
  };
}

/** Gaps between drawn points are bridged by straight lines, and the ends are drawn out level. */
export function filled(curve) {
  const known = curve.map((value, k) => [k, value]).filter(([, value]) => value !== null);
  return curve.map((_, k) => heightAt(known, k));
}

/** The height of a broken line [[x, y], ...] at x. */
export function heightAt(points, x) {
  if (x <= points[0][0]) return points[0][1];
  const k = points.findIndex(([a]) => a >= x);
  if (k < 0) return points.at(-1)[1];
  const [[x0, y0], [x1, y1]] = [points[k - 1], points[k]];
  return x1 === x0 ? y1 : y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
}

export default { render };
