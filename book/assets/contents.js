"use strict";
// What breaks out of the column takes the place of the page's list of headings, which folds for as long.

{
  const contents = document.querySelector(".bd-sidebar-secondary");
  const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]'; // where a live piece will stand
  const wide = document.querySelectorAll(`article :is(figure, .cell_output:has(> ${VIEW}))`);
  const there = new Set();
  let watch = null;

  /** Watch the strip of the screen that the unfolded list takes. */
  function begin() {
    watch?.disconnect();
    there.clear();
    const list = contents.querySelector("nav.page-toc");
    const { left } = contents.getBoundingClientRect();
    const below = innerHeight - (list?.scrollHeight ?? 0) - 64;
    watch = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const shown = target.querySelector(".ltcbook, img") ?? target;
          if (isIntersecting && shown.getBoundingClientRect().right > left) there.add(target);
          else there.delete(target);
        }
        contents.classList.toggle("folded", there.size > 0);
      },
      { rootMargin: `0px 0px ${Math.min(0, -below)}px 0px` },
    );
    for (const one of wide) watch.observe(one);
  }

  if (contents && wide.length > 0) {
    begin();
    addEventListener("resize", begin);
    // A piece comes to life when it is in view already, and is then as wide as it will be.
    const sizes = new ResizeObserver(begin);
    for (const one of wide) sizes.observe(one);
  }
}
