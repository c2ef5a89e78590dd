// A third neuron for the two rings of "From ResNet to ODE": what no flow in the plane can part, a flow
// in space lifts apart. Pure functions first, tested against the register; then the picture.
//
// The third neuron, v, starts at 0, hears both others, and says nothing back (B.8):
//   v' = -w_l v + s sigma(a x + LIFT_BIAS) + s sigma(a z + LIFT_BIAS)
// A point that goes round keeps it the more active, the nearer it is to the middle.

import { html, linePath, pixel, svg, svgSymbol, symbol } from "./kit.js";
import { activate, fieldInPlane } from "./resnet_math.js";

export const LIFT_BIAS = 1.5;
const FLOOR = 1.9;
const TILT = 0.42; // radians: how far from above one looks

export function fieldInSpace(p, /** @type {number[]} */ [x, z, v]) {
  const heard = [x, z].map((one) => activate(p, p.a * one + LIFT_BIAS));
  return [...fieldInPlane(p, [x, z]), -p.w_l * v + p.lift * (heard[0] + heard[1])];
}

const moved = (/** @type {number[]} */ at, /** @type {number[]} */ by, /** @type {number} */ part) =>
  at.map((value, i) => value + part * by[i]);

/** States (x, z, v) after 0, 1, ..., N layers. */
export function resnetInSpace(p, /** @type {number[]} */ start, depth) {
  const states = [start];
  for (let layer = 0; layer < depth; layer += 1) {
    states.push(moved(states[layer], fieldInSpace(p, states[layer]), p.horizon / depth));
  }
  return states;
}

/** Where the flow of space sends a state, by a Runge-Kutta method. */
export function flowInSpace(p, /** @type {number[]} */ start, steps = 48) {
  const h = p.horizon / steps;
  let at = start;
  for (let n = 0; n < steps; n += 1) {
    const k1 = fieldInSpace(p, at);
    const k2 = fieldInSpace(p, moved(at, k1, h / 2));
    const k3 = fieldInSpace(p, moved(at, k2, h / 2));
    const k4 = fieldInSpace(p, moved(at, k3, h));
    at = at.map((value, i) => value + (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
  }
  return at;
}

/** From where one looks, turned by `yaw`: across and up, in the units of the state, and how far off. */
export function seen(/** @type {number[]} */ [x, z, v], /** @type {number} */ yaw) {
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const far = z * c - x * s;
  return [x * c + z * s, v * Math.cos(TILT) + far * Math.sin(TILT), far];
}

/**
 * Points over their floor, with stems and shadows; their paths, or the plane that parts them.
 * @param {{ points: number[][], paths?: number[][][], plane?: any, yaw: number, title: string, width: number, height: number }} what
 */
export function drawSpace({ points, paths = [], plane = null, yaw, title, width, height }) {
  const top = 28;
  const scale = Math.min((width - 20) / 5.7, (height + 30) / 4.4);
  const place = (/** @type {number[]} */ at) => {
    const [across, up] = seen(at, yaw);
    return [width / 2 + scale * across, top + height - 4 - scale * (1.15 + up)];
  };
  const line = (kind, /** @type {number[][]} */ through, closed = "") =>
    svg("path", { class: kind, d: linePath(through.map(place)) + closed });
  const square = (/** @type {number} */ half) => [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
  ];
  const floor = square(FLOOR).map((corner) => [...corner, 0]);
  const marks = [-1, 0, 1];
  const [ux, uy] = place([0, 0, 2.1]);
  const picture = svg(
    "svg",
    { width, height: top + height + 44, role: "img", "aria-label": title },
    line("floor", floor, "Z"),
    marks.map((m) => [
      line("grid", [
        [m, -FLOOR, 0],
        [m, FLOOR, 0],
      ]),
      line("grid", [
        [-FLOOR, m, 0],
        [FLOOR, m, 0],
      ]),
    ]),
    line("stem", [
      [0, 0, 0],
      [0, 0, 2],
    ]),
    svg("text", { class: "title", x: ux, y: uy, "text-anchor": "middle" }, ...svgSymbol("v")),
    ["x", "z"].map((letter) => {
      const [x, y] = place(letter === "x" ? [FLOOR + 0.3, 0, 0] : [0, FLOOR + 0.3, 0]);
      return svg("text", { class: "title", x, y: y + 4, "text-anchor": "middle" }, ...svgSymbol(letter));
    }),
  );
  const kindOf = (/** @type {number[]} */ point) => (point.at(-1) === 1 ? "above" : "below");
  paths.forEach((path, k) => {
    picture.append(line(`path thin ${kindOf(points[k])}`, path));
  });
  const over = (/** @type {number[]} */ point) =>
    plane !== null && plane.normal.reduce((sum, n, i) => sum + n * point[i], 0) > plane.offset === plane.normal[2] > 0;
  const drawn = [...points].sort((one, other) => seen(other, yaw)[2] - seen(one, yaw)[2]);
  const put = (/** @type {number[]} */ point) => {
    const at = point.slice(0, 3);
    const [x, y] = place(at);
    if (at[2] !== 0) picture.append(line("stem", [[at[0], at[1], 0], at]));
    picture.append(dot(kindOf(point), x, y));
  };
  drawn.filter((point) => !over(point)).forEach(put);
  if (plane !== null && Math.abs(plane.normal[2]) > 0.05) {
    const level = (/** @type {number[]} */ [x, z]) =>
      (plane.offset - plane.normal[0] * x - plane.normal[1] * z) / plane.normal[2];
    picture.append(
      line(
        "sheet",
        square(1.6).map((corner) => [...corner, level(corner)]),
        "Z",
      ),
    );
  }
  drawn.filter(over).forEach(put);
  picture.append(svg("text", { class: "strong", x: width - 14, y: top - 10, "text-anchor": "end" }, title));
  return picture;
}

/** The mark of a point: round for one kind, square for the other. */
export const dot = (/** @type {string} */ kind, /** @type {number} */ x, /** @type {number} */ y) =>
  kind === "above"
    ? svg("circle", { class: "state above", cx: pixel(x), cy: pixel(y), r: 4 })
    : svg("rect", { class: "state below", x: pixel(x - 3.4), y: pixel(y - 3.4), width: 6.8, height: 6.8 });

/** What moves the third neuron. */
export function liftLine(p) {
  const name = p.activation === "tanh" ? "tanh" : "σ";
  const heard = (letter) => [symbol("s"), ` ${name}(`, symbol("a"), " ", symbol(letter), ` + ${LIFT_BIAS})`].flat();
  const leak = p.w_l ? ["− ", ...symbol("w_l"), " ", ...symbol("v"), " + "] : [];
  return html(
    "p",
    {},
    "d",
    symbol("v"),
    "/d",
    symbol("t"),
    " = ",
    leak,
    heard("x"),
    " + ",
    heard("z"),
    html("span", { class: "where" }, "the third neuron hears both others"),
  );
}
