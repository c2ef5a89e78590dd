// The descriptor explorer: choose the parts of a type descriptor; see its formula, its parameters
// and the names it goes by.

import { announcer, choice, follow, html, redrawing, slider, uniqueId } from "./kit.js";
import { countParameters, parameterTable, parse, print, size } from "./table3.js";

const NAMES = ["descriptor", "input_size", "hidden_size", "output_size", "names"];
const GRAMMAR = "ctrnn_[w-mode]act[factor][rec-type]_in-mode[_lis]";

const CHOICES = {
  w_mode: ["w-mode", [["", "none"], ["r", "r"], ["v", "v"]]],
  act: ["act", [["sigm", "sigm"], ["tanh", "tanh"]]],
  factor: ["factor", [["", "none"], ["*", "*"], ["+", "+"]]],
  rec_type: ["rec-type", [["", "none"], ["s", "s"]]],
  in_mode: ["in-mode", [["linear", "linear"], ["synaptic", "synaptic"]]],
  lis: ["lis", [[false, "none"], [true, "lis"]]],
};

function render({ model, el }) {
  const voice = announcer();
  const view = { wrong: null };
  const sizes = () => ["input_size", "hidden_size", "output_size"].map((name) => model.get(name));

  function put(values) {
    view.wrong = null;
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
    redraw();
  }

  function setDescriptor(d) {
    put({ descriptor: print(d) });
    voice.say(`${print(d)}: ${countParameters(d, ...sizes())} parameters.`);
  }

  function typed() {
    const d = parse(field.value.trim());
    if (d !== null) return setDescriptor(d);
    view.wrong = field.value;
    voice.say("This is no type descriptor.");
    return redraw();
  }

  const fieldId = uniqueId("descriptor");
  const field = html("input", {
    id: fieldId, type: "text", class: "field", spellcheck: "false", autocomplete: "off", onchange: typed,
    "aria-describedby": `${fieldId}-wrong`,
  });
  const wrong = html("p", { id: `${fieldId}-wrong`, class: "wrong" });
  const choices = Object.fromEntries(Object.entries(CHOICES).map(([part, [title, options]]) => {
    const keys = new Map(options.map(([value]) => [String(value), value]));
    const made = choice({
      title, options: options.map(([value, label]) => [String(value), [label]]),
      onchange: (key) => setDescriptor({ ...parse(model.get("descriptor")), [part]: keys.get(key) }),
    });
    const node = html("div", { class: "part" }, html("span", { class: "part-name", "aria-hidden": "true" }, title), made.node);
    return [part, { node, set: (value) => made.set(String(value)) }];
  }));
  const made = (name, letter, spoken) =>
    slider({ letter, spoken, min: 1, max: 128, step: 1, oninput: (value) => put({ [name]: value }) });
  const counts = {
    input_size: made("input_size", "m", "inputs"),
    hidden_size: made("hidden_size", "n", "neurons"),
    output_size: made("output_size", "o", "outputs"),
  };
  const equation = html("div", { class: "equation" });
  const table = html("div", { class: "parameters" });
  const aliases = html("dl", { class: "facts" });
  const root = html("div", {
    class: "ltcbook descriptors tex2jax_ignore mathjax_ignore", role: "group", "aria-label": "Descriptor explorer",
  },
    html("div", { class: "typed" }, html("label", { for: fieldId }, "type descriptor"), field, wrong),
    html("div", { class: "parts" }, Object.values(choices).map((c) => c.node)),
    equation,
    html("div", { class: "split" }, table,
      html("section", { class: "tile", "aria-label": "Sizes" }, html("h3", {}, "Sizes"),
        Object.values(counts).map((c) => c.node))),
    aliases, voice.node);
  el.append(root);

  function draw() {
    const d = parse(model.get("descriptor"));
    if (view.wrong === null) field.value = print(d);
    field.setAttribute("aria-invalid", view.wrong !== null);
    wrong.textContent = view.wrong === null ? "" : `${view.wrong} is no type descriptor. The grammar is ${GRAMMAR}.`;
    for (const [part, control] of Object.entries(choices)) control.set(d[part]);
    for (const [name, control] of Object.entries(counts)) control.set(model.get(name));
    equation.replaceChildren(...formula(d));
    table.replaceChildren(parameterRows(d, ...sizes()));
    aliases.replaceChildren(...namesOf(d, model.get("names")[print(d)] ?? []));
  }

  const redraw = redrawing(draw);
  const unfollow = follow(model, NAMES, root, redraw);
  draw();
  return unfollow;
}

const variable = (base, sub = "", above = "") => [
  html("var", {}, base),
  above ? html("sup", {}, html("var", {}, above)) : "",
  sub ? html("sub", {}, html("var", {}, sub)) : "",
];

/** The derivative, term by term, with the indices that say what belongs to a neuron or a synapse. */
function formula(d) {
  const line = (sign, nodes, what) =>
    html("p", {}, html("span", { class: "sign" }, sign), nodes, html("span", { class: "where" }, what));
  const resting = d.lis ? ["(", variable("x", "i"), " − ", variable("x", "0i"), ")"] : [variable("x", "i")];
  const input = d.in_mode === "synaptic" ? synapses(d, "u", "u")
    : ["Σ", html("sub", {}, html("var", {}, "j")), " ", variable("I", "ij"), " ", variable("u", "j"), " + ", variable("b", "i", "in")];
  return [
    line([variable("ẋ", "i"), " = "].flat(), synapses(d, "x", "").flat(3),
      d.rec_type === "s" ? "every synapse opens on its own" : "one activation per neuron"),
    line(["+"], input.flat(3), d.in_mode === "synaptic" ? "synaptic input" : "linear input"),
    line(["−"], [variable("w", "li"), " ", ...resting].flat(3), d.lis ? "leak to a learnable state" : "leak"),
  ];
}

/** Σ over the presynaptic potentials `from` of Table 3's synapse, letters marked with `above`. */
function synapses(d, from, above) {
  const synaptic = d.rec_type === "s";
  const name = d.act === "sigm" ? "σ" : "tanh";
  const sum = ["Σ", html("sub", {}, html("var", {}, "j")), " "];
  const w = variable("w", "ji", above);
  const own = (letter, neuron) => variable(letter, synaptic ? "ji" : neuron, above);
  const x = variable(from, "j");
  const gate = {
    "": [], "*": [" (1 − ", variable("x", "i"), ")"],
    "+": [" (", own("e", "i"), " − ", variable("x", "i"), ")"],
  }[d.factor];
  if (d.w_mode === "r") return [sum, w, ` ${name}(`, x, " + ", own("b", "j"), ")", gate];
  if (d.w_mode === "v") return [sum, w, ` ${name}(`, own("a", "j"), " (", x, " + ", own("b", "j"), "))", gate];
  if (synaptic) return [sum, own("a"), ` ${name}(`, w, " ", x, " + ", own("b"), ")", gate];
  return [own("a", "i"), ` ${name}(`, sum, w, " ", x, " + ", own("b", "i"), ")", gate];
}

const LETTERS = { b_i: ["b", "", "in"], b_out: ["b", "", "out"], w_l: ["w", "l"], x_0: ["x", "0"] };

function parameterRows(d, m, n, o) {
  const rows = parameterTable(d, m, n, o);
  const total = countParameters(d, m, n, o);
  const largest = Math.max(...rows.map(({ shape }) => size(shape)));
  const head = ["where", "letter", "shape", "numbers"].map((title) => html("th", { scope: "col" }, title));
  let before = "";
  const body = rows.map(({ part, letter, shape }) => {
    const first = part === before ? "" : part;
    before = part;
    return html("tr", {},
      html("th", { scope: "row" }, first, first ? "" : html("span", { class: "hidden" }, part)),
      html("td", {}, variable(...(LETTERS[letter] ?? [letter, "", part === "input synapses" ? "u" : ""]))),
      html("td", {}, shape.join(" × ")),
      html("td", { class: "count" }, String(size(shape))),
      html("td", { class: "bars", "aria-hidden": "true" },
        html("span", { style: `inline-size: ${(100 * size(shape)) / largest}%` })));
  });
  return html("table", {},
    html("caption", { class: "hidden" }, `Trainable parameters of ${print(d)}`),
    html("thead", {}, html("tr", {}, head, html("td", { class: "bars" }))),
    html("tbody", {}, body),
    html("tfoot", {}, html("tr", {}, html("th", { scope: "row", colspan: 3 }, "trainable parameters"),
      html("td", { class: "count total" }, String(total)), html("td", { class: "bars" }))));
}

function namesOf(d, names) {
  const fact = (term, values) => html("div", {}, html("dt", {}, term), html("dd", {}, values.join("; ")));
  const spelled = [print(d).replace("ctrnn", "ctrrn"), print(d).replaceAll("_", "-")];
  return [
    fact("known as", names.length ? names : ["no name in the papers"]),
    fact("also accepted", spelled),
  ];
}

export default { render };
