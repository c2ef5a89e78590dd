"use strict";
// A link into a page leads to its target also while what is above it still grows: pieces come alive, formulas
// are set. The target is held until the reader does something, or all that is long done.

{
  const LONGEST = 10_000;
  const article = document.querySelector("article");
  let target = null;
  let until = 0;
  const hold = () => {
    if (performance.now() > until) target = null;
    target?.scrollIntoView({ behavior: "instant" });
  };
  const aim = () => {
    target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    until = performance.now() + LONGEST;
    hold();
  };
  for (const kind of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(
      kind,
      () => {
        target = null;
      },
      { capture: true, passive: true },
    );
  }
  addEventListener("hashchange", aim);
  if (article) new ResizeObserver(hold).observe(article);
  // Who comes back finds the page where it was left.
  const [how] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (how?.type === "navigate") aim();
}
