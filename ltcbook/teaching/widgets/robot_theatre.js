// The robot theatre: play, scrub and slow down a recorded walk, and watch a network listen to it.

import { announcer, button, choice, follow, html, marked, number, redrawing, slider, svg } from "./kit.js";
import { keeper } from "./keeper.js";
import { drawErrors, drawNetwork, drawStage, unpacked } from "./theatre_views.js";

const NAMES = {
  walker2d: "walker",
  halfcheetah: "half-cheetah",
  "halfcheetah-cloned": "half-cheetah, driven by a network",
};

function render({ model, el }) {
  const tracks = Object.fromEntries(
    Object.entries(model.get("tracks")).map(([name, packed]) => [name, unpacked(/** @type {any} */ (packed))]),
  );
  const last = tracks.rods.steps - 1;
  const timeStep = model.get("time_step");
  const all = (name) => Array.from({ length: last + 1 }, (_, k) => tracks[name].at(k));
  const listens = "potentials" in tracks;
  const drives = model.get("role") === "drives";
  const pushes = model.get("pushes");
  const errors = listens ? all("errors") : [];
  const most = (name) => Math.max(...all(name).map((values) => Math.max(...values)));
  const [slowest, strongest] = listens ? [most("tau"), most("conductances")] : [1, 1];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const view = { time: 0, speed: 1, before: null, frame: 0 };
  const voice = announcer();
  const keep = keeper(model, "theatre", [], ({ time }) => time >= 0 && time <= last * timeStep, [], {
    get: () => ({ time: view.time }),
    set: ({ time }) => {
      view.time = time;
    },
  });
  const step = () => Math.min(last, Math.floor(view.time / timeStep + 1e-6));

  function play() {
    if (view.before !== null) return pause();
    if (step() >= last) view.time = 0;
    view.before = performance.now();
    view.frame = requestAnimationFrame(tick);
    return redraw();
  }

  function pause() {
    view.before = null;
    cancelAnimationFrame(view.frame);
    voice.say(words());
    keep.note();
    redraw();
  }

  function tick(now) {
    if (view.before === null || !el.isConnected) return;
    const passed = (now - view.before) / 1000;
    // For less motion a few still pictures a second take the place of the film.
    if (!calm.matches || passed >= 0.5) {
      view.time += Math.min(0.5, passed) * view.speed;
      view.before = now;
    }
    if (view.time >= last * timeStep) {
      view.time = last * timeStep;
      pause();
      return;
    }
    view.frame = requestAnimationFrame(tick);
    redraw();
  }

  function scrub(time) {
    view.time = time;
    keep.note();
    redraw();
  }

  /** What is to be seen at this step. */
  function words() {
    const k = step();
    const metres = tracks.distance.at(k)[0] * 10;
    const from = Math.max(0, k - Math.round(0.4 / timeStep));
    const speed = k > from ? (metres - tracks.distance.at(from)[0] * 10) / ((k - from) * timeStep) : 0;
    const moved = `${number(k * timeStep, 3)} s, ${number(metres, 2)} m${speed > 0 ? `, ${number(speed, 2)} m/s` : ""}.`;
    if (!listens) return moved;
    const tau = tracks.tau.at(k);
    const [quick, slow] = [Math.min(...tau), Math.max(...tau)];
    const [off, repeated] = errors[k].map((error) => number(error, 2));
    let report = "";
    if (drives) {
      const pushed = pushes.filter((push) => push <= k && (k - push) * timeStep < 0.5).length > 0;
      report = `${pushed ? " Pushed!" : ""} Its torques are ${off} off what its teacher would do here; keeping the last ones: ${repeated}.`;
    } else if (k > 0) {
      report = ` The report just in was predicted to ${off} deviations; repeating the last one: ${repeated}.`;
    }
    return `${moved} Quickest now: neuron ${tau.indexOf(quick) + 1}, *τ* = ${number(quick, 2)}; slowest: neuron ${tau.indexOf(slow) + 1}, *τ* = ${number(slow, 2)}.${report}`;
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
      [0.25, ["¼"]],
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
    min: 0,
    max: Number((last * timeStep).toFixed(3)),
    step: timeStep,
    oninput: scrub,
    onchange: () => voice.say(words()),
  });
  const sample = (kind, text) =>
    html(
      "span",
      {},
      svg(
        "svg",
        { width: 26, height: 12, "aria-hidden": "true" },
        kind === "breath"
          ? svg("circle", { class: kind, cx: 13, cy: 6, r: 5 })
          : svg("path", { class: kind, d: "M1,6H25" }),
      ),
      text,
    );
  const root = html(
    "div",
    {
      class: "ltcbook theatre tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": `Robot theatre: the ${NAMES[model.get("robot")]}`,
    },
    html(
      "p",
      { class: "task" },
      listens
        ? "Press Play: the robot runs, and a small network says what comes next. Its neurons are the ring."
        : "Press Play.",
    ),
    html("div", { class: `house${listens ? " listens" : ""}` }, stage, listens ? network : ""),
    html("div", { class: "bar-row" }, playButton, html("div", { class: "time" }, time.node), speed.node),
    caption,
    listens
      ? html(
          "div",
          {},
          strip,
          html(
            "p",
            { class: "key" },
            drives ? "" : sample("expected", "where the network expects it next"),
            sample("guessed", drives ? "how far its torques are off the teacher's" : "error of the prediction"),
            sample("repeated", drives ? "how far the last ones would be" : "of repeating the last report"),
            sample("breath", "rim: time constant"),
            sample("synapse excites", "excites"),
            sample("synapse inhibits", "inhibits"),
          ),
        )
      : "",
    voice.node,
  );
  el.append(root);

  function draw() {
    const k = step();
    time.set(Number((k * timeStep).toFixed(3)));
    playButton.textContent = view.before === null ? "Play" : "Pause";
    speed.set(view.speed);
    stage.replaceChildren(
      drawStage({
        rods: tracks.rods.at(k),
        predicted: tracks.predicted?.at(k),
        distance: tracks.distance.at(k)[0] * 10,
        radii: model.get("radii"),
        width: Math.max(240, stage.clientWidth),
      }),
    );
    caption.replaceChildren(...marked(words()));
    if (!listens) return;
    network.replaceChildren(
      drawNetwork({
        potentials: tracks.potentials.at(k),
        tau: tracks.tau.at(k),
        conductances: tracks.conductances.at(k),
        synapses: model.get("synapses"),
        slowest,
        strongest,
        side: Math.max(200, Math.min(270, network.clientWidth)),
      }),
    );
    strip.replaceChildren(
      drawErrors({ errors, pushes, drives, step: k, width: Math.max(240, strip.clientWidth), height: 54 }),
    );
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, [], root, redraw);
  const seen = new IntersectionObserver(
    ([entry]) => {
      if (entry.isIntersecting && model.get("autoplay") && !calm.matches && view.time === 0 && view.before === null)
        play();
      if (!entry.isIntersecting && view.before !== null) pause();
    },
    { threshold: 0.3 },
  );
  seen.observe(root);
  draw();
  return () => {
    view.before = null;
    cancelAnimationFrame(view.frame);
    seen.disconnect();
    unfollow();
  };
}

export default { render };
