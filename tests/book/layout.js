// What may be wrong with the layout of a page, for test_browser.py: unfolds all, defines faults().

for (const fold of document.querySelectorAll("details")) fold.open = true;
for (const button of document.querySelectorAll(".toggle-hidden button.toggle-button")) button.click();

const all = (chosen) => [...document.querySelectorAll(chosen)].filter((e) => e.clientWidth);
const box = (e) => e.getBoundingClientRect();
const apart = (a, b) =>
  a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;

/** Does what follows the formula begin the next line, though it may not begin one? */
const losesItsComma = (formula) => {
  const next = formula.nextSibling;
  if (next?.nodeType !== Node.TEXT_NODE || !/^[,.;:)?!’”%]/.test(next.data)) return false;
  const mark = document.createRange();
  mark.setStart(next, 0);
  mark.setEnd(next, 1);
  return box(mark).top > box(formula).bottom - 1;
};

/** Is the link of a heading, which one does not see, a line of its own: an empty line below it? */
const isFollowedByItsLink = (heading) => {
  const link = heading.querySelector("a.headerlink");
  const words = document.createRange();
  words.setStart(heading, 0);
  words.setEndBefore(link ?? heading.lastChild);
  const last = [...words.getClientRects()].at(-1);
  return link && last && box(link).top > last.bottom - 1;
};

window.faults = () => {
  const found = {
    wide: all("article span.math, article div.math mjx-container, article pre").filter(
      (e) => e.scrollWidth > e.clientWidth + 1,
    ),
    outsideItsPanel: all(".ltcbook .equation").filter((panel) =>
      [...panel.querySelectorAll("*")].some((e) => box(e).bottom > box(panel).bottom),
    ),
    underItsNumber: all("article div.math")
      .filter((e) => e.querySelector(".eqno"))
      .filter((e) => !apart(box(e.querySelector(".eqno")), box(e.querySelector("mjx-container")))),
    withoutItsComma: all("article span.math").filter(losesItsComma),
    overANoteInTheMargin: all("article aside.margin")
      .filter((note) => getComputedStyle(note).float === "right")
      .filter((note) => all("article :is(.ltcbook, figure img)").some((e) => !apart(box(note), box(e)))),
    emptyLineBelow: all("article :is(h1, h2, h3, h4)").filter(isFollowedByItsLink),
  };
  const text = (elements) => elements.map((e) => e.textContent.slice(0, 80));
  return Object.fromEntries(Object.entries(found).map(([fault, e]) => [fault, text(e)]));
};
