// Table 3 of paper B: the parts of a type descriptor, what one synapse computes, and the shapes of
// all parameters. Pure functions, tested against ltcbook for all 144 descriptors.

export const PARTS = {
  w_mode: ["", "r", "v"],
  act: ["sigm", "tanh"],
  factor: ["", "*", "+"],
  rec_type: ["", "s"],
  in_mode: ["linear", "synaptic"],
  lis: [false, true],
};

const PATTERN = /^ctr[nr]n[_-]([rv]?)(sigm|tanh)([*+]?)(s?)[_-](linear|synaptic)([_-]lis)?$/;

/** The parts of a descriptor string, or null if it is none. */
export function parse(text) {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, w_mode, act, factor, rec_type, in_mode, lis] = match;
  return { w_mode, act, factor, rec_type, in_mode, lis: lis !== undefined };
}

export const print = (d) => `ctrnn_${d.w_mode}${d.act}${d.factor}${d.rec_type}_${d.in_mode}${d.lis ? "_lis" : ""}`;

export const gated = (d) => d.factor !== "";

const activate = (d, z) => (d.act === "sigm" ? 1 / (1 + Math.exp(-z)) : Math.tanh(z));

/** The letters of one synapse, strength first. In w-mode None a is the strength and w the slope. */
export function letters(d) {
  const strengthAndSlope = { "": ["a", "w"], r: ["w"], v: ["w", "a"] }[d.w_mode];
  return [...strengthAndSlope, "b", ...(d.factor === "+" ? ["e"] : [])];
}

/** What one synapse makes of its presynaptic potential x, without the factor. */
export function opening(d, { w, a, b }, x) {
  if (d.w_mode === "") return a * activate(d, w * x + b);
  if (d.w_mode === "r") return w * activate(d, x + b);
  return w * activate(d, a * (x + b));
}

/** The factor at the postsynaptic potential y. */
export function factor(d, { e }, y) {
  if (d.factor === "") return 1;
  return d.factor === "*" ? 1 - y : e - y;
}

export const current = (d, synapse, x, y) => opening(d, synapse, x) * factor(d, synapse, y);

/** Shapes of the parameters of `pre` neurons that synapse on `post`: [[letter, shape], ...]. */
function layerShapes(d, pre, post) {
  const matrix = [post, pre];
  const own = (size) => (d.rec_type === "s" ? matrix : [size]);
  // In w-mode None the sum comes first, so that a and b belong to the postsynaptic neuron.
  const activation = d.w_mode === "" ? post : pre;
  const shapes = [["w", matrix]];
  if (d.w_mode !== "r") shapes.push(["a", own(activation)]);
  shapes.push(["b", own(activation)]);
  if (d.factor === "+") shapes.push(["e", own(post)]);
  return shapes;
}

/** All trainable parameters of m inputs, n neurons and o outputs: [{ part, letter, shape }, ...]. */
export function parameterTable(d, m, n, o) {
  const rows = [];
  const add = (part, list) => rows.push(...list.map(([letter, shape]) => ({ part, letter, shape })));
  add("recurrent synapses", layerShapes(d, n, n));
  add("neurons", [["w_l", [n]], ...(d.lis ? [["x_0", [n]]] : [])]);
  if (d.in_mode === "synaptic") add("input synapses", layerShapes(d, m, n));
  else {
    add("linear input", [
      ["I", [n, m]],
      ["b_i", [n]],
    ]);
    // Paper B's Table 1 counts reversal potentials of input synapses that a linear input never uses.
    if (d.factor === "+") add("unused, but counted", [["e", d.rec_type === "s" ? [n, m] : [n]]]);
  }
  add("readout", [
    ["A", [o, n]],
    ["b_out", [o]],
  ]);
  return rows;
}

export const size = (shape) => shape.reduce((product, extent) => product * extent, 1);

export const countParameters = (d, m, n, o) =>
  parameterTable(d, m, n, o).reduce((sum, { shape }) => sum + size(shape), 0);

/** All 144 descriptors, in the order of Table 3. */
export const all = () =>
  Object.entries(PARTS).reduce(
    (found, [part, values]) => found.flatMap((d) => values.map((value) => ({ ...d, [part]: value }))),
    [{}],
  );

/** The rewritings of the grammar chapter that go both ways: d with one part changed, the same model. */
function rewritten(d) {
  const flip = (one, other) => (value) => (value === one ? other : one);
  const found = [];
  // With factor *, as long as rests lie below 1, where there is a slope to take up the unit.
  if (!(d.factor === "*" && d.w_mode === "r")) found.push({ ...d, lis: !d.lis });
  if (d.rec_type === "s" && d.w_mode !== "r") found.push({ ...d, w_mode: flip("", "v")(d.w_mode) });
  if (d.rec_type === "" && d.in_mode === "linear" && d.factor !== "*" && d.w_mode !== "") {
    found.push({ ...d, w_mode: flip("r", "v")(d.w_mode) });
  }
  if (d.factor === "" && !(d.w_mode === "r" && d.in_mode === "synaptic"))
    found.push({ ...d, act: flip("sigm", "tanh")(d.act) });
  return found;
}

/** Which strings are one model: {descriptor: the first of its family}. */
export function families() {
  const first = {};
  for (const d of all()) {
    const open = first[print(d)] === undefined ? [d] : [];
    while (open.length) {
      const next = open.pop();
      if (first[print(next)] !== undefined) continue;
      first[print(next)] = print(d);
      open.push(...rewritten(next));
    }
  }
  return first;
}

/** How alike two strings are, 0 to 1: Ratcliff and Obershelp's measure, as Python's difflib has it. */
export function likeness(a, b) {
  const matches = (aLow, aHigh, bLow, bHigh) => {
    let [bestA, bestB, best] = [aLow, bLow, 0];
    for (let i = aLow; i < aHigh; i += 1) {
      for (let j = bLow; j < bHigh; j += 1) {
        let length = 0;
        while (i + length < aHigh && j + length < bHigh && a[i + length] === b[j + length]) length += 1;
        if (length > best) [bestA, bestB, best] = [i, j, length];
      }
    }
    if (best === 0) return 0;
    return best + matches(aLow, bestA, bLow, bestB) + matches(bestA + best, aHigh, bestB + best, bHigh);
  };
  return a.length + b.length === 0 ? 1 : (2 * matches(0, a.length, 0, b.length)) / (a.length + b.length);
}

/** The legal string that is most like `text`; of equals the last in the alphabet, as in Python. */
export const nearest = (text) =>
  all()
    .map(print)
    .map((known) => [likeness(known, text), known])
    .reduce((best, one) => (one[0] > best[0] || (one[0] === best[0] && one[1] > best[1]) ? one : best))[1];
