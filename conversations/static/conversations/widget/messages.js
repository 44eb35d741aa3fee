/* The list of messages: log entries, then sends under way, kept in step with keyed elements. */
(function (W) {
  "use strict";

  const { h, icon } = W;
  const GROUP_MS = 3 * 60e3;
  const TICK = { pending: "clock", sending: "clock", uploading: "clock", failed: "alert", queued: "tick",
    dispatched: "tick", delivered: "ticks", read: "ticks" };

  W.Messages = class {
    /** `host`: {client, words, base, greeting(), previews, uploads, retry(entry), discard(entry), act(name, entry)} */
    constructor(host) {
      Object.assign(this, { host, drawn: new Map(), stuck: true, events: [], said: new Map(), tickets: new Map() });
      this.list = h("div", { class: "list", role: "log", "aria-live": "polite", "aria-label": host.words.log,
        "data-testid": "log" });
      this.below = h("button", { class: "below", type: "button", hidden: true, onclick: () => this.toEnd() },
        icon("down"), host.words.newBelow);
      this.scroller = h("div", { class: "scroller", tabindex: "0", onscroll: () => this.scrolled(),
        onkeydown: (event) => this.walk(event) }, this.list);
      this.node = h("div", { class: "log" }, this.scroller, this.below);
      if (window.ResizeObserver) new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.scroller);
    }

    clear() {
      this.drawn.clear();
      this.list.replaceChildren();
    }

    scrolled() {
      const { scrollHeight, scrollTop, clientHeight } = this.scroller;
      this.stuck = scrollHeight - scrollTop - clientHeight < 60;
      if (this.stuck) this.below.hidden = true;
    }

    toEnd() {
      this.scroller.scrollTop = this.scroller.scrollHeight;
      this.stuck = true;
      this.below.hidden = true;
    }

    /** Arrows go from message to message; what can be done with one shows beside it. */
    walk(event) {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const all = [...this.list.querySelectorAll(".message")];
      const at = all.indexOf(event.target);
      const next = step && all[at < 0 ? all.length - 1 : at + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    }

    render(conversation) {
      const rows = this.rows(conversation);
      const wanted = new Set(rows.map((row) => row.key));
      for (const [key, made] of this.drawn) {
        if (wanted.has(key)) continue;
        made.node.remove();
        this.drawn.delete(key);
      }
      let grew = false;
      rows.forEach((row, index) => {
        const made = this.element(row);
        grew = grew || made.fresh;
        made.fresh = false;
        if (this.list.children[index] !== made.node) this.list.insertBefore(made.node, this.list.children[index] || null);
      });
      if (this.stuck) this.toEnd();
      else if (grew) this.below.hidden = false;
    }

    /** Builds an element once and again only when what it shows has changed. */
    element(row) {
      const sign = JSON.stringify([row.text, row.first, row.last, row.quote, row.seq, row.ticket, row.entry && [row.entry.content, row.entry.author]]);
      let made = this.drawn.get(row.key);
      if (!made || made.sign !== sign) {
        const node = row.type === "message" ? this.message(row) : h("div", { class: row.type, "data-testid": row.type }, row.text);
        if (made) made.node.replaceWith(node);
        made = { node, sign, fresh: !made };
        this.drawn.set(row.key, made);
      }
      if (row.type === "message") this.delivery(made.node, row);
      return made;
    }

    /** What is on the screen, top to bottom. */
    rows(conversation) {
      const { host } = this;
      const log = host.client.log(conversation);
      const events = (this.events = log ? log.events : []);
      const pending = conversation ? [...host.client.pending(conversation), ...host.client.pending(null)] : host.client.pending(null);
      const said = new Set();
      const rows = [];
      const greeting = host.greeting();
      const start = events.length ? events[0].created_at : new Date().toISOString();
      if (greeting) rows.push(this.row({ author: { type: "bot", name: host.name() }, created_at: start, content: { type: "text", text: greeting } }, "greeting"));
      this.served = 0;
      this.noteTickets(events);
      for (const event of [...events, ...pending, ...host.uploads.values()]) {
        const key = event.client_msg_id && this.own(event) ? event.client_msg_id : `seq${event.seq}`;
        if (said.has(key)) continue;
        said.add(key);
        const row = event.kind === "message" ? this.row(event, key) : this.system(event, key);
        if (row) rows.push(row);
      }
      return this.grouped(rows);
    }

    own(event) { return event.author && event.author.type === "visitor"; }

    row(entry, key) {
      const { reply_to } = entry.content;
      const { id } = entry.content.ticket || {};
      return { type: "message", key, entry, quote: reply_to && this.line(reply_to), seq: entry.seq, own: this.own(entry), at: entry.created_at, ticket: this.tickets.get(id) };
    }

    /** What the log last said of each ticket; `asked`: the entry that asks how it was. */
    noteTickets(events) {
      this.tickets.clear();
      for (const { seq, content = {} } of events) {
        if (!content.ticket) continue;
        const old = this.tickets.get(content.ticket.id) || { revision: 0 };
        const now = content.ticket.revision < old.revision ? old : content.ticket;
        this.tickets.set(now.id, { ...now, asked: content.ask ? seq : old.asked });
      }
    }

    author({ author: { name, type } }) {
      const { host } = this;
      return name || { visitor: host.words.you, agent: host.words.agent }[type] || host.name();
    }

    /** Author and first line of a message, for those that answer it. */
    line(id) {
      const { words } = this.host;
      const entry = this.events.find((event) => event.id === id);
      if (!entry) return words.original;
      const { type, text, name } = entry.content;
      const line = { recalled: words.recalled, text: (text || "").trim().split("\n")[0].slice(0, 99), image: words.image }[type] || name;
      return `${this.author(entry)}: ${line}`;
    }

    /** For how long yet an own message can be changed, in milliseconds. */
    left({ created_at }) {
      const { client } = this.host;
      return Date.parse(created_at) + 12e4 - client.now() - client.skew;
    }

    system(event, key) {
      const { words } = this.host;
      const { kind, content = {} } = event;
      let text = null;
      if (kind === "assignment" && content.agent) text = (this.served++ ? words.transferred : words.joined)(content.agent.name);
      else if (kind === "state") text = { transferring: words.transferring, closed: words.closed, offline: words.offline }[content.state];
      else if (kind === "rating" && content.score) text = words.rated(content.score);
      else if (kind === "system") text = content.text;
      else if ((kind === "join" || kind === "leave") && content.agent) text = words[kind](content.agent.name);
      return text ? { type: "system", key, text, at: event.created_at } : null;
    }

    /** Day lines, and who begins and ends a run of messages by one author. */
    grouped(rows) {
      const out = [];
      let day = null;
      rows.forEach((row, index) => {
        const today = W.day(row.at, this.host.words);
        if (today !== day && row.key !== "greeting") out.push({ type: "day", key: `day${(day = today)}`, text: today });
        if (row.type === "message") {
          row.first = !this.together(rows[index - 1], row);
          row.last = !this.together(row, rows[index + 1]);
        }
        out.push(row);
      });
      return out;
    }

    together(a, b) {
      if (!a || !b || a.type !== "message" || b.type !== "message") return false;
      const who = (row) => `${row.entry.author.type}:${row.own ? "" : row.entry.author.id}`;
      return who(a) === who(b) && Math.abs(Date.parse(b.at) - Date.parse(a.at)) < GROUP_MS;
    }

    message(row) {
      const { entry, own, first, last } = row;
      const { words } = this.host;
      const name = this.author(entry);
      const props = { tabindex: "-1", "data-id": entry.id, class: `message ${own ? "own" : "other"}${first ? " first" : ""}${last ? " last" : ""}`,
        "data-testid": "message", "data-author": entry.author.type, "data-seq": entry.seq, "data-key": row.key };
      return h("div", props,
        !own && h("div", { class: "face", "aria-hidden": "true" }, first ? [...name][0] : ""),
        h("div", { class: "body" },
          !own && first && h("div", { class: "name" }, name),
          h("span", { class: "sr" }, `${name}: `),
          h("div", { class: "held" }, this.content(row), entry.id && entry.content.type !== "recalled" && this.acts(row)),
          h("div", { class: "meta" }, h("time", { datetime: row.at }, W.clock(row.at, words.lang)), own && this.status())));
    }

    acts({ entry, own }) {
      const { words, act } = this.host;
      const left = own ? this.left(entry) : 0;
      const names = left > 0 ? ["quote", ...(entry.content.text ? ["edit"] : []), "recall"] : ["quote"];
      const buttons = names.map((name) => h("button", { type: "button", title: words[name], "aria-label": words[name],
        "data-testid": name, onclick: () => act(name, entry) }, icon(name)));
      if (left > 0) setTimeout(() => buttons.slice(1).forEach((button) => button.remove()), left);
      return h("div", { class: "acts" }, buttons);
    }

    find(id) { return [...this.list.children].find((node) => node.dataset.id === id); }

    content({ entry, quote, key }) {
      const { words } = this.host;
      const { content } = entry;
      const again = this.said.get(entry.id);
      if (content.type === "recalled") return h("div", { class: "bubble recalled" }, words.recalled, again && " ",
        again && h("button", { type: "button", "data-testid": "rewrite", onclick: () => this.host.rewrite(again) }, words.rewrite));
      if (content.type === "image") return this.image(content, key);
      if (content.type === "file") return this.file(content, key);
      if (content.type === "ticket" && W.ticketCard) return W.ticketCard(entry, this.tickets.get(content.ticket.id), this.host);
      const { reply_to, text = "", edited } = content;
      const show = () => (this.find(reply_to) || this.list).scrollIntoView({ block: "center" });
      return h("div", { class: "bubble text" }, quote && h("button", { class: "quoted", type: "button", "data-testid": "quoted",
        disabled: quote === words.original, onclick: show }, quote), W.linkify(String(text)), edited && h("span", { class: "edited" }, ` (${words.edited})`));
    }

    url(content, key) {
      return W.safeUrl(this.host.previews.get(key) || content.thumbnail || content.url, this.host.base + "/");
    }

    image(content, key) {
      const { words } = this.host;
      const src = content.url || this.host.previews.has(key) ? this.url(content, key) : null;
      if (!src) return this.file(content, key);
      const img = h("img", { src, alt: content.name || words.image, loading: "lazy", onload: () => this.stuck && this.toEnd() });
      const full = this.host.previews.get(key) || content.url;
      return h("button", { class: "picture", type: "button", "data-testid": "image",
        onclick: () => this.host.show(W.safeUrl(full, this.host.base + "/"), content.name) }, img, h("i", { class: "bar" }));
    }

    file(content, key) {
      const href = content.url ? this.url({ url: content.url }, key) : null;
      const props = { class: "bubble file", "data-testid": "file", href, target: "_blank", rel: "noopener noreferrer", download: content.name };
      return h(href ? "a" : "div", href ? props : { class: props.class, "data-testid": "file" }, icon("file"),
        h("span", {}, h("b", {}, content.name || "file"), h("small", {}, content.size ? W.bytes(content.size) : "")), h("i", { class: "bar" }));
    }

    status() {
      const { words } = this.host;
      return h("span", { class: "status", "data-testid": "message-status" }, h("span", { class: "ticks" }), h("span", { class: "word" }),
        h("button", { class: "again", type: "button", "data-testid": "retry" }, words.retry),
        h("button", { class: "drop", type: "button", "data-testid": "discard" }, words.discard));
    }

    /** The delivery line changes often, so it is patched in place. */
    delivery(node, { entry, own }) {
      const mark = own && node.querySelector(".status");
      if (!mark) return;
      const { words, client, conversation } = this.host;
      const status = entry.progress !== undefined || !entry.seq ? entry.status : client.statusOf(entry, conversation());
      node.querySelectorAll(".bar").forEach((bar) => bar.style.setProperty("--done", entry.progress ?? 1));
      const reason = status === "failed" ? (words.lang === "zh-CN" && entry.detail) || words.reasons[entry.reason] || "" : "";
      mark.querySelector(".again").onclick = () => this.host.retry(entry);
      mark.querySelector(".drop").onclick = () => this.host.discard(entry);
      if (mark.dataset.status === status && mark.dataset.reason === reason) return;
      Object.assign(mark.dataset, { status, reason });
      mark.querySelector(".ticks").replaceChildren(icon(TICK[status] || "clock"));
      mark.querySelector(".again").textContent = words[W.refused(entry) ? "edit" : "retry"];
      mark.querySelector(".word").textContent = words.status[status] + (reason ? `（${reason}）` : "");
    }
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
