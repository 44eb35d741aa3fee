// Runs before the first paint, so a chosen theme does not flash. "" follows the system.
(function () {
  "use strict";
  const KEY = "lingxi:theme";
  const root = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem(KEY) || "";
    } catch (error) {
      return "";
    }
  };
  const apply = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  apply(stored());
  window.LingxiTheme = {
    get: stored,
    set(theme) {
      try {
        localStorage.setItem(KEY, theme);
      } catch (error) {
        // Private mode: the choice lasts as long as the page.
      }
      apply(theme);
    },
  };
  window.addEventListener("storage", (event) => event.key === KEY && apply(stored()));
})();
