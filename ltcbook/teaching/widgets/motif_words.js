// What the motif bench says of a run.

import { number } from "./kit.js";
import { STEPS, activity, fixedPoints, isPair } from "./motif_math.js";

const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);

/** What the run shows, read off the run. */
export function words(p, states, time, active) {
  const found = activity(p, states, active);
  const now = states[Math.round((time / p.horizon) * STEPS)];
  const up = p.neurons.filter((_, i) => now[i] > active).map(({ name }) => name);
  const here = `At ${number(time, 3)} ms ${up.length ? `${listed(up)} ${up.length > 1 ? "are" : "is"} active` : "all are quiet"}.`;
  return `${here} ${story(found, p)} ${resting(p)}`.trim();
}

function story(found, p) {
  const rhythmic = found.filter(({ rises }) => rises.filter((t) => t > p.horizon / 4).length >= 3);
  if (rhythmic.length) {
    const late = rhythmic[0].rises.filter((t) => t > p.horizon / 4);
    const period = (late.at(-1) - late[0]) / (late.length - 1);
    return `A rhythm: ${listed(rhythmic.map(({ name }) => name))} wake${rhythmic.length > 1 ? "" : "s"} every ${number(period, 2)} ms.`;
  }
  const woken = found.filter(({ rises }) => rises.length).sort((a, b) => a.rises[0] - b.rises[0]);
  if (woken.length === 0) return "In this run none becomes active.";
  // Tenths are as fine as anybody reads off the picture.
  const order = woken.map(
    ({ name, rises }, k) => `${name}${k ? "" : " becomes active"} at ${number(Math.round(10 * rises[0]) / 10, 3)} ms`,
  );
  const end = found.filter(({ atEnd }) => atEnd).map(({ name }) => name);
  const left = end.length === 0 ? "none is" : end.length === 1 ? `${end[0]} alone is` : `${listed(end)} are`;
  return `In this run ${listed(order)}; at the end ${left} active.`;
}

/** Which neurons have a pulse at this time. */
export const pulsedAt = (p, time) =>
  listed(p.neurons.filter(({ height, on, off }) => height > 0 && on <= time && time < off).map(({ name }) => name));

/** Where a pair can rest; the same words all through a run, with its pulses and without. */
function resting(p) {
  if (!isPair(p)) return "";
  const count = (time) => fixedPoints(p, time).filter((point) => point.stable).length;
  const times = p.neurons.flatMap(({ on, off }) => [on, off]).filter((time) => time < p.horizon);
  const pulses = [...new Map([0, ...times].sort((s, t) => s - t).map((time) => [pulsedAt(p, time), time]))];
  const calm = count(2 * p.horizon + Math.max(...p.neurons.map(({ off }) => off)));
  const rest =
    calm === 1
      ? "Without a pulse there is one stable resting point: every start ends there."
      : `Without a pulse there are ${calm} stable resting points: the start decides.`;
  const other = pulses.filter(([name, time]) => name && count(time) !== calm);
  return (
    rest +
    other
      .map(([name, time]) => ` While ${name} is pulsed there ${count(time) === 1 ? "is one" : `are ${count(time)}`}.`)
      .join("")
  );
}
