// The descriptor explorer: press the parts of a type descriptor; see the terms of its formula that they
// mean, its parameters, its place among the 144, and which of those are one model.

import { announcer, button, choice, follow, html, more, redrawing, slider, uniqueId } from "./kit.js";
import { PARTS, countParameters, nearest, parse, print } from "./table3.js";
import { keeper } from "./keeper.js";
import { FAMILIES, formula, mapOf144, namesOf, parameterRows } from "./descriptor_views.js";

const SENT = ["descriptor", "input_size", "hidden_size", "output_size"];
const NAMES = [...SENT, "names"];
const QUESTION = "Press a part of the name. Does the equation change? Does the number of parameters?";
const MODELS = new Set(Object.values(FAMILIES)).size;

/** @type {Record<string, [string, any[][]]>} */
const CHOICES = {
  w_mode: [
    "w-mode",
    [
      ["", "none"],
      ["r", "r"],
      ["v", "v"],
    ],
  ],
  act: [
    "act",
    [
      ["sigm", "sigm"],
      ["tanh", "tanh"],
    ],
  ],
  factor: [
    "factor",
    [
      ["", "none"],
      ["*", "*"],
      ["+", "+"],
    ],
  ],
  rec_type: [
    "rec-type",
    [
      ["", "none"],
      ["s", "s"],
    ],
  ],
  in_mode: [
    "in-mode",
    [
      ["linear", "linear"],
      ["synaptic", "synaptic"],
    ],
  ],
  lis: [
    "lis",
    [
      [false, "none"],
      [true, "lis"],
    ],
  ],
};

const legal = (state) =>
  parse(state.descriptor) !== null &&
  SENT.slice(1).every((name) => Number.isInteger(state[name]) && state[name] >= 1 && state[name] <= 10000);

function render({ model, el }) {
  const voice = announcer();
  const view = { wrong: null, lit: null, together: false, before: null };
  const state = keeper(model, "type", SENT, legal, [], {
    get: () => ({ together: view.together }),
    set: ({ together }) => {
      view.together = together;
    },
  });
  const sizes = () => ["input_size", "hidden_size", "output_size"].map((name) => model.get(name));
  const current = () => parse(model.get("descriptor"));

  function put(values) {
    view.wrong = null;
    state.put(values, { apart: "descriptor" in values });
    redraw();
  }

  function setDescriptor(d) {
    if (print(d) !== model.get("descriptor")) view.before = model.get("descriptor");
    put({ descriptor: print(d) });
    voice.say(`${print(d)}: ${countParameters(d, ...sizes())} parameters.`);
  }

  function typed() {
    const text = field.value.trim();
    const d = parse(text);
    if (d !== null) return setDescriptor(d);
    view.wrong = text;
    voice.say(`This is no type descriptor. The nearest is ${nearest(text)}.`);
    return redraw();
  }

  function light(part) {
    view.lit = part;
    for (const node of root.querySelectorAll("[data-part]")) {
      node.classList.toggle("lit", part !== null && node.dataset.part.split(" ").includes(part));
    }
  }

  const nextOf = (part) => {
    const values = PARTS[part];
    return values[(values.indexOf(current()[part]) + 1) % values.length];
  };
  const segments = Object.fromEntries(
    Object.entries(CHOICES).map(([part, [title]]) => [
      part,
      html(
        "button",
        {
          type: "button",
          class: "segment",
          "data-part": part,
          onclick: () => {
            setDescriptor({ ...current(), [part]: nextOf(part) });
            light(part);
          },
        },
        html("span", { class: "letters" }),
        html("span", { class: "part-name" }, title),
      ),
    ]),
  );
  const fixed = (text) => html("span", { class: "fixed", "aria-hidden": "true" }, text);
  const invite = html("span", { class: "invite", "aria-hidden": "true" }, "← press any of these");
  const task = html("p", { class: "task" });
  const string = html(
    "div",
    { class: "string", role: "group", "aria-label": "Parts of the type descriptor" },
    fixed("ctrnn_"),
    segments.w_mode,
    segments.act,
    segments.factor,
    segments.rec_type,
    fixed("_"),
    segments.in_mode,
    segments.lis,
    invite,
  );

  const fieldId = uniqueId("descriptor");
  const field = html("input", {
    id: fieldId,
    type: "text",
    class: "field",
    spellcheck: "false",
    autocomplete: "off",
    onchange: typed,
    "aria-describedby": `${fieldId}-wrong`,
  });
  const wrong = html("p", { id: `${fieldId}-wrong`, class: "wrong" });
  const choices = Object.fromEntries(
    Object.entries(CHOICES).map(([part, [title, options]]) => {
      const keys = new Map(options.map(([value]) => [String(value), value]));
      const made = choice({
        title,
        options: options.map(([value, label]) => [String(value), [label]]),
        onchange: (key) => setDescriptor({ ...current(), [part]: keys.get(key) }),
      });
      const node = html(
        "div",
        { class: "part" },
        html("span", { class: "part-name", "aria-hidden": "true" }, title),
        made.node,
      );
      return [part, { node, set: (value) => made.set(String(value)) }];
    }),
  );
  const made = (name, letter, spoken) =>
    slider({ letter, spoken, min: 1, max: 128, step: 1, oninput: (value) => put({ [name]: value }) });
  const counts = {
    input_size: made("input_size", "m", "inputs"),
    hidden_size: made("hidden_size", "n", "neurons"),
    output_size: made("output_size", "o", "outputs"),
  };
  const undo = button("Undo", () => {
    if (state.undo()) voice.say(`Undone: ${model.get("descriptor")}.`);
    view.before = null;
    redraw();
  });
  const gather = button("Let equal ones run together", () => {
    view.together = !view.together;
    state.note();
    redraw();
  });
  const map = mapOf144(setDescriptor);
  const mapWords = html("p", { class: "map-words" });
  const equation = html("div", { class: "equation" });
  const table = html("div", { class: "parameters" });
  const aliases = html("dl", { class: "facts" });
  const root = html(
    "div",
    {
      class: "ltcbook descriptors tex2jax_ignore mathjax_ignore",
      role: "group",
      "aria-label": "Descriptor explorer",
      onpointerover: (event) => light(event.target.closest?.("[data-part]")?.dataset.part.split(" ")[0] ?? null),
      onfocusin: (event) => light(event.target.closest?.("[data-part]")?.dataset.part.split(" ")[0] ?? null),
      onpointerleave: () => light(null),
    },
    task,
    string,
    equation,
    html(
      "div",
      { class: "split" },
      html("div", {}, html("div", { class: "bar-row" }, gather, undo), map.node, mapWords),
      table,
    ),
    more(
      "More: type a string, every choice, sizes",
      html("div", { class: "typed" }, html("label", { for: fieldId }, "type descriptor"), field, wrong),
      html(
        "div",
        { class: "parts" },
        Object.values(choices).map((c) => c.node),
      ),
      html(
        "div",
        { class: "sizes" },
        Object.values(counts).map((c) => c.node),
      ),
    ),
    aliases,
    voice.node,
  );
  el.append(root);

  function draw() {
    const d = current();
    for (const [part, node] of Object.entries(segments)) {
      const text = part === "lis" ? (d.lis ? "_lis" : "") : d[part];
      node.firstChild.textContent = text || "·";
      const [title, options] = CHOICES[part];
      const named = (value) => options.find(([one]) => one === value)[1];
      node.setAttribute("aria-label", `${title}: ${named(d[part])}. Press for ${named(nextOf(part))}.`);
    }
    if (view.wrong === null) field.value = print(d);
    field.setAttribute("aria-invalid", view.wrong !== null);
    wrong.replaceChildren(...(view.wrong === null ? [] : wrongWords(view.wrong)));
    for (const [part, control] of Object.entries(choices)) control.set(d[part]);
    for (const [name, control] of Object.entries(counts)) control.set(model.get(name));
    undo.disabled = !state.canUndo;
    invite.style.display = state.canUndo ? "none" : "";
    task.textContent = view.before === null ? QUESTION : changeWords(parse(view.before), d);
    gather.textContent = view.together ? "Spread them out" : "Let equal ones run together";
    map.show(print(d), view.together);
    const named = (text) => model.get("names")[text] ?? [];
    const family = Object.keys(FAMILIES).filter((text) => FAMILIES[text] === FAMILIES[print(d)]);
    mapWords.textContent =
      `${view.together ? `144 strings, ${MODELS} models. ` : ""}` +
      (family.length === 1 ? "No other string is this model" : `${family.length} strings are this model`) +
      `, of ${countParameters(d, ...sizes())} parameters.`; // on a phone the table's sum is a screen below
    equation.replaceChildren(...formula(d));
    table.replaceChildren(parameterRows(d, ...sizes()));
    aliases.replaceChildren(...namesOf(d, named(print(d)), family.flatMap(named)));
    light(view.lit);
  }

  /** What the last press has done to the count, and to the model. */
  function changeWords(from, to) {
    const [before, after] = [from, to].map((one) => countParameters(one, ...sizes()));
    const count = before === after ? `Still ${after}` : `${before} → ${after}`;
    const same = FAMILIES[print(from)] === FAMILIES[print(to)];
    return `${count} parameters, ${same ? "and the same model, spelled otherwise" : "another model"}. What does the next part do?`;
  }

  function wrongWords(text) {
    const near = nearest(text);
    return [`${text} is no type descriptor. The nearest is `, button(near, () => setDescriptor(parse(near)))];
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, NAMES, root, redraw);
  draw();
  return unfollow;
}

export default { render };
