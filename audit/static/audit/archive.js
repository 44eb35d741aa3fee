// The archive: "/" goes to the search box, the address follows the search, "back" goes back.
(function () {
  "use strict";
  const form = document.getElementById("archive-form");
  const words = document.getElementById("id_q");

  function typing(element) {
    return element instanceof Element && element.matches("input, textarea, select, [contenteditable]");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (!words) return;
    event.preventDefault();
    words.focus();
    words.select();
  });

  // A search that was typed can be reloaded, sent to a colleague, and come back to.
  document.addEventListener("htmx:after:swap", (event) => {
    const { ctx } = event.detail;
    if (!form || !ctx || ctx.sourceElement !== form) return;
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) asked.append(name, value);
    const query = asked.toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
  });

  // Coming from the results, "back" is one step back in history, with filters and scroll position.
  const back = document.querySelector("[data-back]");
  if (back) {
    back.addEventListener("click", (event) => {
      const from = document.referrer && new URL(document.referrer);
      if (!from || from.origin !== location.origin || from.pathname !== back.pathname) return;
      event.preventDefault();
      history.back();
    });
  }
})();
