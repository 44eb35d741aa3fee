/* Small helpers around the DOM, first of the parts (they are joined in alphabetical order).
   Nothing here parses HTML: text from outside stays text. */
(function (W) {
  "use strict";

  /** An element: h("div", {class, onclick, aria-label, …}, ...children). */
  W.h = function (tag, props = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(props)) {
      if (value === null || value === undefined || value === false) continue;
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (key === "hidden" || key === "disabled" || key === "value") node[key] = value;
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return node;
  };

  const PATHS = {
    chat: "M12 3.5c-5 0-9 3.4-9 7.7 0 2.5 1.4 4.7 3.5 6.1-.1 1-.5 2-1.2 2.9-.2.3 0 .7.4.6 1.7-.2 3.2-.9 4.4-1.9.6.1 1.2.1 1.9.1 5 0 9-3.4 9-7.8S17 3.5 12 3.5zM8.3 10.3v1.4M15.7 10.3v1.4M9.5 14.2c1.5 1 3.5 1 5 0",
    down: "M6 9.5l6 6 6-6", close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
    send: "M4 12l15.5-7.5-4 15-4-5.5zM11.5 14l8-9.5",
    clip: "M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L9.8 17a1.7 1.7 0 0 1-2.4-2.4l7.6-7.5",
    file: "M13.5 3.5h-6a2 2 0 0 0-2 2v13a2 2 0 0 0 2 2h9a2 2 0 0 0 2-2v-10zM13.5 3.5v5h5",
    end: "M14.5 4.5h3a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-3M10 16l-4.5-4L10 8M6 12h9.5",
    tick: "M6 12.5l4 4 8-9", ticks: "M3 12.5l4 4 8-9M11.5 15.5l1.5 1 8-9",
    clock: "M12 7.5V12l3 2M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z",
    alert: "M12 8v5M12 16v.2M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15z",
    quote: "M9.5 5.5L5 10l4.5 4.5M5 10h8a6 6 0 0 1 6 6v2", recall: "M5 5v5h5M5.5 10a7.5 7.5 0 1 1 0 5",
    edit: "M5 19l1-4L16 5l3 3L9 18z",
    ticket: "M4 7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v2.5a2.5 2.5 0 0 0 0 5V17a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-2.5a2.5 2.5 0 0 0 0-5zM14 5v3M14 11v2M14 16v3",
    star: "M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z",
  };

  /** A line icon; decorative, so hidden from assistive technology. */
  W.icon = function (name) {
    const ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg");
    const path = document.createElementNS(ns, "path");
    path.setAttribute("d", PATHS[name]);
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", `icon i-${name}`);
    svg.append(path);
    return svg;
  };

  const LINK = /\bhttps?:\/\/[^\s<>"'“”‘’（）【】《》，。；：！？、]+/gi;

  /** Text nodes and safe links; nothing but http(s) becomes a link. */
  W.linkify = function (text) {
    const out = [];
    let from = 0;
    for (const match of text.matchAll(LINK)) {
      const url = match[0].replace(/[.,;:!?)\]]+$/, "");
      out.push(text.slice(from, match.index));
      out.push(W.h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, url));
      from = match.index + url.length;
    }
    out.push(text.slice(from));
    return out.filter((part) => part !== "");
  };

  /** An address from the server, or null when it is not one to follow. */
  W.safeUrl = function (url, base) {
    try {
      const full = new URL(url, base || location.href);
      return /^(https?|blob):$/.test(full.protocol) ? full.href : null;
    } catch (error) {
      return null;
    }
  };

  W.clock = (when, lang) => new Date(when).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hour12: false });

  W.day = function (when, words) {
    const date = new Date(when);
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
    if (days === 0) return words.today;
    if (days === 1) return words.yesterday;
    return date.toLocaleDateString(words.lang, { month: "long", day: "numeric", weekday: "short" });
  };

  W.bytes = (n) => (n >= 1048576 ? `${(n / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round((n || 0) / 1024))} KB`);

  /** Black or white, whichever reads better on `color` (#rgb or #rrggbb). */
  W.ink = function (color) {
    const hex = color.length === 4 ? color.replace(/[0-9a-f]/gi, "$&$&") : color;
    const [r, g, b] = [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.4 ? "#12211d" : "#ffffff";
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
