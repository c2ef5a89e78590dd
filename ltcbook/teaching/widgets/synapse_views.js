// The pictures and the words of the synapse explorer.

import { axes, html, linePath, linear, number, pixel, svg, svgSymbol, uniqueId } from "./kit.js";
import { current, factor, gated, letters, opening, print } from "./table3.js";

/** The same synapse without the gate, and with one: the type's own, or (e − y). */
export const pair = (d) => [
  { ...d, factor: "" },
  { ...d, factor: d.factor || "+" },
];
export const CURRENTS = [-4, 4];
export const STRONGEST = 3;
export const POTENTIALS = [-2, 2];

/** What the dot says, with and without the gate. */
export function words(d, s, x, y, withCurrent) {
  const open = opening(d, s, x);
  const strength = s[letters(d)[0]];
  const share =
    d.act === "sigm" && strength !== 0 ? `open to ${number((100 * open) / strength, 2)} %` : `at ${number(open, 2)}`;
  const first = `With the sender at *x* = ${number(x, 2)} the synapse is ${share}.`;
  if (!withCurrent) return first;
  const [free, bound] = pair(d);
  const [i, j] = [current(free, s, x, y), current(bound, s, x, y)];
  const does = (value) => (value > 0 ? "pushes *y* up" : value < 0 ? "pushes *y* down" : "does nothing");
  const post = bound.factor === "+" ? `*e* = ${number(s.e, 2)}` : "1";
  const level = bound.factor === "+" ? s.e : 1;
  const pulled =
    open < 0
      ? `pushes *y* away from ${post}: a negative conductance`
      : j === 0
        ? `does nothing: ${open === 0 ? "the synapse is closed" : `*y* stands at the anchor ${post}`}`
        : `pulls *y* ${y < level ? "up" : "down"} to ${post}`;
  return (
    `${first} Without the gate its current of ${number(i, 2)} ${does(i)}, wherever *y* is. ` +
    `With the gate, a current of ${number(j, 2)} ${pulled}.`
  );
}

const italic = (letter) => html("var", {}, letter);

/** The formula of the current, and under it the same with the numbers. */
export function formulaLines(d, s, x, y) {
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
    html(
      "p",
      {},
      italic("i"),
      "(",
      italic("x"),
      ", ",
      italic("y"),
      ") = ",
      italic(letters(d)[0]),
      ` ${sigma}(`,
      inside,
      ")",
      gated(d) ? [" · ", html("span", { class: "whole" }, gate[d.factor])] : "",
      html("span", { class: "where" }, html("code", {}, print(d))),
    ),
    html(
      "p",
      {},
      italic("i"),
      ` = ${number(strength)} · ${activation}`,
      gated(d) ? ` · ${sign(factor(d, s, y))}` : "",
      " = ",
      html("strong", {}, number(current(d, s, x, y))),
    ),
  ];
}

const sample = (/** @type {number[]} */ [low, high], point) =>
  Array.from({ length: 81 }, (_, k) => point(low + (k / 80) * (high - low)));

/** How far the synapse opens against x; the axes depend on the formula alone. */
export function drawOpening(d, s, px, width) {
  const [left, top, height] = [40, 26, 170];
  const x = linear(POTENTIALS, [left, width - 10]);
  const low = d.act === "tanh" || !gated(d) ? -STRONGEST : 0;
  const open = linear([low, STRONGEST], [top + height, top]);
  const at = opening(d, s, px);
  const clip = uniqueId("clip");
  const picture = svg(
    "svg",
    {
      width,
      height: top + height + 40,
      role: "img",
      "aria-label": `How far the synapse opens against the presynaptic potential x. At x = ${number(px)} the opening is ${number(at, 3)}.`,
    },
    svg("clipPath", { id: clip }, svg("rect", { x: left, y: top - 4, width: width - left - 10, height: height + 8 })),
    axes(x, open, {
      xTitle: [...svgSymbol("x"), " (sender)"],
      xCount: 4,
      yCount: 3,
      yTitle: [gated(d) ? "conductance" : "opening"],
      yAnchor: "start",
    }),
    svg(
      "g",
      { "clip-path": `url(#${clip})` },
      svg("path", { class: "curve", d: linePath(sample(POTENTIALS, (v) => [x(v), open(opening(d, s, v))])) }),
    ),
    svg("line", { class: "guide", x1: x(px), x2: x(px), y1: top + height, y2: pixel(open(at)) }),
    svg("circle", { class: "handle", cx: x(px), cy: pixel(open(at)), r: 9 }),
  );
  return { picture, x };
}

const CHANNELS = 10; // to a strength of one

/**
 * The same as a picture: the sender, as full as it is high, and the receiver's membrane with its channels.
 * How many there are is the strength, how many of them are open is up to the sender. A type without
 * a conductance that is open from none to all has no such picture.
 */
export function drawChannels(d, s, px, width) {
  const strength = s[letters(d)[0]];
  if (!gated(d) || d.act !== "sigm") return null;
  const count = Math.round(CHANNELS * strength);
  const part = strength > 0 ? opening(d, s, px) / strength : 0;
  const open = Math.round(part * count);
  const [height, middle, from] = [190, 88, 96];
  const [low, high] = POTENTIALS;
  const full = (px - low) / (high - low);
  const across = 10;
  const gap = (width - from - 24) / across;
  const half = Math.min(8, 0.26 * gap);
  const last = Math.max(0, Math.ceil(count / across) - 1);
  const sender = uniqueId("sender");
  const spots = Array.from({ length: count }, (_, k) => [
    from + 16 + (k % across) * gap,
    middle + 44 * (Math.floor(k / across) - last / 2),
  ]);
  // Spread over all of them, so that none of them is always the first.
  const isOpen = (k) => Math.floor(((k + 1) * open) / count) > Math.floor((k * open) / count);
  const channel = (/** @type {number[]} */ [x, y], /** @type {number} */ k) =>
    svg(
      "g",
      { class: isOpen(k) ? "channel open" : "channel", transform: `translate(${pixel(x)},${pixel(y)})` },
      svg("path", { class: "lips", d: isOpen(k) ? `M${-half},-11v22M${half},-11v22` : "M-1.5,-11v22M1.5,-11v22" }),
      isOpen(k) ? svg("circle", { class: "ion", r: pixel(half / 2.4), cy: k % 2 ? -4 : 4 }) : svg("g"),
    );
  const rows = Array.from({ length: last + 1 }, (_, row) => middle + 44 * (row - last / 2));
  return svg(
    "svg",
    {
      width,
      height,
      role: "img",
      "aria-label": `The sender at ${number(px, 2)}, and ${count} channels in the membrane of the receiver, ${open} of them open.`,
    },
    svg("clipPath", { id: sender }, svg("circle", { cx: 40, cy: middle, r: 27 })),
    svg("rect", {
      class: "level",
      "clip-path": `url(#${sender})`,
      x: 10,
      width: 60,
      y: pixel(middle + 30 - 60 * full),
      height: pixel(60 * full),
    }),
    svg("circle", { class: "body", cx: 40, cy: middle, r: 27 }),
    svg("path", { class: "body", d: `M67,${middle}H${from - 10}` }),
    rows.map((y) => svg("line", { class: "membrane", x1: from, x2: width - 8, y1: y, y2: y })),
    spots.map(channel),
    svg("text", { class: "title", x: 40, y: middle + 48, "text-anchor": "middle" }, "sender"),
    svg(
      "text",
      { class: "title", x: width < 300 ? 8 : from, y: height - 14 },
      `≈ ${open} of ${count} channels are open`,
    ),
  );
}

/** The current against y, in the colour of what excites where it raises y, of what inhibits where it lowers it; the dot at (y, i). */
export function drawCurrent(d, s, px, py, width, chosen) {
  const [left, top, height] = [34, 26, 170];
  const y = linear(POTENTIALS, [left, width - 10]);
  const i = linear(CURRENTS, [top + height, top]);
  const here = current(d, s, px, py);
  const clip = uniqueId("clip");
  const curve = sample(POTENTIALS, (v) => [y(v), i(current(d, s, px, v))]);
  const area = (kind, keep) =>
    svg("path", {
      class: `area ${kind}`,
      d: `${linePath([[left, i(0)], ...curve.map(([across, up]) => [across, keep(up, i(0))]), [width - 10, i(0)]])}Z`,
    });
  const inside = svg(
    "g",
    { "clip-path": `url(#${clip})` },
    area("up", Math.min),
    area("down", Math.max),
    svg("path", { class: "curve", d: linePath(curve) }),
  );
  const gate = `(${d.factor === "+" ? "e" : "1"} − y)`;
  const narrow = width < 190;
  const title =
    d.factor === ""
      ? narrow
        ? "no gate"
        : "current without the gate"
      : narrow
        ? `gate ${gate}`
        : `with the gate ${gate}`;
  const picture = svg(
    "svg",
    {
      class: chosen ? "chosen" : "",
      width,
      height: top + height + 40,
      role: "img",
      "aria-label": `The current against the postsynaptic potential y, ${title}. At y = ${number(py)} the factor is ${number(factor(d, s, py), 3)}, the current ${number(here, 3)}.`,
    },
    svg("clipPath", { id: clip }, svg("rect", { x: left, y: top - 4, width: width - left - 10, height: height + 8 })),
    axes(y, i, { xTitle: [...svgSymbol("y"), " (receiver)"], xCount: 4, yCount: 5, yTitle: [] }),
    svg("text", { class: "title", x: left - 20, y: top - 10 }, title),
    svg("line", { class: "zero", x1: left, x2: width - 10, y1: i(0), y2: i(0) }),
    inside,
  );
  const post = d.factor === "+" ? s.e : 1;
  if (d.factor !== "") {
    picture.append(
      svg("path", { class: "post", d: `M${pixel(y(post))},${i(0) - 14}v28` }),
      svg("text", { x: pixel(y(post) + 5), y: i(0) + 24 }, ...(d.factor === "+" ? svgSymbol("e") : ["1"])),
    );
  }
  // As long as the axis is stretched, so that both currents have one scale, and never over the post.
  const ahead = d.factor !== "" && (post - py) * here > 0;
  const room = ahead ? Math.abs(y(post) - y(py)) - 6 : Number.POSITIVE_INFINITY;
  const length = Math.min(room, (y(1) - y(0)) * Math.min(0.75, 0.2 + 0.24 * Math.abs(here)));
  if (Math.abs(here) > 1e-3 && length > 3) {
    const [tip, back] = [y(py) + Math.sign(here) * length, Math.sign(here) * -Math.min(8, length)];
    picture.append(
      svg("path", {
        class: `pull ${here > 0 ? "up" : "down"}`,
        d: `M${pixel(y(py))},${i(0)}H${pixel(tip)}m${back},-6l${-back},6l${back},6`,
      }),
    );
  }
  picture.append(
    svg("line", { class: "guide", x1: y(py), x2: y(py), y1: i(0), y2: pixel(i(here)) }),
    svg("circle", {
      class: "handle",
      cx: y(py),
      cy: pixel(Math.max(top, Math.min(top + height, i(here)))),
      r: 9,
    }),
  );
  return { picture, y, i };
}
