/* The frame: launcher, panel with its head and banners, keyboard inside them. */
(function (W) {
  "use strict";

  const { h, icon } = W;
  W.PHONE = "(max-width: 480px), (max-height: 460px)";

  W.Shell = class {
    /** `on`: {words, base, theme, messages, toggle(), close(), end(), escape(), human(), tickets()} */
    constructor(on) {
      Object.assign(this, { on, words: on.words });
      this.host = h("lingxi-widget", {});
      if (on.theme !== "auto") this.host.dataset.theme = on.theme;
      this.shadow = this.host.attachShadow({ mode: "open" });
      W.dress(this.shadow, W.css);
      this.root = h("div", { class: "root", lang: on.words.lang }, this.buildLauncher(), this.buildPanel());
      this.shadow.append(this.root);
    }

    buildLauncher() {
      this.badge = h("span", { class: "unread", hidden: true, "data-testid": "unread" });
      this.launcher = h("button", { class: "launcher", type: "button", "aria-label": this.words.launcher, "aria-expanded": "false",
        "data-testid": "launcher", onclick: this.on.toggle }, icon("chat"), icon("down"), this.badge);
      return this.launcher;
    }

    buildPanel() {
      const { words } = this;
      this.connection = h("div", { class: "banner connection", role: "status", hidden: true, "data-testid": "connection" });
      this.queue = h("div", { class: "banner queue", role: "status", hidden: true, "data-testid": "queue" });
      this.bot = h("div", { class: "banner queue", role: "status", hidden: true, "data-testid": "bot" }, h("b", {}, words.bot),
        h("button", { type: "button", "data-testid": "handoff", onclick: this.on.human }, words.human));
      this.extra = h("div", { class: "extra", "data-testid": "extra" });
      this.notice = h("div", { class: "notice", role: "alert", hidden: true, "data-testid": "notice" });
      this.typing = h("div", { class: "typing", hidden: true, "data-testid": "typing" },
        h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span"));
      this.foot = h("div", { class: "foot" });
      this.panel = h("div", { class: "panel", role: "dialog", "aria-labelledby": "lx-title", hidden: true, tabindex: "-1",
        "data-testid": "panel", onkeydown: (event) => this.key(event) },
        this.buildHead(), this.connection, this.queue, this.bot, this.on.messages, this.extra, this.typing, this.notice, this.foot,
        h("div", { class: "droptip" }, words.dropHere));
      return this.panel;
    }

    buildHead() {
      const { words, on } = this;
      const tool = (name, testid, label, onclick) => h("button",
        { type: "button", title: label, "aria-label": label, "data-testid": testid, onclick }, icon(name));
      this.logo = h("div", { class: "logo", "aria-hidden": "true" });
      this.titleText = h("b", { id: "lx-title" });
      this.subtitle = h("span", { "data-testid": "subtitle" });
      this.endButton = tool("end", "end", words.end, on.end);
      this.ticketsButton = tool("ticket", "tickets", words.tickets, on.tickets);
      this.ticketsButton.hidden = true;
      return h("div", { class: "head" }, this.logo, h("div", { class: "title" }, this.titleText, this.subtitle),
        this.ticketsButton, this.endButton, tool("down", "close", words.close, on.close));
    }

    /** Name, colour and picture from the administration. */
    brand(name, color, logo) {
      if (/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color)) {
        this.root.style.setProperty("--brand", color);
        this.root.style.setProperty("--ink", W.ink(color));
      }
      this.titleText.textContent = name;
      const src = logo && W.safeUrl(logo, this.on.base + "/");
      this.logo.replaceChildren(src ? h("img", { src, alt: "" }) : [...name][0]);
    }

    showQueue(queue) {
      const { words } = this;
      this.queue.hidden = !queue || !Number.isFinite(queue.ahead);
      if (this.queue.hidden) return;
      const wait = Number.isFinite(queue.estimated_wait) ? words.wait(Math.ceil(queue.estimated_wait / 60)) : "";
      const text = queue.ahead > 0 ? `${words.queueing} · ${words.queueAhead(queue.ahead)}` : words.queueNext;
      this.queue.replaceChildren(h("b", {}, text), h("span", {}, wait));
    }

    tell(text) {
      this.notice.textContent = text;
      this.notice.hidden = false;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => (this.notice.hidden = true), 5000);
    }

    key(event) {
      if (event.key === "Escape" && !event.isComposing) {
        event.stopPropagation();
        this.on.escape();
      }
      if (event.key === "Tab" && matchMedia(W.PHONE).matches) this.trap(event);
    }

    /** Full screen there is nothing else to tab to. */
    trap(event) {
      const all = [...this.panel.querySelectorAll("button, input, textarea, select, a[href]")].filter((node) => node.offsetParent && !node.disabled && !node.closest("[inert]"));
      const edge = event.shiftKey ? all[0] : all[all.length - 1];
      if (!all.length || this.shadow.activeElement !== edge) return;
      event.preventDefault();
      (event.shiftKey ? all[all.length - 1] : all[0]).focus();
    }
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
