// Tug of war: drag the ring, the anchors and the springs; let go, and the ring settles.

import {
  button,
  follow,
  html,
  linear,
  linePath,
  marked,
  number,
  pixel,
  redrawing,
  svg,
  svgSymbol,
  ticks,
} from "./kit.js";
import { keeper } from "./keeper.js";
import { animate, caption, grip, handle, placeIn } from "./stage.js";
import { after, currents, rest, stiffness, tau } from "./tug_math.js";

const KINDS = ["inhibitory", "leak", "excitatory"];
const SPOKEN = ["Inhibition", "The leak", "Excitation"];
const [LOW, HIGH] = [-100, 20];
const STIFFEST = 10;
const [LANES, LANE] = [48, 70];
const BOTTOM = LANES + 3 * LANE;
const NAMES = ["inhibition", "leak", "excitation"];
const [PAPER, MILLISECONDS] = [170, 20];
const CANCELS = 0.02; // of the largest current

const lane = (k) => LANES + (k + 0.5) * LANE;

function render({ model, el }) {
  const keep = keeper(model, "tug", ["g", "e", "x"], legal);
  const springs = () => ({ g: model.get("g"), e: model.get("e"), C: model.get("C") });
  /** What the reader sees done: held, falling or settled; and the traces on the paper. */
  const view = { mode: "held", x: model.get("x"), traces: [], stop: () => {}, width: 0, scale: null };

  function put(values, options = {}) {
    view.stop();
    view.mode = "held";
    keep.put(values, options);
    redraw();
  }

  function letGo() {
    const [p, from] = [springs(), model.get("x")];
    put({ x: after(p, from, MILLISECONDS) }, { apart: true });
    const trace = { p, from, part: 0 };
    view.traces = [...view.traces.filter((old) => old.part === 1), trace].slice(-4);
    view.mode = "falling";
    view.stop = animate(2.4, (part) => {
      trace.part = part;
      if (part === 1) view.mode = "settled";
      view.x = after(p, from, part * MILLISECONDS);
      draw();
    });
  }

  const task = html(
    "p",
    { class: "task" },
    "Drag the ring to where you think the three springs will hold it. Then press Let go.",
  );
  const words = caption();
  const picture = svg("svg", {
    role: "group",
    "aria-label": "Three springs pull a ring on a rail of membrane potentials",
  });
  const stage = html("div", { class: "stage-picture" }, picture);
  const back = button("Undo", () => {
    view.stop();
    view.mode = "held";
    keep.undo();
    redraw();
  });
  const root = html(
    "div",
    {
      class: "ltcbook tug tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "Tug of war",
    },
    task,
    stage,
    html(
      "div",
      { class: "bar-row end" },
      button("Let go", letGo, { class: "primary" }),
      back,
      button("Ten times stiffer synapses", () => {
        const g = model.get("g");
        put({ g: [Math.min(STIFFEST, 10 * g[0]), g[1], Math.min(STIFFEST, 10 * g[2])] }, { apart: true });
      }),
    ),
    words,
  );
  words.setAttribute("aria-live", "polite");
  el.append(root);

  const parts = build();
  picture.append(...parts.nodes);

  function build() {
    const x = (event) => view.scale.invert(placeIn(picture, event)[0]);
    const change = (name, k, value) => put({ [name]: model.get(name).map((old, i) => (i === k ? value : old)) });
    const lanes = KINDS.map((kind, k) => {
      const post = svg(
        "g",
        { class: `post ${kind}` },
        svg("rect", { class: "reach", x: -20, y: -24, width: 40, height: 48 }),
        svg("rect", { class: "block", x: -7, y: -19, width: 14, height: 38, rx: 2 }),
      );
      const spring = svg("path", { class: "spring" });
      const stiff = grip(`stiff ${kind}`, 10);
      stiff.append(svg("path", { class: "updown", d: "M-3,-2L0,-6L3,-2M-3,2L0,6L3,2" }));
      const amount = svg("text", { class: "amount", "text-anchor": "middle" });
      const current = svg("path", { class: "current" });
      const place = svg("text", { class: `place ${kind}`, "text-anchor": "middle" });
      const node = svg("g", { class: kind }, spring, current, amount);
      return {
        node,
        spring,
        current,
        place,
        amount,
        post,
        stiff,
        posting: handle(post, {
          label: `${SPOKEN[k]}: reversal potential, in millivolts`,
          min: LOW + 5,
          max: HIGH - 5,
          step: 1,
          get: () => model.get("e")[k],
          at: x,
          move: (value) => change("e", k, Math.round(value)),
        }),
        stiffening: handle(stiff, {
          label: `${SPOKEN[k]}: conductance, in nanosiemens`,
          min: 0,
          max: STIFFEST,
          step: 0.1,
          get: () => model.get("g")[k],
          at: (event) => -placeIn(picture, event)[1] / 14,
          move(value) {
            const next = Number(value.toFixed(1));
            if (stiffness({ ...springs(), g: model.get("g").map((old, i) => (i === k ? next : old)) }) > 0)
              change("g", k, next);
          },
        }),
      };
    });
    const ring = svg(
      "g",
      { class: "ring" },
      svg("rect", { class: "reach", x: -22, y: LANES - 8, width: 44, height: 3 * LANE + 16 }),
      svg("rect", { class: "bar", x: -4, y: LANES - 6, width: 8, height: 3 * LANE + 12, rx: 4 }),
      svg("circle", { class: "knob", cy: LANES - 14, r: 10 }),
    );
    const net = svg("path", { class: "net" });
    const reading = svg("text", { class: "reading strong", "text-anchor": "middle" });
    const axis = svg("g", { class: "axes", "aria-hidden": "true" });
    const paper = svg("g", { class: "paper", "aria-hidden": "true" });
    return {
      lanes,
      ring,
      net,
      reading,
      axis,
      paper,
      ringing: handle(ring, {
        label: "Membrane potential, in millivolts",
        min: LOW,
        max: HIGH,
        step: 0.5,
        get: () => model.get("x"),
        at: x,
        move: (value) => put({ x: Number(value.toFixed(1)) }),
      }),
      nodes: [
        axis,
        paper,
        ...lanes.map((one) => one.node),
        ...lanes.map((one) => one.post),
        net,
        ring,
        ...lanes.map((one) => one.place),
        ...lanes.map((one) => one.stiff),
        reading,
      ],
    };
  }

  function draw() {
    const width = Math.max(240, stage.clientWidth);
    const scale = linear([LOW, HIGH], [12, width - 12]);
    view.scale = scale;
    const p = springs();
    const { g, e } = p;
    if (view.mode !== "falling") view.x = model.get("x");
    const x = view.x;
    const pulls = currents(p, x);
    picture.setAttribute("width", String(width));
    picture.setAttribute("height", String(BOTTOM + PAPER + 50));
    if (view.width !== width) {
      view.width = width;
      parts.axis.replaceChildren(...rail(scale));
    }
    parts.lanes.forEach((one, k) => {
      const [from, to, y] = [scale(e[k]), scale(x), lane(k)];
      one.spring.setAttribute("d", coil(from, to, y));
      one.spring.setAttribute("stroke-width", String(g[k] === 0 ? 0 : 1 + 0.75 * g[k]));
      one.current.setAttribute("d", arrowAlong(to, y + 20, pulls[k], 0.3 * width));
      one.post.setAttribute("transform", `translate(${pixel(from)},${y})`);
      const beside = pixel(Math.max(60, Math.min(width - 60, from)));
      one.place.setAttribute("x", beside);
      one.place.setAttribute("y", String(y - 24));
      one.place.textContent = `${NAMES[k]}, ${number(e[k])} mV`;
      const middle = Math.max(22, Math.min(width - 22, (from + to) / 2));
      one.stiff.setAttribute("transform", `translate(${pixel(middle)},${y})`);
      one.amount.setAttribute("x", pixel(Math.max(22, Math.min(width - 22, from))));
      one.amount.setAttribute("y", String(y + 33));
      one.amount.textContent = `${number(g[k])} nS`;
      one.posting.set(e[k], `${number(e[k])} millivolts`);
      one.stiffening.set(g[k], `${number(g[k])} nanosiemens`);
    });
    const total = pulls.reduce((sum, i) => sum + i, 0);
    const still = Math.abs(total) <= CANCELS * Math.max(...pulls.map(Math.abs), 1);
    parts.ring.setAttribute("transform", `translate(${pixel(scale(x))},0)`);
    parts.ringing.set(x, `${number(x, 3)} millivolts`);
    parts.net.setAttribute("d", still ? "" : arrowAlong(scale(x), LANES - 14, total, 0.3 * width, 16, 10));
    root.classList.toggle("cancels", still);
    parts.reading.setAttribute("x", pixel(Math.max(40, Math.min(width - 40, scale(x)))));
    parts.reading.setAttribute("y", "13");
    parts.reading.textContent = `${number(x, 3)} mV`;
    parts.paper.replaceChildren(
      ...view.traces.map((trace, k) => drawTrace(trace, scale, k === view.traces.length - 1)),
    );
    back.disabled = !keep.canUndo;
    words.replaceChildren(...says(p, x, pulls, total, still, view));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, ["g", "e", "x", "C"], root, redraw);
  draw();
  return () => {
    view.stop();
    unfollow();
  };
}

/** What an address may bring: values that the picture can show. */
const legal = ({ g, e, x }) =>
  g.length === KINDS.length &&
  e.length === KINDS.length &&
  Math.max(...g) > 0 &&
  g.every((value) => value >= 0 && value <= STIFFEST) &&
  [...e, x].every((value) => value >= LOW && value <= HIGH);

/** The rail of potentials, and under it the paper on which the ring leaves its trace. */
function rail(scale) {
  const [left, right] = scale.range;
  const time = linear([0, MILLISECONDS], [BOTTOM + 8, BOTTOM + 8 + PAPER]);
  const nodes = [];
  for (const value of ticks(LOW, HIGH, right - left < 500 ? 4 : 7)) {
    nodes.push(
      svg("line", { class: "grid", x1: scale(value), x2: scale(value), y1: LANES, y2: time(MILLISECONDS) }),
      svg(
        "text",
        {
          x: scale(value),
          y: time(MILLISECONDS) + 18,
          "text-anchor": value === LOW ? "start" : value === HIGH ? "end" : "middle",
        },
        number(value),
      ),
    );
  }
  for (const value of [0, 5, 10, 15, 20]) {
    nodes.push(
      svg("line", { class: "grid", x1: left, x2: right, y1: time(value), y2: time(value) }),
      svg("text", { x: left + 2, y: time(value) - 4 }, value === 0 ? "0 ms, let go" : `${value} ms`),
    );
  }
  nodes.push(
    svg(
      "text",
      { class: "title", x: right, y: time(MILLISECONDS) + 36, "text-anchor": "end" },
      "membrane potential ",
      ...svgSymbol("x"),
      " (mV)",
    ),
  );
  return nodes;
}

/** A spring from x1 to x2 at y, with straight ends. */
function coil(x1, x2, y) {
  const [turns, height, end] = [9, 11, 0.14];
  const at = (s) => x1 + s * (x2 - x1);
  const points = [
    [x1, y],
    [at(end), y],
  ];
  for (let k = 0; k < 2 * turns; k += 1) {
    points.push([at(end + ((k + 0.5) / (2 * turns)) * (1 - 2 * end)), y + (k % 2 ? height : -height)]);
  }
  return linePath([...points, [at(1 - end), y], [x2, y]]);
}

/** An arrow from x at y, as long as the current (pA) is strong; none for none. */
function arrowAlong(x, y, current, longest, from = 8, half = 5) {
  const length = Math.min(150, longest, Math.abs(current) * 0.75);
  if (length < 1) return "";
  const s = Math.sign(current);
  const [start, tip] = [x + s * from, x + s * (from + length)];
  const base = tip - s * Math.min(length, 1.6 * half);
  return (
    `M${pixel(start)},${y - half / 2}L${pixel(base)},${y - half / 2}V${y - half}L${pixel(tip)},${y}` +
    `L${pixel(base)},${y + half}V${y + half / 2}L${pixel(start)},${y + half / 2}Z`
  );
}

function drawTrace({ p, from, part }, scale, last) {
  const points = Array.from({ length: 61 }, (_, k) => (k / 60) * part * MILLISECONDS).map((t) => [
    scale(after(p, from, t)),
    BOTTOM + 8 + (t / MILLISECONDS) * PAPER,
  ]);
  return svg("path", { class: last ? "trace last" : "trace", d: linePath(points) });
}

/** What the picture bears out, as it is now. */
function says(p, x, pulls, total, still, { mode, traces }) {
  const strong = (text) => html("span", { class: "number" }, text);
  const pull = (k) => [
    SPOKEN[k].toLowerCase(),
    " ",
    strong(`${number(Math.abs(pulls[k]), 3)} pA ${pulls[k] < 0 ? "left" : "right"}`),
  ];
  if (mode === "falling")
    return ["It goes where the three pulls cancel, fast at first, for the pull shrinks with the distance."];
  const mean = () => {
    const terms = p.g
      .map((g, k) => `${number(g, 3)}·${p.e[k] < 0 ? `(${number(p.e[k], 3)})` : number(p.e[k], 3)}`)
      .join(" + ");
    return html("strong", {}, `(${terms}) / ${number(stiffness(p), 3)} = ${number(rest(p), 3)} mV`);
  };
  if (still) {
    const settled = mode === "settled" ? traces.at(-1) : null;
    const off = settled ? Math.abs(settled.from - x) : 0;
    return [
      settled
        ? `You held it at ${number(settled.from, 3)} mV, ${off < 1 ? "nearly right" : `${number(off, 3)} mV off`}. `
        : "",
      `${settled ? "Settled" : "Here the three pulls cancel"}: the mean of the anchors, weighted by stiffness, `,
      mean(),
      ". From anywhere, 63 % of the way takes ",
      strong(marked(`*τ* = *C* / *Σg* = ${number(tau(p), 2)} ms`)),
      ".",
    ];
  }
  if (mode === "settled") {
    return [
      `After ${MILLISECONDS} ms it is still on its way: springs as weak as these are slow, `,
      strong(marked(`*τ* = *C* / *Σg* = ${number(tau(p), 2)} ms`)),
      ".",
    ];
  }
  return [
    "You hold the ring at ",
    strong(`${number(x, 3)} mV`),
    ": ",
    ...pull(0),
    ", ",
    ...pull(1),
    ", ",
    ...pull(2),
    `. Together they pull it to the ${total < 0 ? "left" : "right"}.`,
  ];
}

export default { render };
