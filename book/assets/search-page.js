"use strict";
// The search page: MiniSearch ranks sections, the page shows them by chapter, each with an excerpt.
// Chapters come first, then what stands beside them, then entries of the reference.

(() => {
  /** @typedef {{place: string, title: string, new: string, text: string}} Section */
  /** @typedef {{title: string, address: string, kind: string, sections: Section[]}} Text */

  const ORDER = ["chapter", "beside", "reference"];
  const HEADINGS = { chapter: "Chapters", beside: "Beside the chapters", reference: "In the reference" };
  const EXCERPT = 240; // characters
  const SECTIONS = 3; // of a page, at first
  const IDLE = new Set("a an and are as at by for from how in is it of on or the to what which why with".split(" "));
  const field = /** @type {HTMLInputElement} */ (document.querySelector(".bd-search-container input[name=q]"));
  const results = document.getElementById("search-results");
  const texts = /** @type {Text[]} */ (globalThis.searchTexts);

  /** Plurals and their singulars are the same word. @param {string} term */
  const stem = (term) => {
    const word = term.toLowerCase();
    if (IDLE.has(word)) return null;
    return word.length > 3 ? word.replace(/ies$/, "y").replace(/(?<![su])s$/, "") : word;
  };

  const index = new MiniSearch({
    fields: ["title", "page", "new", "text"],
    // The number of an equation, B.13, is one word.
    tokenize: (text) => text.match(/[a-z]\.\d+|[\p{L}\d]+/giu) ?? [],
    processTerm: stem,
    searchOptions: {
      boost: { title: 3, page: 2, new: 3 },
      combineWith: "AND",
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 5 ? 0.15 : false),
      weights: { fuzzy: 0.1, prefix: 0.3 },
    },
  });
  const documents = texts.flatMap((page, p) =>
    page.sections.map((section, s) => ({
      id: `${p} ${s}`,
      title: section.title,
      new: section.new,
      page: page.title,
      text: section.text,
    })),
  );
  index.addAll(documents);

  /** How often the words stand together as they were typed. @param {Section} section @param {string} phrase */
  const together = (section, phrase) => {
    const count = (/** @type {string} */ text) => text.toLowerCase().split(phrase).length - 1;
    return count(section.title) + count(section.text) + 6 * count(section.new);
  };

  /** Pages with their sections, best first. @param {string} query */
  const find = (query) => {
    const phrase = query.toLowerCase().trim().replace(/s$/, "");
    const several = /\s/.test(phrase);
    /** @type {Map<number, {page: Text, score: number, hits: {section: Section, score: number, terms: string[]}[]}>} */
    const found = new Map();
    for (const { id, score: plain, terms } of index.search(query)) {
      const [p, s] = id.split(" ").map(Number);
      const section = texts[p].sections[s];
      const score = plain * (several ? 1 + together(section, phrase) : 1);
      if (!found.has(p)) found.set(p, { page: texts[p], score: 0, hits: [] });
      found.get(p).hits.push({ section, score, terms });
    }
    for (const result of found.values()) {
      result.hits.sort((a, b) => b.score - a.score);
      // A page that speaks of it in many sections is its home; the tenth mention says little more.
      result.score = result.hits.slice(0, 6).reduce((sum, hit, n) => sum + hit.score / (n + 1), 0);
    }
    return [...found.values()].sort((a, b) => b.score - a.score);
  };

  /** Text with the found words marked. @param {HTMLElement} into @param {string} text @param {RegExp} words */
  const mark = (into, text, words) => {
    for (const [n, piece] of text.split(words).entries()) {
      if (n % 2) into.append(Object.assign(document.createElement("mark"), { textContent: piece }));
      else into.append(piece);
    }
  };

  /** The words around the first place where they stand together, or else where one of them stands. */
  const excerpt = (/** @type {string} */ text, /** @type {string} */ phrase, /** @type {RegExp} */ words) => {
    const whole = text.toLowerCase().indexOf(phrase);
    const at = Math.max(0, whole >= 0 ? whole : text.search(words));
    const sentence = text.lastIndexOf(". ", at);
    const start = at - sentence < EXCERPT / 2 ? sentence + (sentence < 0 ? 1 : 2) : text.lastIndexOf(" ", at - 60) + 1;
    const end = start + EXCERPT < text.length ? text.lastIndexOf(" ", start + EXCERPT) : text.length;
    const before = start > 0 && at - sentence >= EXCERPT / 2 ? "… " : "";
    return before + text.slice(start, end) + (end < text.length ? " …" : "");
  };

  /** @param {string} tag @param {string} [className] @param {...(Node | string)} children */
  const make = (tag, className, ...children) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };
  /** @param {string} address @param {string} text */
  const link = (address, text) => Object.assign(document.createElement("a"), { href: address, textContent: text });

  const show = () => {
    const query = field.value.trim();
    results.replaceChildren();
    if (!query) return;
    const found = find(query);
    const phrase = query.toLowerCase().replace(/s$/, "");
    const literal = (/** @type {string} */ term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    if (!found.length) {
      results.append(make("p", "", `Nothing in the book has all of these words: ${query}. Fewer words find more.`));
      return;
    }
    for (const kind of ORDER) {
      const some = found.filter(({ page }) => page.kind === kind);
      if (!some.length) continue;
      const list = make("ol", "found");
      for (const { page, hits } of some) {
        const title = page.title.replaceAll(/\$|\\/g, "");
        const item = make("li", "", make("p", "page", link(page.address, title)));
        const more = make("details", "", make("summary", "", `${hits.length - SECTIONS} more`));
        for (const [n, { section, terms }] of hits.entries()) {
          const words = new RegExp(`((?<![\\p{L}\\d])(?:${terms.map(literal).join("|")})[\\p{L}\\d]*)`, "iu");
          const all = new RegExp(words.source, "giu");
          const text = make("p", "context");
          mark(text, excerpt(section.text, phrase, words), all);
          const address = `${page.address}#${section.place}`;
          const parts = section.title === page.title ? [] : [make("p", "section", link(address, section.title))];
          (n < SECTIONS ? item : more).append(...parts, text);
        }
        if (hits.length > SECTIONS) item.append(more);
        list.append(item);
      }
      results.append(make("section", "found-kind", make("h2", "", HEADINGS[kind]), list));
    }
  };

  field.value = new URLSearchParams(location.search).get("q") ?? "";
  field.focus();
  field.select();
  field.addEventListener("input", show);
  show();
})();
