// The synapse explorer: what one synapse of Table 3 does. First how far it opens, against the
// presynaptic potential x; then the current against the postsynaptic potential y, without the gate and
// with it, side by side under one dot.

import { announcer, button, choice, draggable, follow, html, marked, more, redrawing, slider } from "./kit.js";
import { gated, letters, parse, print } from "./table3.js";
import { keeper } from "./keeper.js";
import {
  POTENTIALS,
  STRONGEST,
  drawChannels,
  drawCurrent,
  drawOpening,
  formulaLines,
  pair,
  words,
} from "./synapse_views.js";

const NAMES = ["descriptor", "w", "a", "b", "e", "x", "y"];

const legal = (state) => {
  const d = parse(state.descriptor);
  return (
    d !== null && (!gated(d) || (state.w >= 0 && state.a >= 0)) && [state.x, state.y].every((v) => Math.abs(v) <= 2)
  );
};

/** What the arrow keys add to the dot of a picture. */
const KEYS = { ArrowLeft: -0.05, ArrowDown: -0.05, ArrowRight: 0.05, ArrowUp: 0.05 };
const DOTS = {
  opening: ["x", "Presynaptic potential"],
  ungated: ["y", "Postsynaptic potential, without the gate"],
  gated: ["y", "Postsynaptic potential, with the gate"],
};

const formula = (text) => [html("span", {}, marked(text))];
const span = (low, high) => ({ min: low, max: high, step: 0.05 });

/** Names and ranges of a synapse's letters; strengths and slopes of gated synapses are not negative. */
function roles(d) {
  const [strength, slope] = letters(d);
  const low = gated(d) ? 0 : -STRONGEST;
  return {
    [strength]: ["strength", span(low, STRONGEST)],
    ...(d.w_mode === "r" ? {} : { [slope]: ["slope", span(gated(d) ? 0 : -10, 10)] }),
    b: [d.w_mode === "" ? "bias" : "minus the midpoint", span(-5, 5)],
    ...(d.factor === "+" ? { e: ["reversal potential", span(...POTENTIALS)] } : {}),
  };
}

function render({ model, el }) {
  const view = { sliders: null, layout: null, scales: {}, current: false, pulled: null };
  const voice = announcer();
  const state = keeper(model, "synapse", NAMES, legal, [], {
    get: () => ({ current: view.current }),
    set: ({ current }) => {
      view.current = current;
    },
  });
  const descriptor = () => parse(model.get("descriptor"));
  const synapse = () => Object.fromEntries(["w", "a", "b", "e"].map((name) => [name, model.get(name)]));

  function put(values) {
    state.put(values);
    redraw();
  }

  function setPart(part, value) {
    const d = { ...descriptor(), [part]: value };
    const clipped = gated(d) ? { w: Math.max(0, model.get("w")), a: Math.max(0, model.get("a")) } : {};
    put({ ...clipped, descriptor: print(d) });
  }

  const part = (name, title, options) => choice({ title, options, onchange: (value) => setPart(name, value) });
  const choices = {
    w_mode: part("w_mode", "w-mode", [
      ["", formula("*a* σ(*wx* + *b*)")],
      ["r", formula("*w* σ(*x* + *b*)")],
      ["v", formula("*w* σ(*a*(*x* + *b*))")],
    ]),
    act: part("act", "Activation", [
      ["sigm", ["sigmoid"]],
      ["tanh", ["tanh"]],
    ]),
    factor: part("factor", "Factor", [
      ["", ["no factor"]],
      ["*", formula("(1 − *y*)")],
      ["+", formula("(*e* − *y*)")],
    ]),
  };
  const places = Object.fromEntries(
    ["opening", "channels", "ungated", "gated"].map((name) => [name, html("div", { class: `plot ${name}` })]),
  );
  const caption = html("p", { class: "caption" });
  const equation = html("div", { class: "equation" });
  const strengthPlace = html("div", { class: "strength" });
  const sliderPlace = html("div", { class: "sliders" });
  const next = button(
    "Next: the current through it",
    () => {
      view.current = true;
      state.note();
      redraw();
    },
    { class: "primary" },
  );
  const task = html("p", { class: "task" });
  const undo = button("Undo", () => {
    if (state.undo()) voice.say("Undone.");
    redraw();
  });
  const root = html(
    "div",
    {
      class: "ltcbook explorer tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "Synapse explorer",
    },
    task,
    html("div", { class: "panels" }, Object.values(places)),
    caption,
    html("div", { class: "bar-row" }, next, undo, strengthPlace),
    equation,
    more(
      "More: other formulas, and every number by a slider",
      sliderPlace,
      html(
        "div",
        { class: "formulas" },
        Object.values(choices).map((c) => c.node),
      ),
    ),
    voice.node,
  );
  el.append(root);

  const clamp = (value) => Number(Math.max(-2, Math.min(2, value)).toFixed(2));
  draggable(
    places.opening,
    (px, _py, _event, first) => {
      if (first) state.cut();
      put({ x: clamp(view.scales.opening.invert(px)) });
    },
    say,
  );
  for (const name of ["ungated", "gated"]) {
    draggable(
      places[name],
      (px, py, _event, first) => {
        const { y, i } = view.scales[name];
        if (first) {
          state.cut();
          const [d, s] = [descriptor(), synapse()];
          const onPost = name === "gated" && d.factor === "+" && Math.hypot(px - y(s.e), py - i(0)) < 18;
          view.pulled = onPost && Math.abs(model.get("y") - s.e) > 0.15 ? "e" : "y";
        }
        put({ [view.pulled]: clamp(y.invert(px)) });
      },
      say,
    );
  }

  // The pictures are drawn anew with each change: their places take the keys, and keep the focus.
  for (const [name, [letter, label]] of Object.entries(DOTS)) {
    const [place, [min, max]] = [places[name], POTENTIALS];
    const named = { role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": min, "aria-valuemax": max };
    for (const [key, value] of Object.entries(named)) place.setAttribute(key, String(value));
    place.addEventListener("keydown", (event) => {
      if (!(event.key in KEYS)) return;
      event.preventDefault();
      put({ [letter]: clamp(model.get(letter) + KEYS[event.key]) });
    });
    place.addEventListener("keyup", (event) => {
      if (event.key in KEYS) say();
    });
  }

  function say() {
    voice.say(words(descriptor(), synapse(), model.get("x"), model.get("y"), view.current));
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
      ...Object.fromEntries(
        Object.entries(roles(d)).map(([letter, [spoken, range]]) => [letter, made(letter, spoken, range)]),
      ),
    };
    const strength = letters(d)[0];
    strengthPlace.replaceChildren(view.sliders[strength].node);
    sliderPlace.replaceChildren(
      ...Object.entries(view.sliders)
        .filter(([letter]) => letter !== strength)
        .map(([, control]) => control.node),
    );
  }

  function draw() {
    const [d, s, x, y] = [descriptor(), synapse(), model.get("x"), model.get("y")];
    for (const [name, control] of Object.entries(choices)) control.set(d[name]);
    buildSliders();
    for (const [name, control] of Object.entries(view.sliders)) control.set(model.get(name));
    root.classList.toggle("with-current", view.current);
    next.hidden = view.current;
    undo.disabled = !state.canUndo;
    const anchor = pair(d)[1].factor === "+" ? "*e*" : "1";
    task.replaceChildren(
      ...marked(
        view.current
          ? `Drag the receiver’s dot past ${anchor}: which of the two currents turns round?`
          : "How far does the synapse open? Drag the dot.",
      ),
    );
    places.ungated.hidden = places.gated.hidden = equation.hidden = !view.current;
    const wide = Math.max(200, places.opening.clientWidth);
    const drawn = drawOpening(d, s, x, wide);
    view.scales.opening = drawn.x;
    places.opening.replaceChildren(drawn.picture);
    const channels = view.current ? null : drawChannels(d, s, x, Math.max(240, places.channels.clientWidth || wide));
    places.channels.hidden = channels === null;
    places.channels.replaceChildren(...(channels ? [channels] : []));
    if (view.current) {
      pair(d).forEach((one, k) => {
        const name = ["ungated", "gated"][k];
        const panel = drawCurrent(one, s, x, y, Math.max(130, places[name].clientWidth), d.factor === one.factor);
        view.scales[name] = panel;
        places[name].replaceChildren(panel.picture);
      });
    }
    for (const [name, [letter]] of Object.entries(DOTS)) {
      places[name].setAttribute("aria-valuenow", model.get(letter));
    }
    equation.replaceChildren(...formulaLines(d, s, x, y));
    caption.replaceChildren(...marked(words(d, s, x, y, view.current)));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, NAMES, root, redraw);
  draw();
  return unfollow;
}

export default { render };
