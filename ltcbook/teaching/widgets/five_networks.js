// One line, five networks: move along it, and make the second sound louder.

import { follow, html, number, pixel, redrawing, svg, uniqueId } from "./kit.js";
import { keeper } from "./keeper.js";
import { animate, caption, grip, handle, placeIn } from "./stage.js";
import { dials, timeConstant, trace } from "./five_networks_math.js";
import { diagram, dots, equation, frame, path, scalesFor, sounds } from "./five_networks_views.js";

const NETWORKS = ["ANN", "ResNet", "NeuralODE", "CT-RNN", "LTC"];
const LAST = NETWORKS.length - 1;
const LOUDEST = 4;
const TURNS = [
  "the state is carried over",
  "the steps grow thin",
  "the leak opens",
  "the synapses become springs to anchors",
];

function render({ model, el }) {
  const keep = keeper(
    model,
    "line",
    ["stop", "loud"],
    ({ stop, loud }) => stop >= 0 && stop <= LAST && loud >= 0 && loud <= LOUDEST,
  );
  const n = model.get("numbers");
  const view = { width: 0, scales: null, stop: () => {} };

  const put = (values, options) => {
    view.stop();
    keep.put(values, options);
    redraw();
  };
  function goTo(stop) {
    view.stop();
    const from = model.get("stop");
    view.stop = animate(0.25 + 0.45 * Math.abs(stop - from), (part) => {
      const eased = part * part * (3 - 2 * part);
      keep.put({ stop: part === 1 ? stop : from + eased * (stop - from) });
      redraw();
    });
  }

  const id = uniqueId("line");
  const range = html("input", {
    id,
    type: "range",
    min: 0,
    max: LAST,
    step: 0.01,
    "aria-label": "Which network",
    oninput: () => put({ stop: Number(range.value) }),
    onchange: () => {
      const near = Math.round(Number(range.value));
      if (Math.abs(near - Number(range.value)) < 0.12) goTo(near);
    },
    onkeydown: (event) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      const now = model.get("stop");
      goTo(Math.max(0, Math.min(LAST, by > 0 ? Math.floor(now + 1 + 1e-9) : Math.ceil(now - 1 - 1e-9))));
    },
  });
  const stops = NETWORKS.map((name, stop) =>
    html(
      "button",
      {
        type: "button",
        class: "stop",
        style: `--at: ${stop / LAST}`,
        onclick: () => goTo(stop),
      },
      name,
    ),
  );
  const line = html("div", { class: "line" }, html("div", { class: "stops" }, stops), range);

  const neuron = diagram();
  const formula = equation();
  const words = caption();
  words.setAttribute("aria-live", "polite");
  const axis = svg("g", { class: "axes" });
  const bars = svg("g", {});
  const posts = svg("g", { class: "posts" });
  const before = svg("path", { class: "trace before" });
  const now = svg("path", { class: "trace now" });
  const steps = svg("g", {});
  const louder = grip("excitatory", 8);
  const hint = svg("text", { class: "hint" }, "how loud: drag");
  const drawing = svg("g", { role: "img" }, axis, bars, posts, before, now, steps);
  const plot = svg(
    "svg",
    { role: "group", "aria-label": "What the neuron hears, and its state" },
    drawing,
    hint,
    louder,
  );
  const stage = html("div", { class: "stage-picture" }, plot);
  const root = html(
    "div",
    {
      class: "ltcbook five tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "One line, five networks",
    },
    html("p", { class: "task" }, "Drag along the line. Each network is the one before it (grey), and one thing more."),
    line,
    formula.node,
    html("div", { class: "split" }, html("div", { class: "side" }, neuron.node), stage),
    words,
  );
  el.append(root);

  const loudness = handle(louder, {
    label: "Loudness of the second sound",
    min: 0,
    max: LOUDEST,
    step: 0.1,
    get: () => model.get("loud"),
    at: (event) => view.scales.u.invert(placeIn(plot, event)[1]),
    move: (value) => put({ loud: Number(value.toFixed(2)) }),
  });

  function draw() {
    const [stop, loud] = [model.get("stop"), model.get("loud")];
    const width = Math.max(240, stage.clientWidth);
    if (width !== view.width) {
      view.width = width;
      view.scales = scalesFor(n, width);
      plot.setAttribute("width", String(width));
      plot.setAttribute("height", String(view.scales.x.range[0] + 26));
      axis.replaceChildren(...frame(view.scales));
      posts.replaceChildren(...n.e.map((e, j) => postLine(e, j, view.scales)));
    }
    const { t, u } = view.scales;
    const d = dials(n, stop);
    const nearest = Math.round(stop);
    range.value = String(stop);
    range.setAttribute(
      "aria-valuetext",
      Math.abs(stop - nearest) < 0.01
        ? NETWORKS[nearest]
        : `between ${NETWORKS[Math.floor(stop)]} and ${NETWORKS[Math.ceil(stop)]}`,
    );
    stops.forEach((button, k) => {
      button.classList.toggle("reached", stop >= k - 0.01);
      if (k === nearest && Math.abs(stop - nearest) < 0.01) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    neuron.set(d, n.thinnest);
    formula.set(stop);
    bars.replaceChildren(...sounds(n, loud, view.scales));
    posts.setAttribute("opacity", String(d.post));
    before.setAttribute("d", stop < 0.02 ? "" : path(n, Math.max(0, Math.ceil(stop - 1e-6) - 1), loud, view.scales));
    now.setAttribute("d", path(n, stop, loud, view.scales));
    steps.replaceChildren(...dots(n, stop, loud, view.scales));
    const [, first, last] = n.pulses[1];
    const middle = pixel((t(first) + t(last)) / 2);
    louder.setAttribute("transform", `translate(${middle},${pixel(u(loud))})`);
    loudness.set(loud, number(loud, 2));
    hint.setAttribute("x", pixel(t(last) + 8));
    hint.setAttribute("y", pixel(u(loud) + 5));
    const said = says(n, stop, loud);
    drawing.setAttribute("aria-label", said.join(""));
    words.replaceChildren(...said.map((part, k) => (k % 2 ? html("strong", {}, part) : part)));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, ["stop", "loud"], root, redraw);
  draw();
  return () => {
    view.stop();
    unfollow();
  };
}

function postLine(e, j, { t, x }) {
  const kind = j === 0 ? "excitatory" : "inhibitory";
  return svg(
    "g",
    { class: kind },
    svg("line", { x1: t.range[0], x2: t.range[1], y1: x(e), y2: x(e) }),
    svg(
      "text",
      { x: t.range[1], y: x(e) + (j === 0 ? -6 : 16), "text-anchor": "end" },
      `anchor of ${j === 0 ? "excitation" : "inhibition"}`,
    ),
  );
}

/** Sentences with their numbers: plain, strong, plain, ... */
function says(n, stop, loud) {
  const near = Math.round(stop);
  if (Math.abs(stop - near) > 0.02) {
    const from = Math.floor(stop);
    return [`From ${NETWORKS[from]} to ${NETWORKS[from + 1]}: ${TURNS[from]}.`];
  }
  const path_ = trace(n, near, loud);
  const [, , loudEnd] = n.pulses[1];
  const at = (time) => path_[Math.min(path_.length - 1, Math.round(time / dials(n, near).step))][1];
  const peak = Math.max(...path_.map(([, x]) => x));
  const x = (value) => number(Math.abs(value) < 5e-4 ? 0 : value, 3);
  const tau = (time) => number(timeConstant(n, near, loud, time), 2);
  return [
    [
      "Artificial neuron: each answer is that of the moment. One step after the loud sound it is back at ",
      x(at(loudEnd + 1)),
      ", as if nothing had been.",
    ],
    [
      "Residual network: it keeps what it has and adds to it. The loud sound lifts it to ",
      x(at(loudEnd)),
      ", and nothing ever takes that away but an opposite sound.",
    ],
    [
      "Neural ODE: the same sum in many thin steps, which become a flow. It ends at ",
      x(path_.at(-1)[1]),
      ", for it forgets nothing.",
    ],
    [
      "CT-RNN: a leak makes it forget, always with the time constant ",
      `1 / leak = ${tau(0)}`,
      ". It still climbs as high as it is driven: ",
      x(peak),
      ".",
    ],
    [
      "LTC: each synapse is a spring to an anchor, so however loud, it stays within ±1: here it peaks at ",
      x(peak),
      ". And while the sound lasts it is quicker: its time constant falls from ",
      tau(0),
      " to ",
      tau(n.pulses[1][1]),
      ".",
    ],
  ][near];
}

export default { render };
