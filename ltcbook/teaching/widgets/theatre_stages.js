// Four walkers in the robot theatre, one of each stage of training: they start at once, each on its own
// ground, and below it stands how far they have come.

import { html, number, pixel, svg, ticks } from "./kit.js";
import { makeStage, put } from "./theatre_views.js";

/** What to do: where they stand until Play is pressed, and where they move by themselves. */
export const STAGES_TASKS = [
  "Press Play: four walkers start at once, one of each stage of training.",
  "Four walkers, one of each stage of training. Pause them, and drag the time.",
];

/** Where a rod's upper end is: in the list of the head and the lower ends of all rods. */
const UPPER = [0, 1, 2, 3, 1, 5, 6];

/**
 * The rods of a walker from its ends, x and z each: the head, and the lower end of each rod.
 * @param {import("./theatre_views.js").Track} ends
 */
export const rodsOf = (ends) => ({
  steps: ends.steps,
  at: (step) => {
    const all = ends.at(step);
    const end = (k) => all.slice(2 * k, 2 * k + 2);
    return UPPER.flatMap((upper, rod) => [...end(rod + 1), ...end(upper)]);
  },
});

/** The four as they were recorded: when they fell (null: never), in seconds, and where they are. */
export const walkersOf = (tracks, falls, timeStep) =>
  falls.map((fell, k) => {
    const [ends, distance] = [tracks[`ends${k + 1}`], tracks[`distance${k + 1}`]];
    const step = (seconds) => Math.min(ends.steps - 1, seconds / timeStep);
    return {
      name: `stage ${k + 1}`,
      rods: rodsOf(ends),
      distance,
      step,
      lies: (seconds) => fell !== null && seconds >= fell - 1e-6,
      metres: (seconds) => distance.at(Math.floor(step(seconds) + 1e-6))[0] * 10,
      when: fell === null ? "" : `fell at ${number(fell, 2)} s`,
    };
  });

/** Who is ahead at this time, and who has fallen, after the words for the time. */
export function stageWords(walkers, seconds, when) {
  const far = walkers.map((one) => one.metres(seconds));
  const most = Math.max(...far);
  const ahead = walkers[far.indexOf(most)].name;
  const fallen = walkers.flatMap((one, k) =>
    one.lies(seconds) ? [` Stage ${k + 1} ${one.when}, after ${far[k].toFixed(1)} m.`] : [],
  );
  const first =
    most < 0.05 ? "all four stand at their start." : `${ahead} is farthest${when && `, at ${most.toFixed(1)} m`}.`;
  return `${when}${first}${fallen.join("")}`;
}

/** How far each has come, as bars over one axis; a cross ends the bar of one that fell. */
function makeBars(walkers, width, end) {
  const [left, right, row] = [56, width - 52, 22];
  const farthest = Math.max(...walkers.map((one) => one.metres(end)));
  const x = (metres) => left + (metres / farthest) * (right - left);
  const bottom = row * walkers.length + 4;
  const rows = walkers.map((one, k) => {
    const middle = row * (k + 0.5) + 2;
    const bar = svg("rect", { class: "far-bar", x: left, y: middle - 6, height: 12 });
    const cross = svg("path", { class: "fall", d: "M-5,-5l10,10m0,-10l-10,10" });
    const value = svg("text", { x: width, y: middle, dy: "0.35em", "text-anchor": "end" });
    const name = svg("text", { class: "title", x: 0, y: middle, dy: "0.35em" }, one.name);
    return { bar, cross, value, middle, node: svg("g", {}, bar, cross, name, value) };
  });
  const marks = ticks(0, farthest, Math.max(2, (right - left) / 70)).flatMap((metres) => [
    svg("line", { class: "grid", x1: x(metres), x2: x(metres), y1: 0, y2: bottom }),
    svg("text", { x: x(metres), y: bottom + 14, "text-anchor": "middle" }, `${number(metres)} m`),
  ]);
  const node = svg(
    "svg",
    { class: "far-bars", width, height: bottom + 20, role: "img" },
    marks,
    rows.map((one) => one.node),
    svg("line", { class: "frame", x1: left, x2: left, y1: 0, y2: bottom }),
  );
  return {
    node,
    show(seconds) {
      const said = walkers.map((one, k) => {
        const { bar, cross, value, middle } = rows[k];
        const metres = one.metres(seconds);
        const lies = one.lies(seconds);
        put(bar, { width: pixel(Math.max(0, x(metres) - left)) }); // one that stumbles back has come no way
        put(cross, { transform: `translate(${pixel(x(metres))},${middle})` });
        cross.style.display = lies ? "" : "none";
        value.textContent = `${metres.toFixed(1)} m`;
        return `${one.name} ${value.textContent}${lies ? ", fallen" : ""}`;
      });
      put(node, { "aria-label": `How far they have come: ${said.join("; ")}.` });
    },
  };
}

/**
 * The four walkers beside each other, or two by two where there is little room, and the bars.
 * @param {{ walkers: any[], radii: number[], width: number, timeStep: number, end: number }} options
 */
export function makeStages({ walkers, radii, width, timeStep, end }) {
  const columns = width < 560 ? 2 : 4;
  const room = Math.floor((width - 12 * (columns - 1)) / columns);
  const stages = walkers.map(({ name, rods, distance }) =>
    // A walker that falls trails its legs a metre behind it.
    makeStage({ rods, distance, radii, width: room, metre: Math.min(84, 0.5 * room), ahead: 0.3, name }),
  );
  const titles = walkers.map(({ name }) => svg("text", { class: "title", x: 2, y: 13 }, name));
  stages.forEach(({ node }, k) => {
    node.append(titles[k]);
  });
  const bars = makeBars(walkers, width, end);
  const four = html(
    "div",
    { class: "four", style: `grid-template-columns: repeat(${columns}, ${room}px)` },
    stages.map(({ node }) => node),
  );
  return {
    node: html("div", {}, four, bars.node),
    show(position) {
      const seconds = position * timeStep;
      walkers.forEach((one, k) => {
        const lies = one.lies(seconds);
        stages[k].show(one.step(seconds));
        stages[k].node.classList.toggle("fallen", lies);
        titles[k].textContent = lies ? `${one.name}: ${one.when}` : one.name;
      });
      bars.show(seconds);
    },
  };
}
