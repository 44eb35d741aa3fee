/**
 * The Lingxi chat widget. Served at /widget.js as one file: client.js, the parts in widget/, this.
 *
 *   <script async src="https://kf.example.com/widget.js" data-channel="demo-web"
 *           data-lang="zh|en|auto" data-color="#0e7a67" data-theme="auto|light|dark"></script>
 *
 *   Lingxi.open(); Lingxi.close();
 *   Lingxi.identify({kind: "member_id", value: "M1024", signature: "…", profile: {name: "…"}});
 *   Lingxi.setContext({order_number: "…", member_level: "gold"});
 *   Lingxi.on("ready|open|close|message|unread|conversation|ended|rated", fn);
 */
(function (W) {
  "use strict";

  if (window.Lingxi) return; // the tag was put on the page twice
  const { h, icon } = W;
  const tag = document.currentScript || document.querySelector("script[data-channel]");
  const option = (name, fallback) => (tag && tag.dataset[name]) || fallback;
  const PHONE = "(max-width: 480px), (max-height: 460px)";
  const QUIET_MS = 1500; // a reconnect shorter than this is nobody's concern

  class Widget {
    constructor() {
      this.base = option("base", tag && tag.src ? new URL(tag.src).origin : location.origin);
      this.words = W.words(option("lang", "auto"));
      this.session = new W.Session({ base: this.base, channel: option("channel", "") });
      this.config = this.session.get("config") || {};
      Object.assign(this, { uploads: new Map(), previews: new Map(), listeners: {}, visible: false, ended: false });
      this.kept = this.session.get("conversation");
      this.client = this.makeClient();
      this.build();
      this.wire();
    }

    makeClient() {
      const { session } = this;
      session.onsession = (answer) => this.sessionStarted(answer);
      return new LingxiClient({
        role: "visitor", base: this.base, storage: LingxiClient.webStorage(session.store), storageKey: session.prefix,
        cache: true, timing: this.timing(), authenticate: (reason) => session.authenticate(reason),
        openConversation: () => this.openConversation(),
      });
    }

    /** Tests may hurry the clock. */
    timing() {
      try {
        return JSON.parse(option("timing", "{}"));
      } catch (error) {
        return {};
      }
    }

    get id() { return this.kept ? this.kept.id : null; }
    get log() { return this.id ? this.client.log(this.id) : undefined; }
    name() { return this.config.name || this.words.online; }

    // ---- building ----------------------------------------------------------------------------

    build() {
      const { words } = this;
      this.host = h("lingxi-widget", {});
      if (option("theme", "auto") !== "auto") this.host.dataset.theme = option("theme");
      this.shadow = this.host.attachShadow({ mode: "open" });
      W.dress(this.shadow, this.base);
      this.messages = new W.Messages({
        client: this.client, words, base: this.base, previews: this.previews, uploads: this.uploads,
        greeting: () => this.config.greeting || words.greeting, name: () => this.name(), conversation: () => this.id,
        retry: (entry) => this.retry(entry), discard: (entry) => this.discard(entry), show: (url, alt) => this.lightbox(url, alt),
      });
      this.composer = new W.Composer({ words, send: (text) => this.say(text), draft: (text) => this.draft(text),
        files: (list) => list.forEach((file) => this.sendFile(file)) });
      this.survey = new W.Survey({ words, rate: (rating) => this.rate(rating), restart: () => this.restart() });
      this.root = h("div", { class: "root", lang: words.lang }, this.buildLauncher(), this.buildPanel());
      this.shadow.append(this.root);
      this.composer.restore(this.session.get("draft"));
      this.composer.droppable(this.panel);
      this.brand();
    }

    buildLauncher() {
      this.badge = h("span", { class: "unread", hidden: true, "data-testid": "unread" });
      this.launcher = h("button", { class: "launcher", type: "button", "aria-label": this.words.launcher, "aria-expanded": "false",
        "data-testid": "launcher", onclick: () => (this.visible ? this.close() : this.open()) }, icon("chat"), icon("down"), this.badge);
      return this.launcher;
    }

    buildPanel() {
      const { words } = this;
      const tool = (name, testid, label, onclick) => h("button", { type: "button", title: label, "aria-label": label, "data-testid": testid, onclick }, icon(name));
      this.logo = h("div", { class: "logo", "aria-hidden": "true" });
      this.titleText = h("b", { id: "lx-title" });
      this.subtitle = h("span", { "data-testid": "subtitle" });
      this.endButton = tool("end", "end", words.end, () => this.askEnd());
      this.connection = h("div", { class: "banner connection", role: "status", hidden: true, "data-testid": "connection" });
      this.queue = h("div", { class: "banner queue", role: "status", hidden: true, "data-testid": "queue" });
      this.notice = h("div", { class: "notice", role: "alert", hidden: true, "data-testid": "notice" });
      this.typing = h("div", { class: "typing", hidden: true, "data-testid": "typing" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span"));
      this.foot = h("div", { class: "foot" });
      this.panel = h("div", { class: "panel", role: "dialog", "aria-labelledby": "lx-title", hidden: true, tabindex: "-1",
        "data-testid": "panel", onkeydown: (event) => this.key(event) },
        h("div", { class: "head" }, this.logo, h("div", { class: "title" }, this.titleText, this.subtitle), this.endButton,
          tool("down", "close", words.close, () => this.close())),
        this.connection, this.queue, this.messages.node, this.typing, this.notice, this.foot, h("div", { class: "droptip" }, words.drop));
      return this.panel;
    }

    /** Name, colour and picture from the administration. */
    brand() {
      const color = option("color", "") || this.config.brand_color || "";
      if (/^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color)) {
        this.root.style.setProperty("--brand", color);
        this.root.style.setProperty("--ink", W.ink(color));
      }
      this.titleText.textContent = this.name();
      const logo = this.config.logo && W.safeUrl(this.config.logo, this.base + "/");
      this.logo.replaceChildren(logo ? h("img", { src: logo, alt: "" }) : [...this.name()][0]);
    }

    wire() {
      const { client } = this;
      client.on("event", ({ event }) => this.arrived(event));
      client.on("status", () => this.draw());
      client.on("queue", () => this.draw());
      client.on("resync", ({ reason, conversation }) => this.resynced(reason, conversation));
      client.on("typing", (frame) => this.typed(frame));
      client.on("connection", (state) => this.connected(state));
      addEventListener("online", () => client.wake());
      addEventListener("offline", () => client.wake());
      document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.cameBack());
      if (window.visualViewport) {
        visualViewport.addEventListener("resize", () => this.fit());
        visualViewport.addEventListener("scroll", () => this.fit());
      }
      addEventListener("popstate", () => this.pageView());
      if (window.navigation) navigation.addEventListener("navigatesuccess", () => this.pageView());
    }

    // ---- starting ----------------------------------------------------------------------------

    async start() {
      document.body.append(this.host);
      if (this.kept && this.kept.done) this.forget();
      if (this.kept) await this.client.open(this.kept.id, { epoch: this.kept.epoch, state: this.kept.state });
      await this.client.outbox.load();
      this.draw();
      if (this.session.get("open")) this.open({ focus: false });
      this.session.config().then((config) => this.configured(config), () => {});
      if (this.id || this.client.pending(null).length) this.client.start();
      await this.pageView();
      this.emit("ready", {});
    }

    configured(config) {
      this.config = config;
      this.brand();
      this.draw();
    }

    sessionStarted({ conversation }) {
      if (conversation && conversation.id !== this.id) this.follow(conversation);
    }

    async openConversation() {
      const conversation = await this.client.request("POST", "/api/v1/visitor/conversations", {
        context: this.session.entry, ...(Object.keys(this.session.fields).length && { fields: this.session.fields }) });
      this.keep(conversation);
      return conversation;
    }

    keep({ id, epoch, state }) {
      this.kept = { id, epoch, state };
      this.session.set("conversation", this.kept);
      this.emit("conversation", { id });
      this.draw();
    }

    async follow(conversation) {
      if (this.id) this.client.leave(this.id);
      this.keep(conversation);
      await this.client.open(conversation.id, { epoch: conversation.epoch, state: conversation.state });
      this.client.start();
      this.draw();
    }

    forget() {
      if (this.kept) this.client.leave(this.kept.id);
      this.kept = null;
      this.session.set("conversation", null);
    }

    async pageView() {
      if (this.page === location.href) return;
      this.page = location.href;
      const view = { url: location.href.slice(0, 2000), title: document.title.slice(0, 200), referrer: document.referrer.slice(0, 2000) };
      if (await this.client.authorize()) await this.client.request("POST", "/api/v1/visitor/page-views", view).catch(() => {});
    }

    // ---- the window --------------------------------------------------------------------------

    open({ focus = true } = {}) {
      if (this.visible) return;
      this.show(true);
      this.client.start();
      this.fit();
      this.draw();
      this.messages.toEnd();
      this.markRead();
      if (focus) matchMedia(PHONE).matches ? this.panel.focus() : this.composer.focus();
    }

    close() {
      if (!this.visible) return;
      this.show(false);
      this.launcher.focus({ preventScroll: true });
    }

    show(on) {
      this.visible = on;
      this.panel.hidden = !on;
      this.root.classList.toggle("open", on);
      this.launcher.setAttribute("aria-expanded", String(on));
      this.session.set("open", on);
      const phone = matchMedia(PHONE).matches;
      this.panel.setAttribute("aria-modal", String(phone));
      document.documentElement.style.overflow = on && phone ? "hidden" : "";
      this.emit(on ? "open" : "close", {});
    }

    /** On phones the keyboard covers the page: the panel takes what is left. */
    fit() {
      const view = window.visualViewport;
      if (!view || !this.visible) return;
      this.panel.style.setProperty("--vh", `${view.height}px`);
      this.panel.style.setProperty("--vt", `${view.offsetTop}px`);
      if (this.messages.stuck) this.messages.toEnd();
    }

    key(event) {
      if (event.key === "Escape" && !event.isComposing) {
        event.stopPropagation();
        this.sheet ? this.ask(null) : this.close();
      }
      if (event.key === "Tab" && matchMedia(PHONE).matches) this.trap(event);
    }

    trap(event) {
      const all = [...this.panel.querySelectorAll("button, textarea, a[href]")].filter((node) => node.offsetParent && !node.disabled);
      const edge = event.shiftKey ? all[0] : all[all.length - 1];
      if (!all.length || this.shadow.activeElement !== edge) return;
      event.preventDefault();
      (event.shiftKey ? all[all.length - 1] : all[0]).focus();
    }

    // ---- drawing -----------------------------------------------------------------------------

    /** Many changes in one turn make one drawing. */
    draw() {
      if (this.drawing) return;
      this.drawing = setTimeout(() => {
        this.drawing = null;
        this.drawState();
        this.drawQueue();
        this.messages.render(this.id);
        this.drawUnread();
      }, 0);
    }

    drawState() {
      const { words, log } = this;
      const state = log && log.state;
      const away = state === "offline" || (!log && this.config.open === false);
      this.root.classList.toggle("away", away);
      this.subtitle.textContent = log && log.agent ? words.serving(log.agent.name) : away ? words.away : words.online;
      this.endButton.hidden = !log || state === "closed";
      const ended = state === "closed";
      if (ended && !this.ended) this.askRating();
      this.ended = ended;
      const foot = this.sheet || (ended ? this.survey.node : this.composer.node);
      if (this.foot.firstChild !== foot) this.foot.replaceChildren(foot);
    }

    askRating() {
      this.sheet = null;
      this.typing.hidden = true;
      this.survey.show(!this.log.events.some((event) => event.kind === "rating"));
      this.emit("ended", { id: this.id });
    }

    drawQueue() {
      const { words, log } = this;
      const queue = log && log.state !== "closed" && !log.agent ? log.queue : null;
      this.queue.hidden = !queue || queue.ahead === undefined || queue.ahead === null;
      if (this.queue.hidden) return;
      const wait = queue.estimated_wait === null || queue.estimated_wait === undefined ? "" : words.wait(Math.ceil(queue.estimated_wait / 60));
      const text = queue.ahead > 0 ? `${words.queueing} · ${words.queueAhead(queue.ahead)}` : words.queueNext;
      this.queue.replaceChildren(h("b", {}, text), h("span", {}, wait));
    }

    drawUnread() {
      const { log } = this;
      const unread = !log || this.visible ? 0 : log.events.filter((event) => event.seq > log.mine && event.kind === "message" && event.author.type !== "visitor").length;
      this.badge.hidden = !unread;
      this.badge.textContent = unread > 99 ? "99+" : String(unread);
      this.launcher.setAttribute("aria-label", unread ? `${this.words.launcher}, ${this.words.unread(unread)}` : this.words.launcher);
      if (unread !== this.unread) this.emit("unread", { count: unread });
      this.unread = unread;
    }

    connected({ state, transport, reason }) {
      Object.assign(this.connection.dataset, { state, transport: transport || "" });
      if (state === "online" || state === "stopped" || state === "refused") {
        clearTimeout(this.bannerTimer);
        this.bannerTimer = null;
        this.connection.hidden = true;
      }
      if (state === "refused") this.showConnection();
      else if (state !== "online" && state !== "stopped") this.bannerTimer = this.bannerTimer || setTimeout(() => this.showConnection(), QUIET_MS);
      if (state === "online") this.uploads.forEach((upload) => upload.status === "failed" && upload.reason === "timeout" && this.upload(upload));
      if (state === "refused" && reason) this.connection.dataset.reason = reason;
    }

    showConnection() {
      const { words, client } = this;
      const { state } = client.connection;
      const lost = navigator.onLine === false ? words.noNetwork : client.link.everUp ? words.reconnecting : words.connecting;
      this.connection.textContent = state === "refused" ? words.refused : lost;
      this.connection.hidden = false;
    }

    typed({ author, active }) {
      if (author.type === "visitor") return;
      this.typing.hidden = !active || this.ended;
      this.typing.lastChild.textContent = active ? this.words.typing(author.name || (this.log && this.log.agent && this.log.agent.name)) : "";
    }

    // ---- talking -----------------------------------------------------------------------------

    say(text) {
      this.messages.stuck = true;
      this.client.send(this.id, "text", { text });
      this.client.start();
      this.draw();
    }

    draft(text) {
      this.session.set("draft", text || null);
      if (this.id) this.client.typing(this.id, text);
    }

    arrived(event) {
      this.draw();
      if (event.kind === "message" && event.author.type !== "visitor") this.emit("message", { event });
      if (event.kind === "state" && this.kept) this.session.set("conversation", { ...this.kept, state: event.content.state });
      if (event.kind === "rating" && !this.survey.thanked) this.survey.show(false); // rated in another tab
      this.markRead();
    }

    markRead() {
      if (this.visible && document.visibilityState === "visible" && this.id) this.client.read(this.id);
    }

    cameBack() {
      this.client.wake();
      this.markRead();
    }

    resynced(reason, conversation) {
      if (reason === "revoked" && conversation === this.id) this.forget();
      this.messages.clear();
      this.draw();
      this.markRead();
    }

    retry(entry) {
      if (this.uploads.has(entry.client_msg_id)) return this.upload(this.uploads.get(entry.client_msg_id));
      const elsewhere = entry.reason === "closed" ? { conversation: null } : undefined;
      if (elsewhere && this.ended) this.forget();
      this.client.retry(entry.client_msg_id, elsewhere);
      this.draw();
    }

    discard(entry) {
      this.uploads.delete(entry.client_msg_id);
      this.client.discard(entry.client_msg_id);
      this.draw();
    }

    // ---- files -------------------------------------------------------------------------------

    sendFile(file) {
      const limit = this.config.max_upload;
      if (limit && file.size > limit) return this.tell(this.words.tooBig(Math.floor(limit / 1048576)));
      const type = /^image\/(png|jpeg|gif|webp|avif|bmp)$/.test(file.type) ? "image" : "file";
      const upload = { client_msg_id: LingxiClient.uuid(), kind: "message", author: { type: "visitor" }, seq: null, progress: 0,
        created_at: new Date().toISOString(), file, content: { type, name: file.name, size: file.size, media_type: file.type } };
      if (type === "image") this.previews.set(upload.client_msg_id, URL.createObjectURL(file));
      this.uploads.set(upload.client_msg_id, upload);
      this.messages.stuck = true;
      this.client.start();
      return this.upload(upload);
    }

    async upload(entry) {
      Object.assign(entry, { status: "uploading", progress: 0, reason: null });
      this.draw();
      try {
        await this.client.authorize();
        const send = () => this.session.upload(this.client, entry.file, (done) => { entry.progress = done; this.draw(); });
        const stored = await send().catch(async (error) => {
          if (error.status === 401 && (await this.client._refresh("expired"))) return send();
          throw error;
        });
        this.uploaded(entry, stored);
      } catch (error) {
        Object.assign(entry, { status: "failed", reason: error.status ? (error.status === 413 ? "too_big" : "upload") : "timeout", detail: error.detail });
        this.draw();
      }
    }

    uploaded({ client_msg_id, content }, { id, name, size, media_type, url }) {
      const { type } = content;
      const local = { name: name || content.name, size: size || content.size, media_type: media_type || content.media_type, url };
      this.uploads.delete(client_msg_id);
      const sent = this.client.send(this.id, type, { attachment: id }, { local });
      const preview = this.previews.get(client_msg_id);
      if (preview) this.previews.set(sent.client_msg_id, preview);
      this.draw();
    }

    lightbox(url, alt) {
      if (!url) return;
      const back = this.shadow.activeElement;
      const shut = () => {
        box.remove();
        if (back) back.focus();
      };
      const close = h("button", { type: "button", "aria-label": this.words.close }, icon("close"));
      const box = h("div", { class: "lightbox", role: "dialog", "aria-modal": "true", "aria-label": alt || this.words.image,
        "data-testid": "lightbox", onclick: shut, onkeydown: (event) => {
          if (event.key === "Escape") shut();
          if (event.key === "Tab") event.preventDefault();
          event.stopPropagation();
        } }, h("img", { src: url, alt: alt || "" }), close);
      this.root.append(box);
      close.focus();
    }

    tell(text) {
      this.notice.textContent = text;
      this.notice.hidden = false;
      clearTimeout(this.noticeTimer);
      this.noticeTimer = setTimeout(() => (this.notice.hidden = true), 5000);
    }

    // ---- ending ------------------------------------------------------------------------------

    ask(sheet) {
      this.sheet = sheet;
      this.drawState();
      if (sheet) sheet.querySelector(".solid").focus();
      else if (!this.ended) this.composer.focus();
    }

    askEnd() {
      if (this.sheet) return this.ask(null);
      return this.ask(W.confirmEnd(this.words, (yes) => (yes ? this.end() : this.ask(null))));
    }

    async end() {
      try {
        await this.client.request("POST", `/api/v1/visitor/conversations/${this.id}/close`, {});
      } catch (error) {
        if (error.code !== "conversation_closed" && error.code !== "transition_not_allowed") this.tell(error.detail || this.words.endFailed);
      }
      this.ask(null);
    }

    async rate(rating) {
      await this.client.request("POST", `/api/v1/visitor/conversations/${this.id}/rating`, rating);
      this.session.set("conversation", (this.kept = { ...this.kept, done: true }));
      this.emit("rated", { id: this.id, ...rating });
    }

    /** A fresh conversation; what could not be sent into the old one goes along. */
    restart() {
      const left = this.client.pending(this.id).filter((entry) => entry.status === "failed");
      this.forget();
      this.ended = false;
      this.messages.clear();
      left.forEach((entry) => this.client.retry(entry.client_msg_id, { conversation: null }));
      this.draw();
      setTimeout(() => this.composer.focus(), 10);
    }

    // ---- for the host page -------------------------------------------------------------------

    async identify(who = {}) {
      this.session.identify(who);
      this.client.token = null;
      if (this.client.link.up) this.client.link.open();
      else await this.client.authorize();
    }

    setContext(fields = {}) {
      Object.assign(this.session.fields, fields);
      if (this.id && this.log && this.log.state !== "closed") this.openConversation().catch(() => {});
    }

    on(name, fn) {
      (this.listeners[name] = this.listeners[name] || new Set()).add(fn);
      return () => this.listeners[name].delete(fn);
    }

    emit(name, detail) {
      for (const fn of this.listeners[name] || []) {
        try {
          fn(detail);
        } catch (error) {
          console.error("lingxi:", error);
        }
      }
    }
  }

  const widget = new Widget();
  window.Lingxi = {
    open: () => widget.open(), close: () => widget.close(), identify: (who) => widget.identify(who),
    setContext: (fields) => widget.setContext(fields), on: (name, fn) => widget.on(name, fn), version: "1",
  };
  if (document.body) widget.start();
  else document.addEventListener("DOMContentLoaded", () => widget.start());
})((LingxiClient.widget = LingxiClient.widget || {}));
