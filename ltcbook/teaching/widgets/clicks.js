// Click, loud click: put clicks on a timeline, take leak and self-synapse away, see what is remembered.

import {
  button,
  follow,
  html,
  linear,
  linePath,
  number,
  pixel,
  redrawing,
  svg,
  svgSymbol,
  symbol,
  ticks,
  uniqueId,
} from "./kit.js";
import { keeper } from "./keeper.js";
import { caption, handle, placeIn } from "./stage.js";
import { HORIZON, LENGTH, LOUDEST, MIDPOINT, heard, listen } from "./clicks_math.js";

const [SOUNDS, TOP, STATE] = [96, 132, 200];
/** @type {[number, number]} */
const STATES = [-0.5, 18];
const MOST = 12;
const NEW = 3;

const round = (value) => Math.round(value * 10) / 10;

function render({ model, el }) {
  const keep = keeper(
    model,
    "clicks",
    ["clicks", "leak", "self_synapse"],
    ({ clicks }) => clicks.length <= MOST && clicks.every(fits),
  );
  const listener = () => ({
    clicks: model.get("clicks"),
    leak: model.get("leak"),
    self_synapse: model.get("self_synapse"),
  });
  // The question stands until the reader has done something; `own` is the click that the reader had last.
  const view = { width: 0, t: null, u: null, x: null, bars: [], heard: keep.restored, own: -1 };
  const first = JSON.stringify(listener());
  const put = (values, options) => {
    view.heard = true;
    keep.put(values, options);
    redraw();
  };

  const check = (name, ...label) => {
    const input = html("input", { type: "checkbox", onchange: () => put({ [name]: input.checked }, { apart: true }) });
    return { input, node: html("label", { class: "check" }, input, html("span", {}, ...label)) };
  };
  const leak = check("leak", "leak ", html("span", { class: "leak-letter" }, "− ", symbol("x")));
  const self = check(
    "self_synapse",
    "synapse onto itself ",
    html("span", { class: "self-letter" }, "+ 10 σ(", symbol("x"), " − 5)"),
  );
  const back = button("Undo", () => {
    keep.undo();
    view.own = -1;
    redraw();
  });
  const add = button("Add a click", () => addClick(free(model.get("clicks"))));
  const hear = button(
    "Listen",
    () => {
      view.heard = true;
      add.focus({ preventScroll: true });
      redraw();
    },
    { class: "primary" },
  );
  const words = caption();
  words.setAttribute("aria-live", "polite");

  const axis = svg("g", { class: "axes" });
  const ground = svg("rect", { class: "ground", x: 0, y: 0, height: SOUNDS });
  const bars = svg("g", {});
  const threshold = svg("g", { class: "threshold" });
  const clip = uniqueId("clip");
  const window_ = svg("rect", { x: 0, y: TOP - 8, height: STATE + 16 });
  const lines = svg("path", { class: "trace", "clip-path": `url(#${clip})` });
  const drawing = svg("g", { role: "img" }, svg("clipPath", { id: clip }, window_), axis, threshold, lines);
  const plot = svg(
    "svg",
    { role: "group", "aria-label": "A timeline of clicks, and the neuron's state" },
    ground,
    drawing,
    bars,
  );
  const unheard = svg("text", { class: "unheard", "text-anchor": "middle" }, "?");
  drawing.append(unheard);
  const stage = html("div", { class: "stage-picture" }, plot);
  const task = html("p", { class: "task" });
  const root = html(
    "div",
    {
      class: "ltcbook clicks tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "Click, loud click",
    },
    task,
    stage,
    html("div", { class: "bar-row end" }, hear, add, back, leak.node, self.node),
    words,
  );
  el.append(root);

  ground.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const [px, py] = placeIn(plot, event);
    addClick(view.t.invert(px) - LENGTH / 2, view.u.invert(py));
  });

  function addClick(at, loud = NEW) {
    const clicks = model.get("clicks");
    if (clicks.length >= MOST) return;
    const click = [round(Math.max(0, Math.min(HORIZON - LENGTH, at))), round(Math.max(0.5, Math.min(LOUDEST, loud)))];
    view.own = clicks.length;
    put({ clicks: [...clicks, click] }, { apart: true });
    draw();
    view.bars.at(-1)?.node.focus({ preventScroll: true });
  }
  const change = (k, values) => {
    view.own = k;
    put({ clicks: model.get("clicks").map((old, i) => (i === k ? [values[0] ?? old[0], values[1] ?? old[1]] : old)) });
  };
  const remove = (k) => {
    view.own = -1;
    put({ clicks: model.get("clicks").filter((_, i) => i !== k) }, { apart: true });
  };

  /** A click: its bar is dragged both ways; for the keys, up and down are loudness, left and right time. */
  function makeBar(k) {
    const rect = svg("rect", { class: "click" });
    const reach = svg("rect", { class: "reach" });
    const cap = svg("circle", { class: "cap", r: 6 });
    const node = svg("g", {}, reach, rect, cap);
    let taken = [0, 0];
    node.addEventListener("pointerdown", (event) => {
      const [px, py] = placeIn(plot, event);
      const [at, loud] = model.get("clicks")[k];
      taken = [at - view.t.invert(px), loud - view.u.invert(py)];
    });
    const slide = handle(node, {
      label: `Click ${k + 1}: loudness`,
      min: 0,
      max: LOUDEST,
      step: 0.5,
      get: () => model.get("clicks")[k][1],
      at: (event) => view.u.invert(placeIn(plot, event)[1]),
      move(value, event) {
        if (!(event instanceof PointerEvent)) return change(k, [null, round(value)]);
        const at = view.t.invert(placeIn(plot, event)[0]) + taken[0];
        return change(k, [round(Math.max(0, Math.min(HORIZON - LENGTH, at))), round(value)]);
      },
      end: () => {
        if (model.get("clicks")[k]?.[1] === 0) remove(k);
      },
      remove: () => remove(k),
    });
    node.addEventListener(
      "keydown",
      (event) => {
        const by = { ArrowLeft: -0.5, ArrowRight: 0.5 }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        const at = model.get("clicks")[k][0] + by;
        change(k, [round(Math.max(0, Math.min(HORIZON - LENGTH, at))), null]);
      },
      { capture: true },
    );
    return { node, rect, reach, cap, slide };
  }

  function draw() {
    const p = listener();
    const width = Math.max(240, stage.clientWidth);
    if (width !== view.width) {
      view.width = width;
      Object.assign(view, {
        t: linear([0, HORIZON], [30, width - 10]),
        u: linear([0, LOUDEST], [SOUNDS, 10]),
        x: linear(STATES, [TOP + STATE, TOP]),
      });
      plot.setAttribute("width", String(width));
      plot.setAttribute("height", String(TOP + STATE + 36));
      ground.setAttribute("width", String(width));
      window_.setAttribute("width", String(width));
      axis.replaceChildren(...frame(view));
      unheard.setAttribute("x", String(view.t(0.75 * HORIZON)));
      unheard.setAttribute("y", String(view.x(8)));
      threshold.replaceChildren(
        svg("line", { x1: view.t(0), x2: view.t(HORIZON), y1: view.x(MIDPOINT), y2: view.x(MIDPOINT) }),
        svg("text", { x: view.t(HORIZON), y: view.x(MIDPOINT) - 6, "text-anchor": "end" }, "the watershed, 5"),
      );
    }
    while (view.bars.length < p.clicks.length) {
      view.bars.push(makeBar(view.bars.length));
      bars.append(view.bars.at(-1).node);
    }
    while (view.bars.length > p.clicks.length) view.bars.pop().node.remove();
    p.clicks.forEach(([at, loud], k) => {
      const { rect, reach, cap, slide } = view.bars[k];
      const [x, y, w] = [view.t(at), view.u(loud), view.t(LENGTH) - view.t(0)];
      place(rect, x, y, w, view.u(0) - y);
      place(reach, x - 12, y - 14, w + 24, view.u(0) - y + 14);
      cap.setAttribute("cx", pixel(x + w / 2));
      cap.setAttribute("cy", pixel(y));
      slide.set(loud, `${number(loud, 2)}, at time ${number(at, 3)}`);
    });
    const states = listen(p);
    view.heard ||= JSON.stringify(p) !== first;
    const last = states.length - 1;
    const shown = view.heard ? last : Math.round((last * end(p)) / HORIZON);
    lines.setAttribute(
      "d",
      linePath(states.slice(0, shown + 1).map((x, k) => [view.t((k * HORIZON) / last), Math.max(-2000, view.x(x))])),
    );
    hear.hidden = view.heard;
    unheard.style.display = view.heard ? "none" : "";
    threshold.style.display = p.leak && p.self_synapse ? "" : "none";
    leak.input.checked = p.leak;
    self.input.checked = p.self_synapse;
    back.disabled = !keep.canUndo;
    add.disabled = p.clicks.length >= MOST;
    task.textContent = view.heard
      ? "Drag a click: sideways for when, up for how loud. When does the neuron decide?"
      : "The neuron hears clicks. Which will it remember? Press Listen, or drag one.";
    const said = view.heard ? says(p, states) : [QUESTION];
    if (view.heard && p.clicks[view.own]) said[said.length - 1] += ofOne(p, view.own, states);
    drawing.setAttribute("aria-label", said.join(""));
    words.replaceChildren(...said.map((part, k) => (k % 2 ? html("strong", {}, part) : part)));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, ["clicks", "leak", "self_synapse"], root, redraw);
  draw();
  return unfollow;
}

const QUESTION =
  "After the last click nothing more is heard. What will the state do then: fall back to 0, stay where it is, or rise?";

/** When the last sound ends. @param {import("./clicks_math.js").Listener} p */
const end = ({ clicks }) => Math.min(HORIZON, Math.max(0, ...clicks.map(([at]) => at + LENGTH)));

/** What one of the clicks has done: the same sounds without it, beside those with it. */
function ofOne(p, k, states) {
  const [at, loud] = p.clicks[k];
  const without = listen({ ...p, clicks: p.clicks.filter((_, i) => i !== k) });
  const [here, there] = [states.at(-1), without.at(-1)];
  const name = ` Your click at ${number(at, 3)}`;
  if (!p.self_synapse) {
    const part = here - there;
    return part < 0.005
      ? ` Nothing of your click at ${number(at, 3)} is left.`
      : `${name} accounts for ${number(part, 2)} of that.`;
  }
  if (!p.leak) return ` Without your click at ${number(at, 3)} it would be ${number(there, 3)}.`;
  const before = states[Math.round((at / HORIZON) * (states.length - 1))];
  if (here <= MIDPOINT) return `${name}, ${number(loud, 2)} loud, is too soft or too late.`;
  if (there <= MIDPOINT) return `${name} made the difference: without it the state would end at ${number(there, 2)}.`;
  return before > MIDPOINT
    ? `${name} comes after that, and changes nothing that lasts.`
    : ` Without your click at ${number(at, 3)} the rest would have done the same.`;
}

function place(rect, x, y, width, height) {
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, pixel(value));
}

const fits = ([at, loud, ...rest]) =>
  rest.length === 0 && at >= 0 && at <= HORIZON - LENGTH && loud >= 0 && loud <= LOUDEST;

/** A moment that is still silent, for a click added by its button. */
function free(clicks) {
  const moments = Array.from({ length: 10 }, (_, k) => 2 * k + 1);
  return moments.find((t) => clicks.every(([at]) => Math.abs(at - t) > 1.5)) ?? 15;
}

function frame({ t, u, x }) {
  const [left, right] = t.range;
  return [
    svg("line", { class: "tick", x1: left, x2: right, y1: u(0), y2: u(0) }),
    svg("text", { class: "title", x: left, y: 12 }, "clicks"),
    ...[0, 5, 10, 15].map((value) =>
      svg(
        "g",
        {},
        svg("line", { class: value === 0 ? "tick" : "grid", x1: left, x2: right, y1: x(value), y2: x(value) }),
        svg("text", { x: left - 7, y: x(value), dy: "0.32em", "text-anchor": "end" }, number(value)),
      ),
    ),
    ...ticks(0, HORIZON, 5).map((value) =>
      svg("text", { x: t(value), y: TOP + STATE + 16, "text-anchor": "middle" }, number(value)),
    ),
    svg("text", { class: "title", x: left, y: TOP - 10 }, "state ", ...svgSymbol("x")),
    svg("text", { class: "title", x: right, y: TOP + STATE + 32, "text-anchor": "end" }, "time ", ...svgSymbol("t")),
  ];
}

/** What the picture bears out: plain, strong, plain, ... */
function says(p, states) {
  const last = states.at(-1);
  const peak = Math.max(...states);
  const end = number(Math.abs(last) < 0.005 ? 0 : last, 3);
  const quiet =
    heard(p, HORIZON - 0.01) === 0 && (p.clicks.length === 0 || Math.max(...p.clicks.map(([at]) => at)) < HORIZON - 4);
  if (!p.leak && p.self_synapse) {
    return ["Without a leak nothing stops the synapse: the state feeds itself, and runs away to ", end, " and on."];
  }
  if (!p.leak)
    return [
      "It adds everything up and keeps it: at the end it holds ",
      end,
      ", the sum of all clicks. Enough soft ones are as good as a loud one.",
    ];
  if (!p.self_synapse) {
    return [
      "It leaks, and forgets: it rose to ",
      number(peak, 3),
      quiet ? ", and at the end has " : ", and now, shortly after a click, still has ",
      end,
      quiet ? " left." : ".",
    ];
  }
  if (peak < MIDPOINT && last < MIDPOINT)
    return [
      "The highest it got is ",
      number(peak, 3),
      ": no click lifted it over the watershed at 5, and it fell back. As if there had been none.",
    ];
  if (last > MIDPOINT)
    return [
      "A click lifted it over 5, and there its own synapse holds it up, at ",
      end,
      ", long after the sound. It has decided.",
    ];
  return ["It rose to ", number(peak, 3), " and is falling again."];
}

export default { render };
