// Shared by every page: CSRF for htmx and fetch, toasts, menus, the theme switch.
(function () {
  "use strict";
  const meta = document.querySelector('meta[name="csrf-token"]');

  /** The current token; log-in in another tab changes the cookie, so that goes first. */
  function csrf() {
    const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    return found ? decodeURIComponent(found[1]) : meta ? meta.content : "";
  }

  /** The session ended: a fragment must not be answered by the log-in page. */
  function leftForLogin(response) {
    const away = response.redirected && new URL(response.url).pathname.startsWith("/login/");
    if (away) location.reload();
    return away;
  }

  /** JSON or form request to our own server. Rejects with {status, code, detail, fields}. */
  async function request(method, url, body, { signal } = {}) {
    const headers = { Accept: "application/json", "X-CSRFToken": csrf() };
    const plain = body !== undefined && !(body instanceof FormData);
    if (plain) headers["Content-Type"] = "application/json";
    const response = await fetch(url, {
      method, headers, signal, credentials: "same-origin", body: plain ? JSON.stringify(body) : body,
    });
    if (leftForLogin(response)) return new Promise(() => {});
    const data = await response.json().catch(() => ({}));
    if (response.ok) return data;
    throw Object.assign(new Error(data.detail || `HTTP ${response.status}`), {
      status: response.status, code: data.code, detail: data.detail, fields: data.fields || {},
    });
  }

  /** A short message at the edge of the page. kind: info | ok | danger */
  function toast(text, kind = "info") {
    const box = document.getElementById("toasts");
    if (!box || !text) return;
    const item = document.createElement("div");
    item.className = `toast toast-${kind}`;
    item.textContent = text;
    box.append(item);
    setTimeout(() => item.remove(), 5000);
  }

  function failed(error) {
    if (error && error.name === "AbortError") return;
    const lost = !error || error.status === undefined;
    toast(lost ? "网络连接失败，请稍后再试" : error.detail || `请求失败（${error.status}）`, "danger");
  }

  document.addEventListener("htmx:config:request", (event) => {
    const { request: out } = event.detail.ctx;
    if (!/^(GET|HEAD)$/i.test(out.method)) out.headers["X-CSRFToken"] = csrf();
  });

  document.addEventListener("htmx:before:response", (event) => {
    if (leftForLogin(event.detail.ctx.response.raw)) event.preventDefault();
  });

  // Errors are said, never swapped into the page.
  document.addEventListener("htmx:response:error", (event) => {
    const { ctx } = event.detail;
    let detail = "";
    try {
      detail = JSON.parse(ctx.text).detail;
    } catch (error) {
      detail = "";
    }
    failed({ status: ctx.response.status, detail });
  });

  // Reading again may fail quietly, it is tried again; an action must not.
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail;
    if (ctx && ctx.request && !/^(GET|HEAD)$/i.test(ctx.request.method)) failed(null);
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    const choice = event.target.closest("[data-theme-choice]");
    if (choice) {
      window.LingxiTheme.set(choice.dataset.themeChoice);
      markTheme();
    }
  });

  // A notice that is followed has been read; the page may be gone before the answer comes.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-notice]");
    if (!link) return;
    const body = new FormData();
    body.append("notice", link.dataset.notice);
    const headers = { "X-CSRFToken": csrf() };
    fetch("/workbench/notices/read/", { method: "POST", body, headers, keepalive: true, credentials: "same-origin" });
  });

  // What is new since the last look is said once, besides the bell.
  let unread = null;
  document.addEventListener("htmx:after:swap", () => {
    const panel = document.querySelector("#bell .bell-panel");
    if (!panel) return;
    const count = Number(panel.dataset.unread);
    if (unread !== null && count > unread) toast(panel.querySelector(".is-unread").firstElementChild.textContent);
    unread = count;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
  });

  function markTheme() {
    document.querySelectorAll("[data-theme-choice]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === window.LingxiTheme.get()));
    });
  }

  if (window.htmx) window.htmx.config.noSwap.push("4xx", "5xx");
  markTheme();
  window.Lingxi = { csrf, request, toast, failed };
})();
