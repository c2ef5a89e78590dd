// The map, the formula and the tables of the descriptor explorer.

import { factList, html } from "./kit.js";
import { PARTS, all, countParameters, families, parameterTable, print, size } from "./table3.js";

export const FAMILIES = families();

/** Where a descriptor stands on the map: [column, row] of 12 each. */
function placeOf(d) {
  const at = (part) => PARTS[part].indexOf(d[part]);
  return [4 * at("factor") + 2 * at("in_mode") + at("lis"), 4 * at("w_mode") + 2 * at("rec_type") + at("act")];
}

/** All 144 as a field of buttons; arrow keys move in it, so that Tab passes it in one step. */
export function mapOf144(choose) {
  const cells = new Map();
  const grid = html("div", {
    class: "map",
    role: "group",
    "aria-label": "All 144 descriptors; arrow keys move",
  });
  const byPlace = new Map();
  for (const d of all()) {
    const text = print(d);
    const [column, row] = placeOf(d);
    const cell = html(
      "button",
      {
        type: "button",
        tabindex: -1,
        title: text,
        "aria-label": text,
        class: `cell ${d.factor === "+" ? "plus" : d.factor === "*" ? "times" : ""}`,
        onclick: () => choose(d),
      },
      html("span", {}),
    );
    cells.set(text, { cell, column, row });
    byPlace.set(`${column},${row}`, d);
    grid.append(cell);
  }
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const from = [...cells.values()].find(({ cell }) => cell === event.target);
    if (!step || !from) return;
    const to = byPlace.get(`${from.column + step[0]},${from.row + step[1]}`);
    event.preventDefault();
    if (!to) return;
    choose(to);
    cells.get(print(to)).cell.focus();
  });
  function show(chosen, together) {
    grid.classList.toggle("together", together);
    const counts = {};
    for (const first of Object.values(FAMILIES)) counts[first] = (counts[first] ?? 0) + 1;
    for (const [text, { cell, column, row }] of cells) {
      const home = together ? cells.get(FAMILIES[text]) : { column, row };
      cell.style.left = `${(home.column / 12) * 100}%`;
      cell.style.top = `${(home.row / 12) * 100}%`;
      cell.tabIndex = text === chosen ? 0 : -1;
      cell.setAttribute("aria-pressed", text === chosen);
      cell.classList.toggle("kin", FAMILIES[text] === FAMILIES[chosen]);
      // Of those that lie on each other one is on top, and only it says how many they are.
      const family = FAMILIES[text];
      const top = family === FAMILIES[chosen] ? text === chosen : family === text;
      cell.classList.toggle("top", top);
      cell.firstChild.textContent = together && top && counts[family] > 1 ? counts[family] : "";
    }
  }
  const node = html(
    "div",
    { class: "map-frame" },
    html(
      "div",
      { class: "columns", "aria-hidden": "true" },
      ["no factor", "*", "+"].map((name) => html("span", {}, name)),
    ),
    html(
      "div",
      { class: "rows", "aria-hidden": "true" },
      ["no w-mode", "r", "v"].map((name) => html("span", {}, name)),
    ),
    grid,
  );
  return { node, show };
}

/** A piece of the formula, and the parts of the string that it comes from. */
const term = (parts, ...nodes) => html("span", { "data-part": parts }, ...nodes.flat(3));

/** A letter with its indices; of two one stands above the other, as in the text's formulas. */
function variable(base, sub = "", above = "") {
  // Digits stand upright, as there.
  const below = sub && html("sub", {}, sub.match(/^\d*/)[0], html("var", {}, sub.replace(/^\d*/, "")));
  const top = above && html("sup", {}, html("var", {}, above));
  return [html("var", {}, base), top && below ? html("span", { class: "scripts" }, top, below) : top || below];
}

/** The derivative, term by term, with the indices that say what belongs to a neuron or a synapse. */
export function formula(d) {
  const line = (sign, nodes, what) =>
    html("p", {}, html("span", { class: "sign" }, sign), nodes, html("span", { class: "where" }, what));
  const resting = d.lis
    ? [term("lis", "(", variable("x", "i"), " − ", variable("x", "0i"), ")")]
    : [term("lis", variable("x", "i"))];
  const input = [
    term(
      "in_mode",
      d.in_mode === "synaptic"
        ? synapses(d, "u", "u")
        : [
            "Σ",
            html("sub", {}, html("var", {}, "j")),
            " ",
            variable("I", "ij"),
            " ",
            variable("u", "j"),
            " + ",
            variable("b", "i", "in"),
          ],
    ),
  ];
  return [
    line(
      [variable("ẋ", "i"), " = "].flat(),
      synapses(d, "x", "").flat(3),
      d.rec_type === "s" ? "every synapse opens on its own" : "one activation per neuron",
    ),
    line(["+"], input.flat(3), d.in_mode === "synaptic" ? "synaptic input" : "linear input"),
    line(["−"], [variable("w", "li"), " ", ...resting].flat(3), d.lis ? "leak to a learnable state" : "leak"),
  ];
}

/** Σ over the presynaptic potentials `from` of Table 3's synapse, letters marked with `above`. */
function synapses(d, from, above) {
  const synaptic = d.rec_type === "s";
  const name = d.act === "sigm" ? "σ" : "tanh";
  const sum = ["Σ", html("sub", {}, html("var", {}, "j")), " "];
  const w = term("w_mode", variable("w", "ji", above));
  const own = (letter, neuron) => term("rec_type w_mode", variable(letter, synaptic ? "ji" : neuron, above));
  const sigma = term("act", ` ${name}`);
  const x = variable(from, "j");
  const gate = {
    "": [],
    "*": [term("factor", " (1 − ", variable("x", "i"), ")")],
    "+": [
      term(
        "factor",
        " (",
        term("rec_type", variable("e", synaptic ? "ji" : "i", above)),
        " − ",
        variable("x", "i"),
        ")",
      ),
    ],
  }[d.factor];
  if (d.w_mode === "r") return [sum, w, sigma, "(", x, " + ", own("b", "j"), ")", gate];
  if (d.w_mode === "v") return [sum, w, sigma, "(", own("a", "j"), " (", x, " + ", own("b", "j"), "))", gate];
  if (synaptic) return [sum, own("a"), sigma, "(", w, " ", x, " + ", own("b"), ")", gate];
  return [own("a", "i"), sigma, "(", sum, w, " ", x, " + ", own("b", "i"), ")", gate];
}

const LETTERS = { b_i: ["b", "", "in"], b_out: ["b", "", "out"], w_l: ["w", "l"], x_0: ["x", "0"] };

export function parameterRows(d, m, n, o) {
  const rows = parameterTable(d, m, n, o);
  const total = countParameters(d, m, n, o);
  const largest = Math.max(...rows.map(({ shape }) => size(shape)));
  const head = ["where", "letter", "shape", "numbers"].map((title) => html("th", { scope: "col" }, title));
  let before = "";
  const body = rows.map(({ part, letter, shape }) => {
    const first = part === before ? "" : part;
    before = part;
    return html(
      "tr",
      {},
      html("th", { scope: "row" }, first, first ? "" : html("span", { class: "hidden" }, part)),
      html("td", {}, variable(...(LETTERS[letter] ?? [letter, "", part === "input synapses" ? "u" : ""]))),
      html("td", {}, shape.join(" × ")),
      html("td", { class: "count" }, String(size(shape))),
      html(
        "td",
        { class: "bars", "aria-hidden": "true" },
        html("span", { style: `inline-size: ${(100 * size(shape)) / largest}%` }),
      ),
    );
  });
  return html(
    "table",
    {},
    html("caption", { class: "hidden" }, `Trainable parameters of ${print(d)}`),
    html("thead", {}, html("tr", {}, head, html("td", { class: "bars" }))),
    html("tbody", {}, body),
    html(
      "tfoot",
      {},
      html(
        "tr",
        {},
        html("th", { scope: "row", colspan: 3 }, "trainable parameters"),
        html("td", { class: "count total" }, String(total)),
        html("td", { class: "bars" }),
      ),
    ),
  );
}

/** What the papers call it, or one of its family that they have a name for. */
export function namesOf(d, names, kin) {
  const other = kin.length ? [`the same model as ${kin[0]}, spelled otherwise`] : ["no name in the papers"];
  const spelled = [print(d).replace("ctrnn", "ctrrn"), print(d).replaceAll("_", "-")];
  return factList([
    ["known as", (names.length ? names : other).join("; ")],
    ["also accepted", spelled.join("; ")],
  ]);
}
