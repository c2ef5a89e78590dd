// The pictures of the robot theatre: the stage, and the network above it.

import { linePath, number, pixel, svg } from "./kit.js";

const METRE = 105;
const GROUND = 196;

/** @typedef {{ steps: number, at: (step: number) => number[] }} Track */

/**
 * A recorded track, unpacked: little-endian int16 thousandths, so many to a step.
 * @param {[number[], string]} packed
 * @returns {Track}
 */
export function unpacked([shape, text]) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const width = shape.reduce((product, extent) => product * extent, 1);
  return {
    steps: bytes.length / (2 * width),
    at: (step) => Array.from({ length: width }, (_, k) => view.getInt16(2 * (step * width + k), true) / 1000),
  };
}

/** The robot in its pose, the ground that passes below it, and where the network expected it. */
export function drawStage({ rods, predicted, distance, radii, width }) {
  const middle = width * 0.42;
  const x = (metres) => pixel(middle + metres * METRE);
  const y = (metres) => pixel(GROUND - metres * METRE);
  const ends = (values, k) => ({
    x1: x(values[4 * k]),
    y1: y(values[4 * k + 1]),
    x2: x(values[4 * k + 2]),
    y2: y(values[4 * k + 3]),
  });
  const picture = svg("svg", {
    width,
    height: GROUND + 40,
    role: "img",
    "aria-label": `The robot after ${number(distance, 3)} metres.`,
  });
  const [first, last] = [Math.ceil(distance - middle / METRE), Math.floor(distance + (width - middle) / METRE)];
  for (let metre = first; metre <= last; metre += 1) {
    const at = middle + (metre - distance) * METRE;
    picture.append(
      svg("line", { class: "mark", x1: pixel(at), x2: pixel(at), y1: GROUND, y2: GROUND + (metre % 5 ? 6 : 12) }),
      metre >= 0 && at > 14 && at < width - 14
        ? svg("text", { x: pixel(at), y: GROUND + 26, "text-anchor": "middle" }, `${metre} m`)
        : svg("g"),
    );
  }
  picture.append(svg("line", { class: "ground", x1: 0, x2: width, y1: GROUND, y2: GROUND }));
  const far = radii.length === 8 ? [] : [1, 2, 3];
  const order = radii.map((_, k) => k).sort((a, b) => Number(far.includes(b)) - Number(far.includes(a)));
  for (const k of order) {
    picture.append(
      svg("line", {
        class: `rod${far.includes(k) ? " far" : ""}`,
        ...ends(rods, k),
        style: `stroke-width:${(2 * radii[k] * METRE).toFixed(1)}px`,
      }),
    );
  }
  for (const k of predicted ? order : []) picture.append(svg("line", { class: "expected", ...ends(predicted, k) }));
  return picture;
}

/** Neurons in a ring: full as their potential, their rims as wide as their time constants. */
export function drawNetwork({ potentials, tau, conductances, synapses, slowest, strongest, side }) {
  const count = potentials.length;
  const centre = side / 2;
  const place = (i) => {
    const angle = (2 * Math.PI * i) / count - Math.PI / 2;
    return [centre + Math.cos(angle) * (centre - 30), centre + Math.sin(angle) * (centre - 30)];
  };
  const picture = svg("svg", {
    width: side,
    height: side,
    role: "img",
    "aria-label": `The network's ${count} neurons: potentials ${potentials.map((x) => number(x, 2)).join(", ")}; time constants ${tau.map((x) => number(x, 2)).join(", ")}.`,
  });
  synapses.forEach(([from, to, sign], k) => {
    const [[x0, y0], [x1, y1]] = [place(from), place(to)];
    const glow = Math.min(1, conductances[k] / strongest);
    const bend = 0.16;
    const [mx, my] = [(x0 + x1) / 2 + (y1 - y0) * bend, (y0 + y1) / 2 - (x1 - x0) * bend];
    const d =
      from === to
        ? `M${pixel(x0 - 6)},${pixel(y0)}a9,9 0 1 1 12,0`
        : `M${pixel(x0)},${pixel(y0)}Q${pixel(mx)},${pixel(my)} ${pixel(x1)},${pixel(y1)}`;
    picture.append(
      svg("path", {
        class: sign > 0 ? "synapse excites" : "synapse inhibits",
        d,
        style: `opacity:${(0.06 + 0.94 * glow).toFixed(3)};stroke-width:${(0.8 + 3.4 * glow).toFixed(2)}px`,
      }),
    );
  });
  potentials.forEach((x, i) => {
    const [cx, cy] = place(i);
    const breath = 11 + 11 * Math.min(1, tau[i] / slowest);
    picture.append(
      svg("circle", { class: "breath", cx, cy, r: breath.toFixed(2) }),
      svg("circle", { class: "body", cx, cy, r: 10 }),
      svg("circle", {
        class: x > 0 ? "up" : "down",
        cx,
        cy,
        r: 10,
        style: `opacity:${Math.min(1, Math.abs(x)).toFixed(3)}`,
      }),
      svg("text", { x: cx, y: cy, dy: "0.35em", "text-anchor": "middle", class: "label" }, String(i + 1)),
    );
  });
  return picture;
}

/** How far off the prediction and the repeated report were so far, and a line for now; ticks are pushes. */
export function drawErrors({ errors, pushes, drives, step, width, height }) {
  const most = 1.5;
  const x = (k) => (k / (errors.length - 1)) * width;
  const y = (value) => height - 4 - (Math.min(most, value) / most) * (height - 18);
  const line = (which) => linePath(errors.map((pair, k) => [x(k), y(pair[which])]).slice(1));
  return svg(
    "svg",
    {
      width,
      height,
      role: "img",
      "aria-label": `Errors against time; now the ${drives ? "torques are" : "prediction is"} ${number(errors[step][0], 2)} ${drives ? "off the teacher's, keeping the last" : "deviations off, repeating"} ${number(errors[step][1], 2)}.`,
    },
    ...pushes.map((push) => svg("line", { class: "now", x1: x(push), x2: x(push), y1: 0, y2: 9 })),
    svg("path", { class: "repeated", d: line(1) }),
    svg("path", { class: "guessed", d: line(0) }),
    svg("line", { class: "now", x1: x(step), x2: x(step), y1: 0, y2: height }),
  );
}
