// What htmx leaves to us: where the reader is after a page was changed, and what is no page. Pages need none of it.
"use strict";

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.boosted) {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const place = named ?? document.getElementById("content"); // a screen reader begins with the heading
    if (named && named.tabIndex < 0) {
      named.tabIndex = -1; // so that it can hold the focus
    }
    place?.focus({ preventScroll: true });
  }
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const type = event.detail.xhr.getResponseHeader("content-type") ?? "";
  if (!type.startsWith("text/html")) {
    event.detail.shouldSwap = false;
    location.assign(event.detail.pathInfo.finalRequestPath); // a file: the browser knows what to do with it
  }
});

document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.boosted) {
    location.assign(event.detail.pathInfo.finalRequestPath); // nobody answers: the browser says so
  }
});

// Where a newer page takes the place of an older one, what the reader unfolded stays so, and the focus where it is; while
// he fills in a form, the older one stays, and its link leads to the newer one.

/** These elements of the page by what they are called in the older one and in the newer one alike. */
function named(elements) {
  const counted = new Map();
  const found = new Map();
  for (const element of document.querySelectorAll(elements)) {
    const kind = `${element.closest("[id]").id} ${element.localName}`;
    counted.set(kind, (counted.get(kind) ?? 0) + 1);
    found.set(`${kind} ${counted.get(kind)}`, element);
  }
  return found;
}

const FOLDS = "#content details";
const STOPS = "#content summary, #content a";
let kept = null; // of the older page, until the newer one is there

document.addEventListener("htmx:beforeSwap", (event) => {
  kept = null;
  if (event.detail.requestConfig.elt.id !== "older") {
    return;
  }
  const focused = document.activeElement;
  if (focused?.matches("#content select, #content input")) {
    event.detail.shouldSwap = false;
    return;
  }
  const unfolded = [...named(FOLDS)].map(([name, details]) => [name, details.open]);
  const held = focused?.matches(STOPS) ? [...named(STOPS)].find(([, element]) => element === focused)?.[0] : null;
  kept = { unfolded, held };
});

document.addEventListener("htmx:afterSwap", () => {
  if (kept) {
    const folds = named(FOLDS);
    for (const [name, open] of kept.unfolded) {
      folds.get(name)?.toggleAttribute("open", open);
    }
    if (kept.held) {
      named(STOPS).get(kept.held)?.focus({ preventScroll: true });
    }
    kept = null;
  }
});
