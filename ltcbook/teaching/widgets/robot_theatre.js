// The robot theatre: play, scrub and slow down a recorded walk, and watch a network listen to it.

import { announcer, button, choice, follow, html, keyed, marked, number, redrawing, slider, svg } from "./kit.js";
import { keeper } from "./keeper.js";
import { STAGES_TASKS, makeStages, stageWords, walkersOf } from "./theatre_stages.js";
import { filled, makeNetwork, makeStage, makeStrip, unpacked } from "./theatre_views.js";

const NAMES = {
  walker2d: "walker",
  halfcheetah: "half-cheetah",
  "halfcheetah-cloned": "half-cheetah, driven by a network",
};

// What to do: where it stands until Play is pressed, and where it moves by itself.
const TASKS = {
  listens: [
    "Press Play: the robot runs, and a small network says what comes next. Its neurons are the ring.",
    "The robot runs, and a small network says what comes next: the ring. Pause it, and drag the time.",
  ],
  drives: [
    "Press Play: a small network drives the robot. Its neurons are the ring.",
    "A small network drives this robot. Its neurons are the ring. Pause it, and drag the time.",
  ],
  alone: ["Press Play.", "The robot runs. Pause it, and drag the time."],
};

function render({ model, el }) {
  const tracks = Object.fromEntries(
    Object.entries(model.get("tracks")).map(([name, packed]) => [name, unpacked(/** @type {any} */ (packed))]),
  );
  const timeStep = model.get("time_step");
  const falls = model.get("falls");
  const walkers = falls.length > 0 ? walkersOf(tracks, falls, timeStep) : []; // of the four stages
  const film = walkers.length > 0 ? walkers.map(({ rods }) => rods) : [tracks.rods];
  const last = Math.max(...film.map(({ steps }) => steps)) - 1;
  const all = (name) => Array.from({ length: last + 1 }, (_, k) => tracks[name].at(k));
  const listens = "potentials" in tracks;
  const drives = model.get("role") === "drives";
  const pushes = model.get("pushes");
  const errors = listens ? all("errors") : [];
  const most = (name) => Math.max(...all(name).map((values) => Math.max(...values)));
  const [slowest, strongest] = listens ? [most("tau"), most("conductances")] : [1, 1];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  // What moves by itself goes slowly, and begins anew at its end.
  const byItself = model.get("autoplay");
  const view = {
    time: 0,
    speed: byItself ? 0.25 : 1,
    before: null,
    frame: 0,
    told: -1,
    neuron: -1, // the one that was pressed
    waits: byItself && !calm.matches,
  };
  const voice = announcer();
  const count = listens ? tracks.potentials.at(0).length : 0;
  const legal = ({ time, neuron }) =>
    time >= 0 && time <= last * timeStep && Number.isInteger(neuron) && neuron >= -1 && neuron < count;
  const keep = keeper(model, "theatre", [], legal, [], {
    get: () => ({ time: view.time, neuron: view.neuron }),
    set: ({ time, neuron }) => Object.assign(view, { time, neuron, waits: false }),
  });
  const step = () => Math.min(last, Math.floor(view.time / timeStep + 1e-6));

  function go() {
    view.waits = false;
    view.before = performance.now();
    view.frame = requestAnimationFrame(tick);
    redraw();
  }

  function stop() {
    view.before = null;
    cancelAnimationFrame(view.frame);
    redraw();
  }

  function play() {
    if (view.before !== null) return pause();
    if (step() >= last) view.time = 0;
    return go();
  }

  function pause() {
    stop();
    voice.say(words());
    keep.note();
  }

  function tick(now) {
    if (view.before === null || !el.isConnected) return;
    view.frame = requestAnimationFrame(tick);
    const passed = (now - view.before) / 1000;
    // Thirty pictures a second; for less motion two take the place of the film.
    if (passed < (calm.matches ? 0.5 : 1 / 32)) return;
    view.before = now;
    view.time += Math.min(0.5, passed) * view.speed;
    if (view.time < last * timeStep) return show();
    if (byItself && !calm.matches) {
      view.time = 0;
      return show();
    }
    view.time = last * timeStep;
    pause();
  }

  function scrub(time) {
    view.time = time;
    keep.note();
    redraw();
  }

  /** A neuron is pressed; once more, and all are shown again. */
  function pick(neuron) {
    view.neuron = view.neuron === neuron ? -1 : neuron;
    keep.note();
    redraw();
    voice.say(words());
  }

  /** The neuron that was pressed, or the quickest and the slowest. */
  function aboutNeurons(k) {
    const tau = tracks.tau.at(k);
    const shown = (i) => `neuron ${i + 1}, *τ* = ${number(tau[i], 2)}`;
    if (view.neuron < 0) {
      const [quick, slow] = [Math.min(...tau), Math.max(...tau)].map((value) => tau.indexOf(value));
      return `Quickest now: ${shown(quick)}; slowest: ${shown(slow)}.`;
    }
    const open = tracks.conductances.at(k);
    const onto = model.get("synapses").map(([from, to, sign], n) => ({ from, to, sign, open: open[n] }));
    const most = onto.filter(({ to }) => to === view.neuron).sort((a, b) => b.open - a.open)[0];
    const does = most
      ? `; of its synapses here, neuron ${most.from + 1}'s is open widest, and ${most.sign > 0 ? "excites" : "inhibits"}`
      : "";
    const x = tracks.potentials.at(k)[view.neuron];
    return `N${shown(view.neuron).slice(1)}, *x* = ${number(x, 2)}${does}.`;
  }

  /** What is to be seen at this step. */
  function words() {
    const k = step();
    // While it plays the slider says the time: these words come a few times a second, and would contradict it.
    const when = view.before === null ? `${number(k * timeStep, 3)} s` : "";
    if (walkers.length > 0) return stageWords(walkers, k * timeStep, when && `${when}: `);
    const metres = tracks.distance.at(k)[0] * 10;
    const from = Math.max(0, k - Math.round(0.4 / timeStep));
    const speed = k > from ? (metres - tracks.distance.at(from)[0] * 10) / ((k - from) * timeStep) : 0;
    const moved = `${when && `${when}, `}${number(metres, 2)} m${speed > 0 ? `, ${number(speed, 2)} m/s` : ""}.`;
    if (!listens) return moved;
    const [off, repeated] = errors[k].map((error) => number(error, 2));
    let report = "";
    if (drives) {
      const pushed = pushes.filter((push) => push <= k && (k - push) * timeStep < 0.5).length > 0;
      report = `${pushed ? " Pushed!" : ""} Its torques are ${off} off what its teacher would do here; keeping the last ones: ${repeated}.`;
    } else if (k > 0) {
      report = ` The report just in was predicted to ${off} deviations; repeating the last one: ${repeated}.`;
    }
    return `${moved} ${aboutNeurons(k)}${report}`;
  }

  const stage = html("div", { class: "plot stage" });
  const network = html("div", { class: "plot network" });
  const strip = html("div", { class: "plot strip" });
  const caption = html("p", { class: "caption" });
  const playButton = button("Play", play, { class: "primary" });
  const speed = choice({
    title: "Speed",
    options: [
      [1, ["real time"]],
      [0.25, ["a quarter"]],
      [0.08, ["slow motion"]],
    ],
    onchange: (value) => {
      view.speed = value;
      speed.set(value);
    },
  });
  const time = slider({
    letter: "t",
    spoken: "time",
    unit: "s",
    digits: 3,
    min: 0,
    max: Number((last * timeStep).toFixed(3)),
    step: timeStep,
    oninput: scrub,
    onchange: () => voice.say(words()),
  });
  const signs = {
    breath: () => svg("circle", { class: "breath", cx: 13, cy: 6, r: 5 }),
    filling: () => [
      svg("circle", { class: "body", cx: 13, cy: 6, r: 5 }),
      svg("path", { class: "filling", d: filled(13, 6, 5, 0) }),
    ],
  };
  const sample = (kind, text) => keyed(26, signs[kind]?.() ?? svg("path", { class: kind, d: "M1,6H25" }), text);
  const key = html("p", { class: "key" });
  const ringKey = [
    sample("breath", "rim: time constant"),
    sample("filling", "level: potential"),
    sample("synapse excites", "excites"),
    sample("synapse inhibits", "inhibits"),
  ];
  const expected = () => (drives ? [] : [sample("expected", "where the network expects it next")]);
  const keys = {
    errors: [
      ...expected(),
      sample("guessed", drives ? "how far its torques are off the teacher's" : "error of the prediction"),
      sample("repeated", drives ? "how far the last ones would be" : "error of repeating the last report"),
      ...ringKey,
    ],
    neuron: [...expected(), sample("potential", "its potential"), sample("tau", "its time constant"), ...ringKey],
  };
  const tasks = walkers.length > 0 ? STAGES_TASKS : TASKS[listens ? model.get("role") : "alone"];
  const root = html(
    "div",
    {
      class: "ltcbook theatre tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": `Robot theatre: the ${NAMES[model.get("robot")] ?? "walker at four stages"}`,
    },
    html("p", { class: "task" }, tasks[Number(view.waits)]),
    html("div", { class: `house${listens ? " listens" : ""}` }, stage, listens ? network : ""),
    html("div", { class: "bar-row" }, playButton, html("div", { class: "time" }, time.node), speed.node),
    caption,
    listens ? html("div", {}, strip, key) : "",
    voice.node,
  );
  el.append(root);

  let pictures = { moving: [], width: 0, side: 0, neuron: -1 };

  /** Below the stage: the errors, or how the neuron that was pressed fares. */
  function makeTraces() {
    const size = { pushes, width: Math.max(240, strip.clientWidth), seconds: last * timeStep };
    const i = view.neuron;
    if (i < 0) {
      const [off, repeated] = [0, 1].map((which) => errors.map((pair) => pair[which]));
      const said = drives
        ? ["torques are", "off the teacher's, keeping the last"]
        : ["prediction is", "deviations off, repeating"];
      const lines = [
        { kind: "repeated", values: repeated, range: [0, 1.5] },
        { kind: "guessed", values: off, range: [0, 1.5] },
      ];
      const says = (k) =>
        `Errors against time; now the ${said[0]} ${number(off[k], 2)} ${said[1]} ${number(repeated[k], 2)}.`;
      const unit = pushes.length ? " (ticks: pushes)" : drives ? "" : " (standard deviations)";
      const title = `${drives ? "how far torques are off" : "error"}${unit}`;
      return makeStrip({ lines, title, says, ...size });
    }
    const [x, tau] = ["potentials", "tau"].map((name) => all(name).map((values) => values[i]));
    const lines = [
      { kind: "potential", values: x, range: [-1, 1] },
      { kind: "tau", values: tau, range: [0, slowest] },
    ];
    const says = (k) =>
      `Neuron ${i + 1} against time; now its potential is ${number(x[k], 2)}, its time constant ${number(tau[k], 2)}.`;
    return makeStrip({ lines, title: `neuron ${i + 1} over time`, says, ...size });
  }

  /** The pictures, for the room there is and the neuron that was pressed. */
  function build(width, side) {
    const { rods, predicted, distance, potentials, tau, conductances } = tracks;
    const radii = model.get("radii");
    const moving = [
      walkers.length > 0
        ? makeStages({ walkers, radii, width, timeStep, end: last * timeStep })
        : makeStage({ rods, predicted, distance, radii, width }),
    ];
    if (listens) {
      const synapses = model.get("synapses");
      const ring = makeNetwork({ potentials, tau, conductances, synapses, slowest, strongest, side, pick });
      moving.push(ring, makeTraces());
    }
    moving.forEach(({ node }, which) => {
      [stage, network, strip][which].replaceChildren(node);
    });
    return { moving, width, side, neuron: -1 };
  }

  /** The pictures of this moment. */
  function show() {
    const k = step();
    time.set(Number((k * timeStep).toFixed(3)));
    pictures.moving.forEach((picture, which) => {
      picture.show(which === 0 ? Math.min(last, view.time / timeStep) : k);
    });
    // Words that change thirty times a second can't be read.
    const told = view.before === null ? -1 : Math.floor(view.before / 400);
    if (told !== -1 && told === view.told) return;
    view.told = told;
    caption.replaceChildren(...marked(words()));
  }

  function draw() {
    playButton.textContent = view.before === null ? "Play" : "Pause";
    speed.set(view.speed);
    const width = Math.max(240, stage.clientWidth);
    const side = Math.max(200, Math.min(270, network.clientWidth));
    if (pictures.width !== width || pictures.side !== side) pictures = build(width, side);
    if (listens && pictures.neuron !== view.neuron) {
      pictures.neuron = view.neuron;
      pictures.moving[2] = makeTraces();
      strip.replaceChildren(pictures.moving[2].node);
      pictures.moving[1].mark(view.neuron);
    }
    key.replaceChildren(...(view.neuron < 0 ? keys.errors : keys.neuron));
    show();
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, [], root, redraw);
  const seen = new IntersectionObserver(
    ([entry]) => {
      if (entry.isIntersecting && view.waits) go();
      if (!entry.isIntersecting && view.before !== null) {
        stop();
        view.waits = true; // for the reader to come back
      }
    },
    { threshold: 0.3 },
  );
  seen.observe(root);
  const calmed = () => {
    if (calm.matches) stop();
  };
  calm.addEventListener("change", calmed);
  draw();
  return () => {
    view.before = null;
    cancelAnimationFrame(view.frame);
    seen.disconnect();
    calm.removeEventListener("change", calmed);
    unfollow();
  };
}

export default { render };
