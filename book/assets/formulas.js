// Typesets what is in view first, and the rest in the browser's idle moments, nearest first.
//
// A formula that still waits is its TeX, in the text, which can be searched and read out. A reader who
// scrolls faster than the idle moments come gets the formulas around the view next. Nothing waits on
// paper: printing typesets the rest. Only a browser that keeps the view in place while things above
// change their height can take its time; any other typesets the page at once.
(() => {
  "use strict";

  const BATCH = 8; // formulas between two looks at the clock: a few hundredths of a second
  const settings = window.MathJax;
  const patient = "requestIdleCallback" in window && CSS.supports("overflow-anchor", "auto");
  if (!settings || !patient) return;
  settings.startup = { pageReady };

  let waiting = [];

  // How far a formula is from the view, in pixels. One that is folded away is last of all.
  function distance(formula) {
    if (!formula.checkVisibility()) return Infinity;
    const box = formula.getBoundingClientRect();
    return Math.max(0, -box.bottom, box.top - innerHeight);
  }

  // The waiting formulas up to `reach` pixels from the view, nearest first.
  function near(reach) {
    const far = waiting.map((formula) => ({ formula, pixels: distance(formula) }));
    const some = far.filter(({ pixels }) => pixels <= reach);
    return some.sort((a, b) => a.pixels - b.pixels || 0).map(({ formula }) => formula);
  }

  function take(formulas) {
    const taken = new Set(formulas);
    waiting = waiting.filter((formula) => !taken.has(formula));
    return formulas;
  }

  // MathJax does one thing at a time: its own promise is the queue, for whoever else typesets.
  function typeset(formulas) {
    const { startup } = window.MathJax;
    if (formulas.length > 0) startup.promise = startup.promise.then(() => window.MathJax.typesetPromise(formulas));
    return startup.promise;
  }

  async function typesetWhenIdle(deadline) {
    const queue = near(Infinity);
    do await typeset(take(queue.splice(0, BATCH)));
    while (queue.length > 0 && deadline.timeRemaining() > 0);
    if (waiting.length > 0) requestIdleCallback(typesetWhenIdle);
  }

  async function pageReady() {
    waiting = [...document.querySelectorAll(".math")];
    const first = take(near(innerHeight / 2));
    if (first.length > 0) await window.MathJax.typesetPromise(first);
    requestIdleCallback(typesetWhenIdle);
  }

  // The rest at once; the promise that all are typeset.
  window.typesetAll = () => typeset(take(waiting));
  addEventListener("beforeprint", () => {
    if (waiting.length > 0) window.MathJax.typeset(take(waiting)); // a printer does not wait for promises
  });
})();
