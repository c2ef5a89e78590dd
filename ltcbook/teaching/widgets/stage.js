// What the pieces share whose picture is the control: handles that are dragged or moved with the
// keys, and motion for those who want it.

import { html, svg } from "./kit.js";

/** @typedef {{ node: Element, set: (value: number, text: string) => void }} Handle */

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/**
 * Make a node of a picture a slider: dragged by a pointer, moved by the arrow keys.
 *
 * @param {SVGElement} node what is dragged; it is kept, so that focus and capture are.
 * @param {object} options
 * @param {string} options.label its name for screen readers.
 * @param {number} options.min
 * @param {number} options.max
 * @param {number} options.step of an arrow key; ten of them for Page Up and Page Down.
 * @param {() => number} options.get the value now.
 * @param {(event: PointerEvent) => number} options.at the value under the pointer.
 * @param {(value: number, event?: Event) => void} options.move called with each new value.
 * @param {() => void} [options.end] called after the last.
 * @param {() => void} [options.remove] called by the Delete key.
 * @returns {Handle}
 */
export function handle(node, options) {
  const { label, min, max, step, get, at, move, end, remove } = options;
  let held = false;
  /** Where the thing was taken hold of, beside its own value. */
  let offset = 0;
  const put = (value, event) => move(Number(clamp(value, min, max).toPrecision(8)), event);
  for (const [name, value] of Object.entries({
    role: "slider",
    tabindex: "0",
    "aria-label": label,
    "aria-valuemin": min,
    "aria-valuemax": max,
  }))
    node.setAttribute(name, String(value));
  node.classList.add("handle");

  node.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    held = true;
    offset = get() - at(event);
    node.setPointerCapture(event.pointerId);
    node.toggleAttribute("data-pointed", true); // no frame round what the pointer holds
    node.focus({ preventScroll: true });
    event.preventDefault();
    event.stopPropagation();
  });
  node.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (held) put(at(event) + offset, event);
  });
  const letGo = () => {
    if (!held) return;
    held = false;
    end?.();
  };
  node.addEventListener("pointerup", letGo);
  node.addEventListener("pointercancel", letGo);
  node.addEventListener("blur", () => node.removeAttribute("data-pointed"));
  node.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    node.removeAttribute("data-pointed");
    if ((event.key === "Delete" || event.key === "Backspace") && remove) {
      event.preventDefault();
      return remove();
    }
    const target = {
      ArrowRight: get() + step,
      ArrowUp: get() + step,
      ArrowLeft: get() - step,
      ArrowDown: get() - step,
      PageUp: get() + 10 * step,
      PageDown: get() - 10 * step,
      Home: min,
      End: max,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    put(target, event);
    end?.();
  });
  return {
    node,
    set(value, text) {
      node.setAttribute("aria-valuenow", String(value));
      node.setAttribute("aria-valuetext", text);
    },
  };
}

/** Does the reader ask for less motion? */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Call `frame` with the part that has passed, 0 to 1, for `seconds`; at once with 1 without motion.
 *
 * @param {number} seconds @param {(part: number) => void} frame
 * @returns {() => void} what stops it.
 */
export function animate(seconds, frame) {
  if (still()) {
    frame(1);
    return () => {};
  }
  let request = 0;
  let start = null;
  const tick = (now) => {
    start ??= now;
    const part = Math.min(1, (now - start) / (1000 * seconds));
    frame(part);
    if (part < 1) request = requestAnimationFrame(tick);
  };
  request = requestAnimationFrame(tick);
  return () => cancelAnimationFrame(request);
}

/** A pointer's place in the user units of the picture it is over. */
export function placeIn(picture, event) {
  const box = picture.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** A sentence under the picture, computed from its state. */
export const caption = () => html("p", { class: "caption" });

/** A round grip that is easy to hit with a finger: a dot in a wide, unseen circle. */
export const grip = (kind, radius = 7) =>
  svg(
    "g",
    { class: `grip ${kind}` },
    svg("circle", { class: "reach", r: 20 }),
    svg("circle", { class: "dot", r: radius }),
  );
