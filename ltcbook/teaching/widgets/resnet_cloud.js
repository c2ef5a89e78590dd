// Two rings and a spiral for "From ResNet to ODE": points of two kinds in the plane, and whether a
// straight line tells them apart where a network has put them.

import { axes, html, keyed, linePath, linear, svg, svgSymbol, uniqueId } from "./kit.js";
import { flowInPlane, nelderMead, resnetInPlane } from "./resnet_math.js";
import { dot, flowInSpace, resnetInSpace } from "./resnet_space.js";

const EACH = 24; // points of a kind
const FLOW_STEPS = 48;
const REACH = 2.6;

/** The points [[x, z, kind], ...], kind 1 or -1, along their two curves. */
export function cloud(/** @type {string} */ name) {
  const points = [];
  for (const kind of [1, -1]) {
    for (let k = 0; k < EACH; k += 1) {
      const ring = (2 * Math.PI * k) / EACH;
      const out = 0.3 + (1.2 * k) / (EACH - 1);
      const [radius, angle] =
        name === "rings" ? [kind === 1 ? 1.4 : 0.6, ring] : [out, -4.2 * out + (kind === 1 ? 0 : Math.PI)];
      points.push([radius * Math.cos(angle), radius * Math.sin(angle), kind]);
    }
  }
  return points;
}

/**
 * The straight line, cos(angle) x + sin(angle) z = offset, with the most points on their own side,
 * among lines in 180 directions.
 * @param {number[][]} points
 */
export function bestLine(points) {
  let best = { right: 0, angle: 0, offset: 0, room: 0 };
  for (let degree = 0; degree < 180; degree += 1) {
    const angle = (degree * Math.PI) / 180;
    const along = points.map(([x, z, kind]) => ({ at: x * Math.cos(angle) + z * Math.sin(angle), kind }));
    const cut = bestCut(along);
    if (cut.right > best.right || (cut.right === best.right && cut.room > best.room)) best = { ...cut, angle };
  }
  return best;
}

/** Where to cut a line of points so that most of them lie on their own side, with most room. */
function bestCut(/** @type {{ at: number, kind: number }[]} */ unsorted) {
  const along = [...unsorted].sort((one, other) => one.at - other.at);
  const ones = along.filter(({ kind }) => kind === 1).length;
  let best = { right: 0, offset: 0, room: 0 };
  let below = 0; // points of kind 1 before the cut, less those of the other kind
  for (let k = 0; k + 1 < along.length; k += 1) {
    below += along[k].kind;
    const plain = along.length - ones + below;
    const right = Math.max(plain, along.length - plain);
    const room = along[k + 1].at - along[k].at;
    if (right > best.right || (right === best.right && room > best.room)) {
      best = { right, offset: (along[k].at + along[k + 1].at) / 2, room };
    }
  }
  return best;
}

/**
 * The straight line in the plane, or flat plane in space, that comes closest to the kinds by least
 * squares: how much it leaves unexplained (0 to 1), and the direction across it.
 * @param {number[][]} points coordinates, then the kind
 */
export function leastSquares(points) {
  const [n, d] = [points.length, points[0].length - 1];
  const mean = Array.from({ length: d + 1 }, (_, i) => points.reduce((sum, point) => sum + point[i], 0) / n);
  const dot = (i, j) => points.reduce((sum, point) => sum + (point[i] - mean[i]) * (point[j] - mean[j]), 0);
  const rows = Array.from({ length: d }, (_, i) => Array.from({ length: d + 1 }, (_, j) => dot(i, j)));
  const known = rows.map((row) => row[d]);
  // A touch of ridge: before anything is lifted, the third column is empty.
  rows.forEach((row, i) => {
    row[i] += 1e-12;
  });
  for (let i = 0; i < d; i += 1) {
    for (let j = i + 1; j < d; j += 1) {
      const part = rows[j][i] / rows[i][i];
      rows[j] = rows[j].map((value, k) => value - part * rows[i][k]);
    }
  }
  const normal = Array(d).fill(0);
  for (let i = d - 1; i >= 0; i -= 1) {
    normal[i] =
      (rows[i][d] - rows[i].slice(i + 1, d).reduce((sum, v, k) => sum + v * normal[i + 1 + k], 0)) / rows[i][i];
  }
  return { normal, left: 1 - normal.reduce((sum, v, i) => sum + v * known[i], 0) / dot(d, d) };
}

/** How much of the kinds a straight line leaves unexplained, by least squares: 0 to 1. */
export const unexplained = (/** @type {number[][]} */ points) => leastSquares(points).left;

/** The flat plane across the direction of least squares, where it has most points on their own side. */
export function bestPlane(points) {
  const { normal } = leastSquares(points);
  const along = points.map((point) => ({
    at: normal.reduce((sum, v, i) => sum + v * point[i], 0),
    kind: point.at(-1),
  }));
  return { normal, ...bestCut(along) };
}

/** Where to send a point, [x, z, kind] in the plane or [x, z, v, kind] in space, by the flow. */
export const flowed = (p, points, steps = FLOW_STEPS) =>
  points.map((point) =>
    point.length === 4
      ? [...flowInSpace(p, point.slice(0, 3), steps), point[3]]
      : [...flowInPlane(p, point[0], steps, point[1]).at(-1), point[2]],
  );

/** The same points in space, where the third neuron is at 0. */
export const inSpace = (/** @type {number[][]} */ points) => points.map(([x, z, kind]) => [x, z, 0, kind]);

/** The numbers with which the flow lays the points so that a line, or a plane, tells the kinds apart. */
export function fitCloud(p, points) {
  const space = points[0].length === 4;
  const read = ([w, turn, other]) => ({ ...p, w, turn, ...(space ? { b: 0, lift: Math.abs(other) } : { b: other }) });
  const cost = (point) => {
    const ends = flowed(read(point), points, 16);
    const far = ends.map((end) => Math.max(Math.hypot(end[0], end[1]), space ? Math.abs(end[2]) : 0));
    const outside = far.reduce((sum, reach) => sum + Math.max(0, reach - 2), 0);
    const value = unexplained(ends) + outside + Math.max(0, Math.abs(point[1]) - (space ? 8 : 4));
    return Number.isFinite(value) ? value : 1e9;
  };
  const starts = space
    ? [
        [0, 4, 1],
        [0, -6, 0.7],
      ]
    : [
        [0, 2.5, 0],
        [-0.2, -2.5, 0.2],
        [-0.2, 3.5, 0.1],
      ];
  const found = starts.map((start) => nelderMead(cost, start, 80));
  return read(found.reduce((one, other) => (other.value < one.value ? other : one)).point);
}

export function cloudWords({ name, depth, own, flowing, total, space }) {
  const layers = depth === 1 ? "1 layer" : `${depth} layers`;
  const cut = space ? "flat plane" : "straight line";
  const said = `After ${layers} a ${cut} puts ${own.right} of ${total} points on their own side; after the flow, ${flowing.right}. `;
  if (space) {
    if (flowing.right < total) return `${said}Now there is a way past. Press Fit.`;
    return name === "rings"
      ? `${said}Lifted apart: while the points go round, the third neuron *v* rises the more, the nearer they are to the middle. Drag to look from another side.`
      : `${said}Drag to look from another side.`;
  }
  if (name === "rings") {
    return own.right > flowing.right
      ? `${said}A few large layers fold the plane; a flow can't: the inner ring stays inside.`
      : `${said}Paths of a flow don't cross, so the inner ring stays inside, whatever the numbers are. Add a dimension.`;
  }
  return (
    said +
    (own.right === total ? "The arms are unwound." : "Turn *r*, under More, until the arms are unwound, or press Fit.")
  );
}

/**
 * Points of two kinds: where they start, with their paths, or where they end, with the best line.
 * @param {{ points: number[][], paths?: number[][][], line?: any, title: string, width: number, height: number }} what
 */
export function drawCloud({ points, paths = [], line = null, title, width, height }) {
  const top = 28;
  const half = (REACH * (width - 62)) / height;
  const x = linear([-half, half], [48, width - 14]);
  const z = linear([-REACH, REACH], [top + height, top]);
  const clip = uniqueId("clip");
  const kindOf = (/** @type {number[]} */ point) => (point[2] === 1 ? "above" : "below");
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  paths.forEach((path, k) => {
    inside.append(
      svg("path", { class: `path thin ${kindOf(points[k])}`, d: linePath(path.map(([a, b]) => [x(a), z(b)])) }),
    );
  });
  if (line) {
    const [c, s] = [Math.cos(line.angle), Math.sin(line.angle)];
    const end = (far) => [x(c * line.offset - s * far), z(s * line.offset + c * far)];
    inside.append(svg("path", { class: "divide", d: linePath([end(-20), end(20)]) }));
  }
  for (const point of points) inside.append(dot(kindOf(point), x(point[0]), z(point[1])));
  return svg(
    "svg",
    { width, height: top + height + 44, role: "img", "aria-label": title },
    svg("clipPath", { id: clip }, svg("rect", { x: 48, y: top, width: width - 62, height })),
    axes(x, z, { xTitle: svgSymbol("x"), yTitle: svgSymbol("z"), xCount: 4, yCount: 4 }),
    inside,
    svg("text", { class: "strong", x: width - 14, y: top - 10, "text-anchor": "end" }, title),
  );
}

/** Points, paths and what is said of them for what the reader has chosen. */
export function cloudScene(p, name, depth, space = false) {
  const points = space ? inSpace(cloud(name)) : cloud(name);
  const paths = points.map((point) =>
    space ? resnetInSpace(p, point.slice(0, 3), depth) : resnetInPlane(p, point[0], depth, point[1]),
  );
  const ends = paths.map((path, k) => [...path.at(-1), points[k].at(-1)]);
  const best = space ? bestPlane : bestLine;
  return {
    points,
    ends,
    paths,
    said: { name, depth, space, own: best(ends), flowing: best(flowed(p, points)), total: points.length },
  };
}

export const cloudKey = () =>
  html(
    "p",
    { class: "key" },
    keyed(12, dot("above", 6, 6), "one kind"),
    keyed(12, dot("below", 6, 6), "the other"),
    keyed(34, svg("path", { class: "divide", d: "M1,6H33" }), "what parts them best"),
  );
