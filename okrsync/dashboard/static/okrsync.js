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

// Where a newer page takes the place of an older one, what the reader unfolded stays so, and the focus where it is.

/** What an element of the page is called in the older one and in the newer one alike. */
function called(element) {
  const above = element.closest("[id]");
  const alike = [...above.querySelectorAll(element.localName)].filter((one) => one.closest("[id]") === above);
  return `${above.id} ${element.localName} ${alike.indexOf(element)}`;
}

function each(names, act) {
  for (const element of document.querySelectorAll("#content details, #content summary, #content a")) {
    const name = called(element);
    if (names.has(name)) {
      act(element, names.get(name));
    }
  }
}

let unfolded = new Map();
let held = new Map();

document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded = new Map();
  held = new Map();
  if (event.detail.requestConfig.elt.id === "older") {
    for (const one of document.querySelectorAll("#content details")) {
      unfolded.set(called(one), one.open);
    }
    const focused = document.activeElement;
    if (focused?.matches("#content summary, #content a")) {
      held.set(called(focused), true);
    }
  }
});

document.addEventListener("htmx:afterSwap", () => {
  each(unfolded, (details, open) => {
    details.open = open;
  });
  each(held, (element) => element.focus({ preventScroll: true }));
});
