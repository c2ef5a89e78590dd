// The starts of the paths as handles: for the pointer, and for the keys.

import { number, svg } from "./kit.js";

const KEYS = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1 };

export const side = (start) => (start > 0 ? "above" : start < 0 ? "below" : "middle");

/** A start as a dot that takes the keys. */
export const gripOf = (start, k, place) =>
  svg("circle", {
    ...place,
    class: `grip ${side(start)}`,
    role: "slider",
    tabindex: 0,
    "aria-label": `Start ${k + 1}`,
    "aria-valuemin": -3,
    "aria-valuemax": 3,
    "aria-valuenow": number(start, 3).replace("−", "-"),
  });

const grips = (place) => [...place.querySelectorAll(".grip")];

/** Call `move(start, by)` for the arrow keys on a start, and `end` when they are let go. */
export function byKeys(place, move, end) {
  const which = (event) => (event.key in KEYS ? grips(place).indexOf(event.target) : -1);
  place.addEventListener("keydown", (event) => {
    const k = which(event);
    if (k < 0) return;
    event.preventDefault();
    move(k, KEYS[event.key]);
  });
  place.addEventListener("keyup", (event) => {
    if (which(event) >= 0) end();
  });
}

/** Put a picture in the place of the last one; the start that has the focus keeps it. */
export function redrawn(place, picture) {
  const k = grips(place).indexOf(document.activeElement);
  place.replaceChildren(picture);
  if (k >= 0) grips(place)[k]?.focus();
}
