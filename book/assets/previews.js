// Shows what a link to an equation or a term leads to, when the link is pointed at or focused.
// The preview stays while the pointer is on it, and Escape puts it away (WCAG 1.4.13).
(() => {
  "use strict";

  const WAIT = 250; // milliseconds: long enough to cross from the link to its preview

  function start() {
    const data = document.getElementById("previews");
    if (!data) return;
    const previews = JSON.parse(data.textContent);
    const tip = document.createElement("div");
    Object.assign(tip, { id: "preview", hidden: true });
    tip.setAttribute("role", "tooltip");
    document.body.append(tip);
    let owner = null;
    let timer = 0;

    function place() {
      const link = owner.getBoundingClientRect();
      const room = document.documentElement.clientWidth;
      tip.style.left = `${Math.max(8, Math.min(link.left, room - tip.offsetWidth - 8)) + scrollX}px`;
      const above = link.bottom + tip.offsetHeight + 12 > innerHeight && link.top > tip.offsetHeight + 12;
      tip.style.top = `${(above ? link.top - tip.offsetHeight - 6 : link.bottom + 6) + scrollY}px`;
    }

    function hide() {
      clearTimeout(timer);
      owner?.removeAttribute("aria-describedby");
      owner = null;
      tip.hidden = true;
    }

    async function show(link) {
      hide();
      const text = previews[link.getAttribute("href")];
      if (/\\[([]|\\begin/.test(text)) {
        if (!window.MathJax?.startup?.promise) return; // better none than one in TeX
        await window.MathJax.startup.promise;
      }
      owner = link;
      tip.innerHTML = text;
      tip.hidden = false;
      link.setAttribute("aria-describedby", tip.id);
      await window.MathJax?.typesetPromise?.([tip]);
      if (owner === link) place();
    }

    const soon = (action) => {
      clearTimeout(timer);
      timer = setTimeout(action, WAIT);
    };
    /** @type {NodeListOf<HTMLElement>} */
    const links = document.querySelectorAll("article a[href*='#']");
    for (const link of links) {
      if (!Object.hasOwn(previews, link.getAttribute("href"))) continue;
      link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && soon(() => show(link)));
      link.addEventListener("pointerleave", () => soon(hide));
      link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
      link.addEventListener("blur", hide);
    }
    tip.addEventListener("pointerenter", () => clearTimeout(timer));
    tip.addEventListener("pointerleave", () => soon(hide));
    document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
