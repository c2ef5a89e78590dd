// The pictures and the words of "From ResNet to ODE".

import {
  axes,
  factList,
  html,
  keyed,
  linePath,
  linear,
  marked,
  number,
  pixel,
  svg,
  svgSymbol,
  symbol,
  uniqueId,
} from "./kit.js";
import { field, flowEnd, resnet, resnetInPlane, slope } from "./resnet_math.js";
import { gripOf, side } from "./resnet_starts.js";

export const GRID = 21;
export const MORPH_POINTS = 128;
export const [TOP, HEIGHT] = [28, 260];

/** A broken line at MORPH_POINTS + 1 equal distances. */
export function resampled(path) {
  return Array.from({ length: MORPH_POINTS + 1 }, (_, n) => {
    const at = (n / MORPH_POINTS) * (path.length - 1);
    const k = Math.min(path.length - 2, Math.floor(at));
    return path[k] + (at - k) * (path[k + 1] - path[k]);
  });
}

export const gridAt = (starts, k) => {
  const [low, high] = [Math.min(...starts), Math.max(...starts)];
  return low + (k / (GRID - 1)) * (high - low);
};

export const targetOf = (target, starts) => target.map((y, k) => [gridAt(starts, k), y]);

/** A distance; of one that is rounding alone no digits. */
const far = (gap, digits) => (gap < 1e-6 ? "less than 0.000001" : number(gap, digits));

export function words({ depth, plane, crossed, gap }) {
  const layers = depth === 1 ? "1 layer" : `${depth} layers`;
  if (plane)
    return `${layers} of two neurons: in the plane paths go round each other, and end ${far(gap, 2)} away from the flow.`;
  const cross =
    crossed.length === 0
      ? "no path crosses another"
      : `${crossed.length} crossing${crossed.length === 1 ? "" : "s"}, as layers still fold the line`;
  return `${layers}: ${cross}; ${gap < 1e-6 ? "" : "at most "}${far(gap, 2)} away from the flow. Drag a start on the left edge.`;
}

export function goalWords({ target, off, plane }) {
  if (!target.length) return "";
  const falls = target.some(([, y], k) => k > 0 && y < target[k - 1][1] - 1e-9);
  const said = `The flow ${plane ? "in the plane" : "on the line"} misses your target by ${number(off, 2)} on average (root mean square). `;
  if (!plane && falls)
    return `${said}On the line it can't do better than flat where your target falls: paths would have to cross.`;
  if (!plane) return `${said}Your target never falls, so a flow on the line may come near it.`;
  return said + (off < 0.1 ? "Done: in the plane, paths go round each other." : "Press Fit the flow.");
}

const key = (kind, text) => keyed(34, svg("path", { class: kind, d: "M1,6H33" }), text);

/** The ring where two paths cross. */
const crossing = (/** @type {any} */ cx, /** @type {any} */ cy) => svg("circle", { class: "crossing", cx, cy, r: 4.5 });

export const lineKey = () =>
  html(
    "p",
    { class: "key" },
    key("path above", "layers, starts above 0"),
    key("path below", "starts below 0"),
    key("flow", "flow of the ODE"),
    keyed(12, crossing(6, 6), "two paths cross"),
    key("network-end", "where the layers send a start"),
    key("identity", "no change"),
    key("target", "your target, once drawn"),
  );

/** From −m to m, with m the next power of two: so a frame stands still until what is shown leaves it or halves. */
export function frame(values) {
  const m = 2 ** Math.ceil(Math.log2(Math.max(...values.map(Math.abs), 0.5)));
  return [-m, m];
}

/** Depth against state: the layers as broken lines, the flow behind them, crossings ringed. */
export function drawPaths({ p, starts, depth, paths: layered, flows: flowing, crossed }, range, width, HEIGHT, moving) {
  const t = linear([0, p.horizon], [48, width - 14]);
  const x = linear(range, [TOP + HEIGHT, TOP]);
  const layerTime = (layer) => (layer * p.horizon) / depth;
  const clip = uniqueId("clip");
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  const picture = svg(
    "svg",
    { width, height: TOP + HEIGHT + 44, role: "group" },
    svg("clipPath", { id: clip }, svg("rect", { x: 42, y: TOP - 6, width: width - 50, height: HEIGHT + 12 })),
    axes(t, x, { xTitle: ["depth, as time ", ...svgSymbol("t")], yTitle: svgSymbol("x") }),
    inside,
  );
  for (let layer = 1; layer < depth; layer += 1) {
    const at = t(layerTime(layer));
    inside.append(svg("line", { class: "layer", x1: at, x2: at, y1: TOP, y2: TOP + HEIGHT }));
  }
  flowing.forEach((path) => {
    const points = path.map((value, k) => [t((k * p.horizon) / (path.length - 1)), x(value)]);
    inside.append(svg("path", { class: "flow", d: linePath(points) }));
  });
  (moving ?? layered).forEach((path, k) => {
    const points = path.map((value, n) => [t((n * p.horizon) / (path.length - 1)), x(value)]);
    inside.append(svg("path", { class: `path ${side(starts[k])}`, d: linePath(points) }));
    if (depth <= 24 && !moving) {
      inside.append(
        ...points.map(([cx, cy]) => svg("circle", { class: `state ${side(starts[k])}`, cx, cy: pixel(cy), r: 3.2 })),
      );
    }
  });
  for (const { first, layer, part } of moving ? [] : crossed) {
    const value = layered[first][layer] + part * (layered[first][layer + 1] - layered[first][layer]);
    inside.append(crossing(t(layerTime(layer + part)), pixel(x(value))));
  }
  picture.append(
    svg(
      "text",
      { class: "strong", x: width - 14, y: TOP - 10, "text-anchor": "end" },
      depth === 1 ? "1 layer" : `${depth} layers`,
    ),
  );
  picture.setAttribute(
    "aria-label",
    `Paths of ${starts.length} starting points through ${depth} residual layers, ` +
      `in front of the flow of the differential equation. ${crossed.length} crossings.`,
  );
  picture.append(...starts.map((start, k) => gripOf(start, k, { cx: t(0), cy: x(start), r: 7 })));
  return { picture, t, x };
}

/** The plane of both neurons: the paths from (x, 0), and where they end. */
export function drawPlane({ starts, layered, flowing }, width, height) {
  const [, most] = frame(flowing.flat(2));
  const half = (most * (width - 62)) / height;
  const x = linear([-half, half], [48, width - 14]);
  const z = linear([-most, most], [TOP + height, TOP]);
  const clip = uniqueId("clip");
  const line = (path, kind) => svg("path", { class: kind, d: linePath(path.map(([a, b]) => [x(a), z(b)])) });
  const picture = svg(
    "svg",
    {
      width,
      height: TOP + height + 44,
      role: "group",
      "aria-label": `The plane of both neurons: ${starts.length} paths that start on the line z = 0 and end at x = ${layered.map((path) => number(path.at(-1)[0], 2)).join(", ")}.`,
    },
    svg("clipPath", { id: clip }, svg("rect", { x: 48, y: TOP, width: width - 62, height })),
    axes(x, z, { xTitle: svgSymbol("x"), yTitle: [...svgSymbol("z"), ", the new neuron"], yAnchor: "start" }),
    svg(
      "g",
      { "clip-path": `url(#${clip})` },
      flowing.map((path) => line(path, "flow")),
      layered.map((path, k) => line(path, `path ${side(starts[k])}`)),
      layered.map((path, k) =>
        svg("circle", {
          class: `state ${side(starts[k])}`,
          cx: pixel(x(path.at(-1)[0])),
          cy: pixel(z(path.at(-1)[1])),
          r: 5,
        }),
      ),
    ),
    starts.map((start, k) => gripOf(start, k, { cx: pixel(x(start)), cy: z(0), r: 6 })),
  );
  return { picture, x, z };
}

/** Where each start ends: the network's map, the flow's map, and the identity. */
export function drawEnds({ p, depth, starts, plane, target }, flowRange, width, HEIGHT) {
  const from = linear(frame(starts), [48, width - 14]);
  const to = linear(frame([...flowRange, ...target.map(([, y]) => y)]), [TOP + HEIGHT, TOP]);
  const networkEnd = (start) => (plane ? resnetInPlane(p, start, depth).at(-1)[0] : resnet(p, start, depth).at(-1));
  const clip = uniqueId("clip");
  const [low, high] = from.domain;
  const grid = Array.from({ length: 61 }, (_, k) => low + (k / 60) * (high - low));
  const line = (end, kind) =>
    svg("path", { class: kind, d: linePath(grid.map((start) => [from(start), to(end(start))])) });
  const picture = svg(
    "svg",
    {
      width,
      height: TOP + HEIGHT + 44,
      role: "img",
      "aria-label": `Where each start ends: after ${depth} layers, and by the flow${plane ? "" : ", which always keeps the order"}.`,
    },
    svg("clipPath", { id: clip }, svg("rect", { x: 48, y: TOP, width: width - 62, height: HEIGHT })),
    axes(from, to, {
      xTitle: ["start ", ...svgSymbol("x"), "(0)"],
      yTitle: ["end ", ...svgSymbol("x"), "(", ...svgSymbol("T"), ")"],
      yAnchor: "start",
      xCount: 3,
    }),
    svg(
      "g",
      { "clip-path": `url(#${clip})` },
      line((start) => start, "identity"),
      svg("path", { class: "target", d: linePath(target.map(([x, y]) => [from(x), to(y)])) }),
      line((start) => flowEnd(p, start, plane ? 2 : 1, 100), "flow-end"),
      line(networkEnd, "network-end"),
    ),
  );
  return { picture, from, to };
}

export function factsOf({ p, depth, paths, crossed, gap, plane }) {
  const h = p.horizon / depth;
  const steepest = Math.min(...paths.flatMap((path) => path.slice(0, -1)).map((x) => 1 + h * slope(p, x)));
  return factList([
    ["step *h* = *T*/*N*", number(h, 3)],
    ...(plane
      ? []
      : [
          ["crossings", String(crossed.length)],
          [
            "smallest 1 + *h* *f′* on a path",
            `${number(steepest, 3)}: ${steepest < 0 ? "layers fold the line" : "order is kept"}`,
          ],
        ]),
    ["distance to the flow", far(gap, 3)],
  ]);
}

export function equationLines({ p, depth, starts, plane }) {
  const x = starts.at(-1);
  const h = p.horizon / depth;
  const name = p.activation === "tanh" ? "tanh" : "σ";
  const v = (letter) => symbol(letter);
  if (plane) {
    return [
      html(
        "p",
        {},
        v("f"),
        "(",
        v("x"),
        ", ",
        v("z"),
        ") = − ",
        v("w_l"),
        " ",
        v("x"),
        " + ",
        v("w"),
        ` ${name}(`,
        v("a"),
        " ",
        v("x"),
        " + ",
        v("b"),
        ") − ",
        v("r"),
        ` ${name}(`,
        v("a"),
        " ",
        v("z"),
        " + ",
        v("b"),
        ")",
        html("span", { class: "where" }, marked("and the same for *z*, with + *r*")),
      ),
    ];
  }
  return [
    html(
      "p",
      {},
      v("x"),
      " ← ",
      v("x"),
      " + ",
      html("var", {}, "T/N"),
      " · ",
      html("var", {}, "f"),
      "(",
      v("x"),
      "),  ",
      html("var", {}, "f"),
      "(",
      v("x"),
      ") = − ",
      v("w_l"),
      " ",
      v("x"),
      " + ",
      v("w"),
      ` ${name}(`,
      v("a"),
      " ",
      v("x"),
      " + ",
      v("b"),
      ")",
      html("span", { class: "where" }, "same weights in every layer"),
    ),
    html(
      "p",
      {},
      v("x"),
      ` ← ${number(x)} + ${number(p.horizon)}/${depth} · (${number(field(p, x))}) = `,
      html("strong", {}, number(x + h * field(p, x))),
      html("span", { class: "where" }, "first layer, topmost path"),
    ),
  ];
}
