// A residual network of N equal layers, and the differential equation it is an Euler method of.
// One neuron of B.8: f(x) = -w_l x + w sigma(a x + b). Pure functions, tested against the register.
//
// p = { activation: "sigm" | "tanh", horizon, w, a, b, w_l, turn, lift }

const FLOW_POINTS = 160;
const SUBSTEPS = 4;

export const activate = (p, z) => (p.activation === "tanh" ? Math.tanh(z) : 1 / (1 + Math.exp(-z)));

export const field = (p, x) => -p.w_l * x + p.w * activate(p, p.a * x + p.b);

/** The slope of f at x; a layer x + h f(x) folds the line where 1 + h f'(x) is negative. */
export function slope(p, x) {
  const s = activate(p, p.a * x + p.b);
  return -p.w_l + p.w * p.a * (p.activation === "tanh" ? 1 - s * s : s * (1 - s));
}

/** States after 0, 1, ..., N layers: each adds (T / N) f(x). */
export function resnet(p, x, depth) {
  const states = [x];
  for (let layer = 0; layer < depth; layer += 1) {
    states.push(states[layer] + (p.horizon / depth) * field(p, states[layer]));
  }
  return states;
}

/** The flow of x' = f(x) at FLOW_POINTS + 1 equal times, by a fine Runge-Kutta method. */
export function flow(p, x) {
  const h = p.horizon / (FLOW_POINTS * SUBSTEPS);
  const states = [x];
  for (let n = 1; n <= FLOW_POINTS * SUBSTEPS; n += 1) {
    const k1 = field(p, x);
    const k2 = field(p, x + (h / 2) * k1);
    const k3 = field(p, x + (h / 2) * k2);
    const k4 = field(p, x + h * k3);
    x += (h / 6) * (k1 + 2 * k2 + 2 * k3 + k4);
    if (n % SUBSTEPS === 0) states.push(x);
  }
  return states;
}

/** Where two of the paths change places: [{ first, second, layer, part }, ...], part in (0, 1). */
export function crossings(paths) {
  const found = [];
  for (let first = 0; first < paths.length; first += 1) {
    for (let second = first + 1; second < paths.length; second += 1) {
      const apart = paths[first].map((x, layer) => x - paths[second][layer]);
      for (let layer = 0; layer + 1 < apart.length; layer += 1) {
        const [before, after] = [apart[layer], apart[layer + 1]];
        if (before * after < 0) found.push({ first, second, layer, part: before / (before - after) });
      }
    }
  }
  return found;
}

/**
 * The same with a second neuron that starts at 0: B.8 with the weights [[w, -turn], [turn, w]], so that
 * each neuron excites itself as before, and the two turn around each other.
 */
export function fieldInPlane(p, /** @type {number[]} */ [x, z]) {
  const [s, r] = [activate(p, p.a * x + p.b), activate(p, p.a * z + p.b)];
  return [-p.w_l * x + p.w * s - p.turn * r, -p.w_l * z + p.turn * s + p.w * r];
}

/** States (x, z) after 0, 1, ..., N layers, from (x, z). */
export function resnetInPlane(p, x, depth, z = 0) {
  const states = [[x, z]];
  const h = p.horizon / depth;
  for (let layer = 0; layer < depth; layer += 1) {
    const [dx, dz] = fieldInPlane(p, states[layer]);
    states.push([states[layer][0] + h * dx, states[layer][1] + h * dz]);
  }
  return states;
}

/** The flow of the plane from (x, z) at `points` + 1 equal times, by a Runge-Kutta method. */
export function flowInPlane(p, x, points = FLOW_POINTS, z = 0) {
  const h = p.horizon / points;
  const states = [[x, z]];
  for (let n = 0; n < points; n += 1) {
    const at = states[n];
    const moved = (k, part) => [at[0] + part * h * k[0], at[1] + part * h * k[1]];
    const k1 = fieldInPlane(p, at);
    const k2 = fieldInPlane(p, moved(k1, 0.5));
    const k3 = fieldInPlane(p, moved(k2, 0.5));
    const k4 = fieldInPlane(p, moved(k3, 1));
    states.push(at.map((value, i) => value + (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i])));
  }
  return states;
}

/** Where a flow of `dimension` neurons sends x. */
export const flowEnd = (p, x, dimension, points = 24) =>
  dimension === 2 ? flowInPlane(p, x, points).at(-1)[0] : flowInPlane({ ...p, turn: 0 }, x, points).at(-1)[0];

/** How far the flow's map is from a target [[x, y], ...]: the root of the mean square. */
export function miss(p, target, dimension) {
  const squares = target.map(([x, y]) => (flowEnd(p, x, dimension) - y) ** 2);
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / target.length);
}

/** The numbers with which the flow comes closest to the target, by Nelder and Mead from a few starts. */
export function fit(p, target, dimension) {
  const names = dimension === 2 ? ["w", "a", "b", "w_l", "turn"] : ["w", "a", "b", "w_l"];
  const read = (point) => ({
    ...p,
    ...Object.fromEntries(
      names.map((name, k) => [name, name === "a" || name === "w_l" ? Math.abs(point[k]) : point[k]]),
    ),
  });
  const cost = (point) => {
    const value = miss(read(point), target, dimension);
    return Number.isFinite(value) ? value : 1e9;
  };
  const starts = [
    [-2, 1, 0, 0.5, 3],
    [2, 1, 0, 0.5, 3],
    [0, 0.5, 0, 0.1, 5],
    [0, 0.5, 0.1, 0.1, -5],
  ];
  const best = starts
    .map((start) => nelderMead(cost, start.slice(0, names.length)))
    .reduce((one, other) => (other.value < one.value ? other : one));
  return read(best.point);
}

export function nelderMead(cost, start, rounds = 400) {
  const made = (point) => ({ point, value: cost(point) });
  let simplex = [start, ...start.map((_, k) => start.map((v, j) => (j === k ? v + 0.6 : v)))].map(made);
  for (let round = 0; round < rounds; round += 1) {
    simplex.sort((one, other) => one.value - other.value);
    const worst = simplex.at(-1);
    const others = simplex.slice(0, -1);
    const middle = start.map((_, k) => others.reduce((sum, { point }) => sum + point[k], 0) / others.length);
    const beyond = (part) => made(middle.map((m, k) => m + part * (m - worst.point[k])));
    let next = beyond(1);
    if (next.value < simplex[0].value) {
      const further = beyond(2);
      if (further.value < next.value) next = further;
    } else if (next.value >= others.at(-1).value) next = beyond(next.value < worst.value ? 0.5 : -0.5);
    if (next.value < worst.value) simplex = [...others, next];
    else {
      const first = simplex[0];
      simplex = [first, ...simplex.slice(1).map(({ point }) => made(point.map((v, k) => (v + first.point[k]) / 2)))];
    }
  }
  return simplex.sort((one, other) => one.value - other.value)[0];
}
