// What an interactive piece remembers: undo, and the state in the page's address.

/** How long a gesture may pause and still be one step of undo, in milliseconds. */
const ONE_GESTURE = 700;
const LONGEST = 100;

const NO_LOOK = { get: () => ({}), set: () => {} };

/** Six digits are enough to send a state, and keep its address short. */
const rounded = (/** @type {string} */ _name, /** @type {any} */ value) =>
  typeof value === "number" ? Number(value.toPrecision(6)) : value;

/** How many pieces of each kind this page has; every piece is a module of its own. */
globalThis.ltcbookPieces ??= {};
/** @type {Record<string, number>} */
const pieces = globalThis.ltcbookPieces;

/**
 * Keeps the traits `names` of a model: `put` changes them, `undo` takes a gesture back. In a built
 * page (model.inPage) the state is also in the address, so that it can be sent, and is read from there.
 * @param {any} model
 * @param {string} key the piece's name in the address
 * @param {string[]} names
 * @param {(state: any) => boolean} legal what an address may hold: it is anybody's to write
 * @param {string[]} unsent further traits that undo restores, and the address leaves out
 * @param {{ get: () => any, set: (values: any) => void }} look what the reader looks at: no trait, and
 *   nothing that undo takes back, but in the address
 */
export function keeper(model, key, names, legal = () => true, unsent = [], look = NO_LOOK) {
  const past = [];
  let restored = false;
  pieces[key] = (pieces[key] ?? 0) + 1;
  const parameter = pieces[key] === 1 ? key : `${key}-${pieces[key]}`;
  const now = () => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const all = () => ({ ...now(), ...Object.fromEntries(unsent.map((name) => [name, model.get(name)])) });
  const sent = () => ({ ...now(), ...look.get() });
  const written = () => JSON.stringify(sent(), rounded);
  const first = written();
  let last = 0;
  let waiting = 0;

  function set(values) {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
    note();
  }

  function note() {
    if (!model.inPage) return;
    clearTimeout(waiting);
    waiting = window.setTimeout(writeAddress, 250);
  }

  function writeAddress() {
    const state = written();
    const address = new URL(location.href);
    if (state === first) address.searchParams.delete(parameter);
    else address.searchParams.set(parameter, JSON.stringify(changed(JSON.parse(first), JSON.parse(state))));
    try {
      history.replaceState(history.state, "", address);
    } catch {
      // Some browsers allow no change of the address of a file: the piece works without.
    }
  }

  /** Take the state from the address, if it has one; what is no state of this piece is left alone. */
  function readAddress() {
    const text = model.inPage ? new URL(location.href).searchParams.get(parameter) : null;
    if (text === null) return;
    try {
      const before = sent();
      const state = { ...before, ...JSON.parse(text) };
      const known = Object.keys(before).every((name) => sameShape(state[name], before[name]));
      if (!known || !legal(state)) return;
      restored = true;
      for (const name of names) model.set(name, state[name]);
      look.set(state);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  readAddress();

  return {
    /** Change traits. Changes in quick succession are one gesture, unless `apart`. */
    put(values, { apart = false } = {}) {
      const kept = all();
      if (Object.entries(values).every(([name, value]) => JSON.stringify(value) === JSON.stringify(kept[name]))) return;
      if (apart || Date.now() - last > ONE_GESTURE || past.length === 0) past.push(kept);
      if (past.length > LONGEST) past.shift();
      last = apart ? 0 : Date.now();
      set(values);
    },
    undo() {
      const before = past.pop();
      last = 0;
      if (before) set(before);
      return before !== undefined;
    },
    /** The reader looks at something else. */
    note,
    /** What comes now is a gesture of its own. */
    cut() {
      last = 0;
    },
    get canUndo() {
      return past.length > 0;
    },
    /** True if the piece came with a state in the address. */
    get restored() {
      return restored;
    },
  };
}

const changed = (before, after) =>
  Object.fromEntries(
    Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])),
  );

/** True if a value could stand in the place of another: numbers are finite, lists alike inside. */
function sameShape(value, example) {
  if (typeof value !== typeof example) return false;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(example)) {
    return Array.isArray(value) && value.every((item) => example.length === 0 || sameShape(item, example[0]));
  }
  if (value === null || example === null) return value === example;
  if (typeof value === "object") return Object.keys(example).every((name) => sameShape(value[name], example[name]));
  return true;
}
