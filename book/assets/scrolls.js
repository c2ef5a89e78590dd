"use strict";
// A figure or a formula that is wider than a phone scrolls: then, and only then, keys reach it too.

{
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const wide = target.scrollWidth > target.clientWidth + 1;
      const named = target.matches(".scrolls") ? { role: "group", "aria-label": "A figure that scrolls sideways" } : {};
      for (const [name, value] of Object.entries({ tabindex: "0", ...named })) {
        if (wide) target.setAttribute(name, value);
        else target.removeAttribute(name);
      }
    }
  });
  const article = document.querySelector("article");
  for (const wide of document.querySelectorAll(".scrolls, div.math.tagged")) watch.observe(wide);
  // Formulas are set one after the other, as they come into view.
  const formulas = new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (node instanceof Element && node.matches('div.math > mjx-container[display="true"]')) watch.observe(node);
    }
  });
  if (article) formulas.observe(article, { childList: true, subtree: true });
}
