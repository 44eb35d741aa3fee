/**
 * The Lingxi chat widget. Served at /widget.js as one file: client.js, the parts in widget/, this.
 *
 *   <script async src="https://kf.example.com/widget.js" data-channel="demo-web"
 *           data-lang="zh|en|auto" data-color="#0e7a67" data-theme="auto|light|dark"></script>
 *
 *   Lingxi.open(); Lingxi.close();
 *   Lingxi.identify({kind: "member", value: "M1024", signature: "…", profile: {name: "…"}});
 *   Lingxi.setContext({order_number: "…", member_level: "gold"});
 *   Lingxi.on("ready|open|close|message|unread|conversation|ended|rated", fn);
 */
(function (W) {
  "use strict";

  if (window.Lingxi) return; // the tag was put on the page twice
  const tag = document.currentScript || document.querySelector("script[data-channel]");
  const option = (name, fallback) => (tag && tag.dataset[name]) || fallback;
  const QUIET_MS = 1500; // a shorter reconnect concerns nobody

  class Widget {
    constructor() {
      this.base = option("base", tag && tag.src ? new URL(tag.src).origin : location.origin);
      this.words = W.words(option("lang", "auto"));
      this.session = new W.Session({ base: this.base, channel: option("channel", "") });
      this.config = this.session.get("config") || {};
      Object.assign(this, { listeners: {}, visible: false, ended: false });
      this.kept = this.session.get("conversation");
      this.client = this.makeClient();
      this.files = new W.Files({ client: this.client, session: this.session, words: this.words, config: () => this.config,
        conversation: () => this.id, tell: (text) => this.shell.tell(text), draw: (own) => this.draw(own) });
      this.build();
      this.wire();
    }

    makeClient() {
      const { session } = this;
      session.onsession = (answer) => this.sessionStarted(answer);
      return new LingxiClient({
        role: "visitor", base: this.base, storage: LingxiClient.webStorage(session.store), storageKey: session.prefix,
        cache: true, authenticate: (reason) => session.authenticate(reason),
        openConversation: () => this.openConversation(),
      });
    }

    /** What the second file adds. */
    async more() { return Object.assign(this, await W.more(this)); }

    get id() { return this.kept ? this.kept.id : null; }
    get log() { return this.id ? this.client.log(this.id) : undefined; }
    name() { return this.config.title || this.config.name || this.words.online; }

    // ---- building ----------------------------------------------------------------------------

    build() {
      const { words, client } = this;
      this.messages = new W.Messages({
        client, words, base: this.base, previews: this.files.previews, uploads: this.files.uploads,
        greeting: () => this.config.greeting || words.greeting, name: () => this.name(), conversation: () => this.id,
        retry: (entry) => this.retry(entry), discard: (entry) => this.discard(entry), act: (name, entry) => this.changes.act(name, entry),
        rewrite: (text) => this.changes.rewrite(text), show: (url, alt) => url && this.more().then(() => W.lightbox(this.shell, url, alt)),
        tickets: () => this.desk,
      });
      this.composer = new W.Composer({ words, send: (text, about) => this.changes.say(text, about), editLast: () => this.changes.editLast(), draft: (text) => this.draft(text),
        files: (list) => list.forEach((file) => this.files.add(file)) });
      this.changes = new W.Changes(this);
      this.ending = W.h("div", {});
      this.shell = new W.Shell({ words, base: this.base, theme: option("theme", "auto"), messages: this.messages.node,
        toggle: () => (this.visible ? this.close() : this.open()), close: () => this.close(), end: () => this.askEnd(), human: () => this.more().then(() => this.finish.handoff()), tickets: () => W.tickets(this).then((desk) => desk.show()),
        escape: () => (this.sheet ? this.ask(null) : this.close()) });
      this.composer.restore(this.session.get("draft"));
      this.composer.droppable(this.shell.panel);
      this.brand();
    }

    brand() {
      this.shell.brand(this.name(), option("color", "") || this.config.brand_color || "", this.config.logo);
    }

    wire() {
      const { client } = this;
      client.on("event", ({ event }) => this.arrived(event));
      client.on("status", (told) => this.changes.told(told));
      client.on("queue", () => this.draw());
      client.on("resync", ({ reason, conversation }) => this.resynced(reason, conversation));
      client.on("typing", (frame) => this.typed(frame));
      client.on("connection", (state) => this.connected(state));
      addEventListener("online", () => client.wake());
      addEventListener("offline", () => client.wake());
      document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && (client.wake(), this.markRead()));
      if (window.visualViewport) {
        visualViewport.addEventListener("resize", () => this.fit());
        visualViewport.addEventListener("scroll", () => this.fit());
      }
      addEventListener("popstate", () => this.pageView());
      if (window.navigation) navigation.addEventListener("navigatesuccess", () => this.pageView());
    }

    // ---- starting ----------------------------------------------------------------------------

    async start() {
      document.body.append(this.shell.host);
      if (this.kept && this.kept.done) this.forget();
      if (this.kept) await this.client.open(this.kept.id, { epoch: this.kept.epoch, state: this.kept.state });
      await this.client.outbox.load();
      this.draw();
      if (this.session.get("open")) this.open({ focus: false });
      this.configure();
      if (this.id || this.client.pending(null).length) this.client.start();
      await this.pageView();
      this.emit("ready", {});
    }

    configure() { this.session.config().then((config) => this.configured(config), () => {}); }

    configured(config) {
      this.config = config;
      this.brand();
      W.invite(this);
      this.draw();
    }

    sessionStarted({ conversation, tickets }) {
      if (conversation && conversation.id !== this.id) this.follow(conversation);
      else W.news(this, tickets);
    }

    async openConversation() {
      const { entry: context, fields } = this.session;
      const post = (body) => this.client.request("POST", "/api/v1/visitor/conversations", body);
      const conversation = await post({ context, ...(Object.keys(fields).length && { fields }) }).catch((error) => {
        if (error.status !== 400) throw error;
        console.warn("lingxi: setContext was not accepted:", error.detail); // no reason not to talk
        return post({});
      });
      this.keep(conversation);
      return conversation;
    }

    keep({ id, epoch, state }) {
      this.kept = { id, epoch, state };
      this.session.set("conversation", this.kept);
      this.emit("conversation", { id });
      this.draw();
    }

    async follow(conversation, mine) {
      if (this.id) this.client.leave(this.id);
      this.keep(conversation);
      await this.client.open(conversation.id, { epoch: conversation.epoch, state: conversation.state, mine });
      this.client.start();
      this.draw();
    }

    /** `left`: the visitor wants to talk about something else. */
    forget(left) {
      this.composer.drop();
      const { mine } = this.log || this.kept || {};
      if (this.kept) this.session.set("past", { id: this.id, mine, left });
      if (this.kept) this.client.leave(this.id);
      this.kept = null;
      this.session.set("conversation", null);
    }

    pageView() { return W.pageView(this); }

    // ---- the window --------------------------------------------------------------------------

    open({ focus = true } = {}) {
      if (this.visible) return;
      this.show(true);
      if (this.config.open === false) this.configure(); // somebody may have come since
      this.client.start();
      this.fit();
      this.composer.fit();
      this.draw();
      this.messages.toEnd();
      this.markRead();
      if (focus) matchMedia(W.PHONE).matches ? this.shell.panel.focus() : this.composer.focus();
    }

    close() {
      if (!this.visible) return;
      this.show(false);
      this.shell.launcher.focus({ preventScroll: true });
    }

    show(on) {
      this.visible = on;
      if (on && this.bubble) this.bubble();
      this.shell.panel.hidden = !on;
      this.shell.root.classList.toggle("open", on);
      this.shell.launcher.setAttribute("aria-expanded", String(on));
      this.session.set("open", on);
      const phone = matchMedia(W.PHONE).matches;
      this.shell.panel.setAttribute("aria-modal", String(phone));
      document.documentElement.style.overflow = on && phone ? "hidden" : "";
      this.emit(on ? "open" : "close", {});
    }

    /** On phones the keyboard covers the page: the panel takes what is left. */
    fit() {
      const view = window.visualViewport;
      if (!view || !this.visible) return;
      this.shell.panel.style.setProperty("--vh", `${view.height}px`);
      this.shell.panel.style.setProperty("--vt", `${view.offsetTop}px`);
      if (this.messages.stuck) this.messages.toEnd();
    }

    // ---- drawing -----------------------------------------------------------------------------

    /** Many changes in one turn make one drawing; `own`: the visitor has just said something. */
    draw(own) {
      if (own) {
        this.messages.stuck = true;
        this.client.start();
      }
      if (this.drawing) return;
      this.drawing = setTimeout(() => {
        this.drawing = null;
        this.drawState();
        this.shell.showQueue(this.queueNow());
        this.messages.render(this.id);
        if (this.messages.tickets.size) W.news(this, {});
        this.drawUnread();
      }, 0);
    }

    drawState() {
      const { words, log } = this;
      const state = log && log.state;
      const away = state === "offline" || (!log && this.config.open === false);
      const bot = state === "serving" && log.bot;
      this.shell.root.classList.toggle("away", away);
      this.shell.bot.hidden = !bot;
      this.shell.subtitle.textContent = log && log.agent ? words.serving(log.agent.name) : away ? words.away : words.online;
      if (this.offline) this.offline.draw(away);
      else if (this.visible && (away || this.session.get("left"))) this.more().then(() => this.draw());
      this.shell.endButton.hidden = !log || state === "closed";
      const ended = state === "closed";
      if (ended && !this.ended) this.askRating();
      this.ended = ended;
      this.shell.root.classList.toggle("ended", ended);
      const foot = this.sheet || (ended ? this.ending : this.composer.node);
      if (this.shell.foot.firstChild !== foot) this.shell.foot.replaceChildren(foot);
    }

    askRating() {
      this.sheet = null;
      this.shell.typing.hidden = true;
      const { events } = this.log;
      this.more().then(() => {
        this.survey.show(!events.some((event) => event.kind === "rating"));
        this.ending.replaceChildren(this.survey.node);
      });
      this.emit("ended", { id: this.id });
    }

    queueNow() {
      const { log } = this;
      return log && log.state !== "closed" && !log.agent ? log.queue : null;
    }

    drawUnread() {
      const { log } = this;
      const unread = !log || this.visible ? 0 : log.events.filter((event) => event.seq > log.mine && (event.kind === "message" || event.kind === "system") && event.author.type !== "visitor").length;
      this.shell.badge.hidden = !unread;
      this.shell.badge.textContent = unread > 99 ? "99+" : String(unread);
      this.shell.launcher.setAttribute("aria-label", unread ? `${this.words.launcher}, ${this.words.unread(unread)}` : this.words.launcher);
      if (unread !== this.unread) this.emit("unread", { count: unread });
      this.unread = unread;
    }

    connected({ state, transport, reason }) {
      Object.assign(this.shell.connection.dataset, { state, transport: transport || "" });
      if (state === "online" || state === "stopped" || state === "refused") {
        clearTimeout(this.bannerTimer);
        this.bannerTimer = null;
        this.shell.connection.hidden = true;
      }
      if (state === "refused") this.showConnection();
      else if (state !== "online" && state !== "stopped") this.bannerTimer = this.bannerTimer || setTimeout(() => this.showConnection(), QUIET_MS);
      if (state === "online") this.files.again();
      if (state === "refused" && reason) this.shell.connection.dataset.reason = reason;
      this.shell.root.classList.toggle("blocked", reason === "blocked");
    }

    showConnection() {
      const { words, client } = this;
      const { state, reason } = client.connection;
      const lost = navigator.onLine === false ? words.noNetwork : client.link.everUp ? words.reconnecting : words.connecting;
      const refused = reason === "blocked" ? words.blocked : words.refused;
      this.shell.connection.textContent = state === "refused" ? refused : lost;
      this.shell.connection.hidden = false;
    }

    typed({ author, active }) {
      if (author.type === "visitor") return;
      this.shell.typing.hidden = !active || this.ended;
      this.shell.typing.lastChild.textContent = active ? this.words.typing(author.name || (this.log && this.log.agent && this.log.agent.name)) : "";
    }

    // ---- talking -----------------------------------------------------------------------------

    draft(text) {
      this.session.set("draft", text || null);
      if (this.id) this.client.typing(this.id, text);
    }

    arrived(event) {
      this.draw();
      if (event.content.ticket && this.desk) this.desk.then((desk) => desk.changed(event.content.ticket));
      if (event.kind === "message" && event.author.type !== "visitor") this.emit("message", { event });
      if (event.kind === "state" && this.kept) this.session.set("conversation", { ...this.kept, state: event.content.state });
      if (event.kind === "rating" && this.survey && !this.survey.thanked) this.survey.show(false); // rated in another tab
      this.markRead();
    }

    markRead() {
      if (this.visible && document.visibilityState === "visible" && this.id) this.client.read(this.id);
    }

    resynced(reason, conversation) {
      if (reason === "revoked" && conversation === this.id) this.forget();
      this.messages.clear();
      this.draw();
      this.markRead();
    }

    retry(entry) {
      if (this.files.retry(entry)) return;
      if (W.refused(entry)) {
        this.changes.rewrite(entry.content.text);
        this.discard(entry);
        return;
      }
      const elsewhere = entry.reason === "closed" ? { conversation: null } : undefined;
      if (elsewhere && this.ended) this.forget();
      this.client.retry(entry.client_msg_id, elsewhere);
      this.draw();
    }

    discard(entry) {
      this.files.uploads.delete(entry.client_msg_id);
      this.client.discard(entry.client_msg_id);
      this.draw();
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
      return this.more().then(() => this.ask(W.confirmEnd(this.words, (yes) => (yes ? this.finish.end() : this.ask(null)))));
    }

    // ---- for the host page -------------------------------------------------------------------

    async identify(who = {}) {
      if (!this.session.identify(who)) return;
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
