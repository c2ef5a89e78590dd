// Makes anywidget front ends live in a built page: no kernel, no network, over http:// and file://.
//
// MyST-NB leaves two kinds of JSON in the page: one script with the state of all widget models, and one
// script per shown widget that names its model. This file gives each front end a model that lives in
// memory and calls its `initialize` and `render`, as a notebook would. The contract is anywidget's:
// https://anywidget.dev/en/afm/ . A file:// page may not load modules by address, but may import a blob.
(() => {
  "use strict";

  const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
  const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';
  const STILL = ".widget-still";

  // Values of bytes travel beside the state, in base64, with the path to their place.
  function restoreBytes(state, buffers = []) {
    for (const { data, path } of buffers) {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const owner = path.slice(0, -1).reduce((part, key) => part[key], state);
      owner[path.at(-1)] = new DataView(bytes.buffer);
    }
    return state;
  }

  // One model; all its views share it, so that they show the same values.
  class Model {
    #state;
    #changed = new Set();
    #callbacks = new Map();
    inPage = true; // a front end may keep its state in the page's address

    constructor(state) {
      this.#state = state;
    }
    get(name) {
      return this.#state[name];
    }
    set(name, value) {
      const values = typeof name === "string" ? { [name]: value } : name;
      for (const [key, next] of Object.entries(values)) {
        if (Object.is(this.#state[key], next)) continue;
        this.#state[key] = next;
        this.#changed.add(key);
        this.#trigger(`change:${key}`, this, next);
      }
      if (this.#changed.size > 0) {
        this.#changed.clear();
        this.#trigger("change", this);
      }
    }
    save_changes() {} // there is no kernel to save to: `set` has already told every view
    send() {} // and none to answer a message
    on(names, callback) {
      for (const name of names.split(/\s+/)) {
        if (!this.#callbacks.has(name)) this.#callbacks.set(name, new Set());
        this.#callbacks.get(name).add(callback);
      }
    }
    off(names, callback) {
      if (names == null) return this.#callbacks.clear();
      for (const name of names.split(/\s+/)) {
        if (callback == null) this.#callbacks.delete(name);
        else this.#callbacks.get(name)?.delete(callback);
      }
    }
    #trigger(name, ...values) {
      for (const callback of [...(this.#callbacks.get(name) ?? [])]) callback(...values);
    }
  }

  const modules = new Map(); // by their source: two pieces of one kind share a module

  async function importSource(source) {
    if (!modules.has(source)) {
      const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      modules.set(
        source,
        import(address).finally(() => URL.revokeObjectURL(address)),
      );
    }
    const module = await modules.get(source);
    const widget = module.default ?? module;
    return typeof widget === "function" ? await widget() : widget;
  }

  function say(place, text) {
    place.classList.add("static-anywidget-message");
    place.textContent = text;
  }

  function start() {
    const script = document.querySelector(STATE);
    if (!script) return;
    const { state: entries, texts } = JSON.parse(script.textContent);
    for (const entry of Object.values(entries)) {
      // Texts that pieces share stand in the page once, in parts.
      for (const [name, parts] of Object.entries(entry.texts ?? {})) {
        entry.state[name] = parts.map((part) => texts[part]).join("");
      }
    }
    const models = new Map();
    const experimental = { invoke: () => Promise.reject(new Error("needs a running kernel")) };

    // The model of an id with its front end, made once, however many views ask for it.
    function modelOf(id) {
      if (!models.has(id)) models.set(id, makeModel(entries[id]));
      return models.get(id);
    }
    async function makeModel(entry) {
      const model = new Model(restoreBytes(entry.state, entry.buffers));
      const signal = new AbortController().signal;
      const widget = entry.state._esm ? await importSource(entry.state._esm) : {};
      await widget.initialize?.({ model, signal, experimental });
      if (entry.state._css) {
        document.head.append(Object.assign(document.createElement("style"), { textContent: entry.state._css }));
      }
      return { model, widget };
    }

    for (const view of document.querySelectorAll(VIEW)) {
      const id = JSON.parse(view.textContent).model_id;
      const place = document.createElement("div");
      place.className = "static-anywidget";
      view.after(place);
      const still = place.nextElementSibling?.closest(STILL); // hidden, unless nothing runs here
      if (!entries[id]?.state._esm) {
        still?.classList.add("in-place");
        say(place, "This control needs a running kernel: open the chapter as a notebook to move it.");
        continue;
      }
      modelOf(id)
        .then(({ model, widget }) =>
          widget.render?.({ model, el: place, signal: new AbortController().signal, experimental }),
        )
        .catch((error) => {
          console.error(error);
          still?.classList.add("in-place");
          say(place, `This widget could not start: ${error.message}`);
        });
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
