// The menu of a formula (copy its TeX, zoom, hear it read) weighs half as much as all that typesets it.
// So it is fetched the first time that a reader asks for it; from then on it is MathJax's own.
(() => {
  "use strict";

  async function addMenu() {
    const { loader, startup } = window.MathJax;
    await Promise.all([loader.load("ui/menu"), window.typesetAll?.() ?? startup.promise]);
    startup.document.state(0, true); // back to TeX, for the new document to typeset
    startup.getComponents();
    await window.MathJax.typesetPromise();
  }

  function ask(event) {
    if (!event.target.closest?.("mjx-container")) return;
    event.preventDefault();
    document.removeEventListener("contextmenu", ask);
    addMenu();
  }

  document.addEventListener("contextmenu", ask);
})();
