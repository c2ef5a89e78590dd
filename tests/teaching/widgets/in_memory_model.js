// A model as anywidget's front ends see it, in memory: get, set, save_changes, on, off.
export class InMemoryModel {
  constructor(state) {
    this.state = { ...state };
    this.callbacks = {};
    this.saves = 0;
    this.inPage = true;
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    this.state[name] = value;
    for (const callback of this.callbacks[`change:${name}`] ?? []) callback();
  }

  save_changes() {
    this.saves += 1;
  }

  on(event, callback) {
    this.callbacks[event] ??= new Set();
    this.callbacks[event].add(callback);
  }

  off(event, callback) {
    this.callbacks[event]?.delete(callback);
  }
}

/** Put a front end, given as text, into `el`; returns its model and its clean-up. */
export async function mount(el, state) {
  const style = document.createElement("style");
  style.textContent = state._css;
  document.head.append(style);
  const url = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
  const front = (await import(url)).default;
  const model = new InMemoryModel(state);
  return { model, cleanup: await front.render({ model, el }) };
}
