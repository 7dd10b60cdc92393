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
