// What the results explorer shows: which runs, on which axes, and in which words. No drawing here.

export const BOX_FIELDS = ["task", "model", "input_map", "init", "hidden_size", "parameters", "learning_rate"];
export const RUN_FIELDS = ["seed", "loss", "seconds", "run"];

const named = (names, values) => Object.fromEntries(names.map((name, k) => [name, values[k]]));

/**
 * The runs, one by one, of boxes that end with their runs.
 * @param {any[][]} boxes
 */
export const pointsOf = (boxes) =>
  boxes.flatMap((box) => box.at(-1).map((run) => ({ ...named(BOX_FIELDS, box), ...named(RUN_FIELDS, run) })));

/** The different values of a field, in the order in which they come. */
export const valuesOf = (points, field) => [...new Set(points.map((point) => point[field]))];

/**
 * The points of a task that pass the filters; an empty filter lets all pass.
 * @param {any[]} points
 * @param {{ task: string, input_map?: string, init?: string, model?: string }} wanted
 */
export const chosen = (points, wanted) =>
  points.filter((point) => Object.entries(wanted).every(([field, value]) => !value || point[field] === value));

/** A scale over the logarithm, with a margin; null where there is nothing to show. */
export function logScale(values, [from, to]) {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return null;
  const low = Math.log(Math.min(...positive)) - 0.08;
  const high = Math.log(Math.max(...positive)) + 0.08;
  return (value) => from + ((Math.log(value) - low) / (high - low)) * (to - from);
}

/** Round numbers between the smallest and the largest of some values: 1, 2 and 5 times powers of ten. */
export function logTicks(values) {
  const positive = values.filter((value) => value > 0);
  const [low, high] = [Math.min(...positive), Math.max(...positive)];
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const digit of [1, 2, 5]) {
      const tick = Number((digit * 10 ** power).toPrecision(3));
      if (tick >= low / 1.05 && tick <= high * 1.05) found.push(tick);
    }
  }
  return found;
}

/** A run in a sentence. */
export function runInWords(point, number) {
  const start = point.init && point.init !== "midpoint" ? `, ${point.init} start` : "";
  const loss = point.loss === null ? "diverged" : `test loss ${number(point.loss, 3)}`;
  return (
    `${point.model}, ${point.input_map} input${start}: ${point.hidden_size} neurons, ${point.parameters} parameters, ` +
    `seed ${point.seed}, rate ${number(point.learning_rate, 3)}: ${loss}, ` +
    `after ${number(point.seconds, 3)} s of training. Run ${point.run}.`
  );
}

/**
 * Labels [[text, y], ...] moved down as far as it takes that none lies on another.
 * @param {[string, number][]} labels
 * @returns {[string, number][]}
 */
export function apart(labels, line = 12) {
  let last = -Infinity;
  return [...labels]
    .sort(([, one], [, other]) => one - other)
    .map(([text, y]) => {
      last = Math.max(y, last + line);
      return [text, last];
    });
}
