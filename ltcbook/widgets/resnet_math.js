// A residual network of N equal layers, and the differential equation it is an Euler method of.
// One neuron of B.8: f(x) = -w_l x + w sigma(a x + b). Pure functions, tested against the register.
//
// p = { activation: "sigm" | "tanh", horizon, w, a, b, w_l }

const FLOW_POINTS = 160;
const SUBSTEPS = 4;

const activate = (p, z) => (p.activation === "tanh" ? Math.tanh(z) : 1 / (1 + Math.exp(-z)));

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
