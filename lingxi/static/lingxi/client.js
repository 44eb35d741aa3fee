/**
 * Lingxi protocol client: one file for the widget, the workbench and apps (H5, uni-app, React
 * Native, Node). No DOM; WebSocket, fetch, storage and clock can be handed in.
 *
 *   const client = new LingxiClient({
 *     role: "visitor" | "agent", base: "https://kf.example.com", wsPath, token,
 *     authenticate: async (reason) => ({token, ws_path}),       // first token and every renewal
 *     openConversation: async () => ({id, epoch, state, queue}),  // for send(null, …)
 *     loadHistory: async (id) => ({events, seq, epoch}),        // after a resync; visitors have one
 *     self: {id},                                               // agents: whose messages are mine
 *     storage: LingxiClient.webStorage(localStorage), storageKey,  // or async {get, set, remove, keys}
 *     cache: true,                      // keep the last entries for an instant first paint
 *     WebSocket, fetch, now, random, timing: {…TIMING},
 *   });
 *   client.start(); client.stop(); client.wake();    // wake: network or page came back
 *   await client.open(id, {epoch, seq, events, state, agent, queue, read, delivered, mine});
 *   client.leave(id);                                // "inbox" is the agent's own stream
 *   client.send(id | null, kind, content, {reply_to, local}) → entry
 *     kind "recall" {message: id} and "edit" {message: id, text} change an own message of the last
 *     two minutes: its entry in the log takes the new content, then the event is told
 *   client.retry(client_msg_id, {conversation}); client.discard(client_msg_id);
 *   client.skew                                      // the server's clock is now() + skew
 *   client.typing(id, preview); client.read(id, seq);
 *   client.log(id) → {events, last, epoch, state, bot, agent, group, queue, mine, read, delivered}
 *   client.pending(id) → entries not yet in the log, shaped like events, oldest first
 *   client.statusOf(entry, id) → pending|sending|failed|queued|dispatched|delivered|read
 *   await client.authorize(); await client.request(method, path, body) → JSON
 *   const off = client.on(name, fn);                 // fn gets one object:
 *     event       {conversation, event}              the next entry, in order, exactly once
 *     status      {conversation, client_msg_id, status, reason, detail, seq}   own sends; until they
 *                 are in the log also kind, content
 *     connection  {state: connecting|online|offline|refused|stopped, transport, retry_in, reason}
 *     typing      {conversation, author, preview, active}
 *     queue       {conversation, queue: {position, ahead, estimated_wait} | null} | {group, waiting}
 *     inbox       {events, resync}                   read the lists again
 *     resync      {conversation, reason, log}        history replaced; reason "revoked": gone
 *     nack        {code, detail}                     of anything but a message
 *
 * An entry is shown when seq == last + 1, dropped when seq <= last, asked for again on a gap.
 * Sends are in storage before they leave and until the server has them; one is in flight per
 * conversation, so the order typed is the order stored.
 */
(function (root, factory) {
  "use strict";
  const LingxiClient = factory();
  const node = typeof module === "object" && module && module.exports;
  if (node) module.exports = LingxiClient;
  if (!node || typeof window === "object") root.LingxiClient = LingxiClient;
})(typeof globalThis === "object" ? globalThis : this, function () {
  "use strict";

  const TIMING = {
    tick: 1000, connect: 8000, heartbeat: 20000, probe: 5000, // liveness
    backoff: 500, backoffMax: 30000, upgrade: 30000, wait: 20, // reconnecting, long polling
    slow: 10000, failed: 120000, resend: 15000, // unacked sends
    typing: 1000, typingShown: 6000, receipt: 300, regap: 3000,
  };
  const KEPT_EVENTS = 200;
  const AGAIN = new Set(["rate_limited", "busy"]);

  /** A UUID; crypto.randomUUID exists only in secure contexts. */
  function uuid() {
    const source = globalThis.crypto;
    if (source && source.randomUUID) return source.randomUUID();
    const bytes = new Uint8Array(16);
    if (source && source.getRandomValues) source.getRandomValues(bytes);
    else bytes.forEach((_, i) => (bytes[i] = Math.random() * 256));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  /** Storage that forgets; also the safety net under web storage. */
  function memoryStorage() {
    const map = new Map();
    return {
      get: async (key) => map.get(key),
      set: async (key, value) => void map.set(key, value),
      remove: async (key) => void map.delete(key),
      keys: async (prefix) => [...map.keys()].filter((key) => key.startsWith(prefix)),
    };
  }

  /** localStorage-like `store`; when it refuses (private mode, full) memory carries on. */
  function webStorage(store) {
    const spare = memoryStorage();
    const guard = (work, instead) => {
      try {
        return Promise.resolve(work());
      } catch (error) {
        return instead();
      }
    };
    return {
      get: (key) => guard(() => {
        const text = store.getItem(key);
        return text === null ? spare.get(key) : JSON.parse(text);
      }, () => spare.get(key)),
      set: (key, value) => guard(() => store.setItem(key, JSON.stringify(value)), () => spare.set(key, value)),
      remove: (key) => guard(() => (spare.remove(key), store.removeItem(key)), () => undefined),
      keys: (prefix) => guard(async () => [...new Set(
        [...Object.keys(store), ...(await spare.keys(prefix))].filter((key) => key.startsWith(prefix)))],
      () => spare.keys(prefix)),
    };
  }

  /** One conversation as this viewer sees it. Only `take` and `reset` move `last`. */
  class Log {
    constructor(id) {
      Object.assign(this, {
        id, epoch: null, last: 0, events: [], own: [], head: 0, behindSince: 0, askedAt: -Infinity,
        mine: 0, read: 0, delivered: 0, state: null, agent: null, group: null, queue: null,
        loading: false, adopt: false,
      });
    }

    /** The entries of `batch` that are next in order; stops at a gap. */
    take(batch) {
      const fresh = [];
      for (const event of batch) {
        this.head = Math.max(this.head, event.seq);
        if (this.adopt) [this.last, this.adopt] = [event.seq - 1, false];
        if (event.seq <= this.last) continue;
        if (event.seq !== this.last + 1) return { fresh, gap: true };
        this.last = event.seq;
        this.apply(event);
        fresh.push(event);
      }
      return { fresh, gap: false };
    }

    apply({ kind, content = {} }) {
      if (kind === "state") {
        Object.assign(this, { state: content.state, bot: content.bot });
        if (content.state !== "queued" && content.state !== "transferring") this.queue = null;
      } else if (kind === "assignment") {
        this.agent = content.agent || null;
        this.group = content.group || this.group;
        if (this.agent) this.queue = null;
      }
    }

    /** What a recall or an edit speaks of becomes what the history shows from now on. */
    revise({ kind, content: { message, text } }) {
      const target = (kind === "recall" || kind === "edit") && this.events.find(({ id }) => id === message);
      if (!target) return;
      const { reply_to } = target.content;
      target.content = kind === "recall" ? { type: "recalled" } : { type: "text", text, edited: true, ...(reply_to && { reply_to }) };
    }

    reset({ events = [], seq = 0, epoch = null }) {
      Object.assign(this, { events: [], own: [], last: 0, agent: null, epoch: epoch ?? this.epoch });
      events.forEach((event) => this.apply(event));
      this.events = events.slice();
      this.last = Math.max(seq, events.length ? events[events.length - 1].seq : 0);
      this.head = this.last;
    }
  }

  /** Sends that the server has not acknowledged, each under its own storage key (tabs share them). */
  class Outbox {
    constructor(client) {
      this.client = client;
      this.items = new Map();
      this.acked = new Map(); // stored by the server, its log entry still on the way here
      this.order = 0;
    }

    key(id) { return `${this.client.prefix}out:${id}`; }

    async load() {
      const { storage } = this.client;
      const keys = await storage.keys(this.key(""));
      const found = (await Promise.all(keys.map((key) => storage.get(key)))).filter(Boolean);
      for (const item of found) {
        if (this.items.has(item.client_msg_id) || this.acked.has(item.client_msg_id)) continue;
        this.order = Math.max(this.order, item.order);
        this.items.set(item.client_msg_id, { ...item, sentAt: 0, notBefore: 0 });
        this.report(item);
      }
      const oldest = ([, a], [, b]) => a.since - b.since || a.order - b.order;
      this.items = new Map([...this.items].sort(oldest));
    }

    add(conversation, kind, content, { reply_to, local } = {}) {
      const item = {
        client_msg_id: uuid(), conversation, kind, content, reply_to, local,
        since: this.client.now(), order: ++this.order, tries: 0, status: "pending", reason: null,
      };
      this.items.set(item.client_msg_id, { ...item, sentAt: 0, notBefore: 0 });
      this.save(item).then(() => this.pump());
      return this.entry(item);
    }

    save({ sentAt, notBefore, ...item }) {
      return Promise.resolve(this.client.storage.set(this.key(item.client_msg_id), item)).catch(() => {});
    }

    /** An item in the shape of a log entry; what changes another message names it. */
    entry(item) {
      const { reply_to } = item;
      return {
        seq: item.seq || null, kind: item.content.message ? item.kind : "message", client_msg_id: item.client_msg_id,
        author: { type: this.client.role, ...this.client.self },
        created_at: item.created_at || new Date(item.since).toISOString(),
        content: { type: item.kind, ...item.content, ...(reply_to && { reply_to }), ...item.local },
        status: item.seq ? this.client.statusOf(item) : item.status, reason: item.reason, detail: item.detail, conversation: item.conversation,
      };
    }

    entries(conversation) {
      return [...this.acked.values(), ...this.items.values()]
        .filter((item) => item.conversation === conversation).map((item) => this.entry(item));
    }

    /** Sends the first sendable item of every conversation that has none in flight. */
    pump() {
      const busy = new Set();
      for (const item of this.items.values()) {
        if (item.refused || busy.has(item.conversation)) continue;
        busy.add(item.conversation);
        if (!item.sentAt && item.notBefore <= this.client.now()) this.client._transmit(item);
      }
    }

    frame({ conversation, client_msg_id, kind, content, reply_to }) {
      return { t: "send", conversation, client_msg_id, kind, content, ...(reply_to && { reply_to }) };
    }

    ack({ client_msg_id, message_id, seq, created_at }) {
      const item = this.items.get(client_msg_id);
      if (!item) return;
      this.drop(client_msg_id);
      const log = this.client.logs.get(item.conversation);
      if (log && log.last < seq) {
        this.acked.set(client_msg_id, { ...item, id: message_id, seq, created_at, status: "queued" });
        log.head = Math.max(log.head, seq);
      }
      this.report({ ...item, seq, reason: null, status: this.client.statusOf({ seq, conversation: item.conversation }) });
      this.pump();
    }

    nack({ client_msg_id, code, retry_after, detail }) {
      const item = this.items.get(client_msg_id);
      if (!item) return;
      item.sentAt = 0;
      item.tries += 1;
      if (AGAIN.has(code)) {
        const pause = retry_after ? retry_after * 1000 : this.client._backoff(item.tries + 1);
        item.notBefore = this.client.now() + pause;
        setTimeout(() => this.pump(), pause + 5);
        return;
      }
      Object.assign(item, { refused: true, status: "failed", reason: code, detail });
      this.save(item);
      this.report(item);
      this.pump();
    }

    /** The log has it, so it is stored, whether or not the ack came through. */
    confirm(id) {
      this.acked.delete(id);
      if (this.items.has(id)) this.drop(id);
    }

    drop(id) {
      this.items.delete(id);
      Promise.resolve(this.client.storage.remove(this.key(id))).catch(() => {});
    }

    retry(id, { conversation } = {}) {
      const item = this.items.get(id);
      if (!item) return;
      if (item.reason === "conflict") {
        this.drop(id);
        item.client_msg_id = uuid();
      } else this.items.delete(id); // to the end of its lane
      if (conversation !== undefined) item.conversation = conversation;
      Object.assign(item, { refused: false, status: "pending", reason: null, detail: null });
      Object.assign(item, { since: this.client.now(), order: ++this.order, sentAt: 0, notBefore: 0 });
      this.items.set(item.client_msg_id, item);
      this.report(item);
      this.save(item).then(() => this.pump());
    }

    /** Everything in flight was cut off: it goes again, in order, when there is a way. */
    unsend() { for (const item of this.items.values()) item.sentAt = 0; }

    /** Gives sends that waited for a conversation their conversation. */
    settle(conversation) {
      for (const item of this.items.values()) {
        if (item.conversation !== null) continue;
        item.conversation = conversation;
        this.save(item);
      }
    }

    age(now) {
      const { slow, failed, resend } = this.client.timing;
      let stuck = false;
      for (const item of this.items.values()) {
        if (item.sentAt && now - item.sentAt > resend) [item.sentAt, stuck] = [0, true];
        if (item.refused) continue;
        const waited = now - item.since;
        const status = waited > failed ? "failed" : waited > slow ? "sending" : "pending";
        if (status === item.status) continue;
        Object.assign(item, { status, reason: status === "failed" ? "timeout" : null });
        this.report(item);
      }
      if (stuck) this.pump();
    }

    report({ conversation, client_msg_id, kind, content, status, reason = null, detail = null, seq = null }) {
      this.client.emit("status", { conversation, client_msg_id, kind, content, status, reason, detail, seq });
    }
  }

  /** The WebSocket: hello, heartbeat, noticing a dead line, coming back. */
  class Link {
    constructor(client) {
      Object.assign(this, { client, ws: null, up: false, fails: 0, timer: null, after: 0, everUp: false, turn: 0, frames: 0 });
    }

    async open() {
      const { client } = this;
      this.close();
      const turn = this.turn;
      client._state("connecting");
      if (!(await client.authorize()) || turn !== this.turn) return;
      try {
        this.ws = new client.WebSocket(client._wsUrl());
      } catch (error) {
        return this.lost(0);
      }
      this.since = this.heard = client.now();
      this.listen(this.ws);
    }

    hello() {
      const frame = this.client._hello();
      this.told = new Set(Object.keys(frame.cursors));
      this.send(frame);
    }

    listen(ws) {
      const current = () => this.ws === ws;
      ws.onopen = () => current() && this.hello();
      ws.onerror = () => {};
      ws.onclose = (event) => current() && this.lost(event.code);
      ws.onmessage = (message) => {
        if (!current()) return;
        this.heard = this.client.now();
        this.frames += 1;
        let frame;
        try {
          frame = JSON.parse(message.data);
        } catch (error) {
          return;
        }
        this.client._frame(frame);
      };
    }

    send(frame) {
      if (!this.ws || this.ws.readyState !== 1) return false;
      this.ws.send(JSON.stringify(frame));
      return true;
    }

    welcome({ heartbeat }) {
      this.beat = heartbeat ? heartbeat * 1000 : this.client.timing.heartbeat;
      Object.assign(this, { up: true, everUp: true, fails: 0, pinged: this.client.now(), probed: null });
    }

    /** Forgets the socket; a half-open one may take minutes to tell that it closed. */
    close() {
      const { ws } = this;
      clearTimeout(this.timer);
      Object.assign(this, { ws: null, up: false, timer: null, turn: this.turn + 1 });
      if (ws && ws.readyState < 2) ws.close(1000);
    }

    async lost(code, reason) {
      const { client } = this;
      if (this.up) client.outbox.unsend();
      this.close();
      this.fails += 1;
      if (code === 4401 && !(await client._refresh("expired"))) return;
      if (this.fails > 1) client.poller.start();
      this.schedule(reason || code);
    }

    schedule(reason) {
      const { client } = this;
      if (!client.running) return;
      const wait = client.poller.up ? client.timing.upgrade : client._backoff(this.fails - 1);
      const pause = wait + this.after * 1000;
      this.after = 0;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.open(), pause);
      client._state("offline", { retry_in: Math.round(pause), reason });
    }

    /** Ping on time; without an answer the line is dead, whatever the socket says. */
    check(now) {
      const { connect, probe } = this.client.timing;
      if (!this.ws) return;
      if (!this.up) return void (now - this.since > connect && this.lost(0, "timeout"));
      if (this.probed && this.frames > this.probed.frames) this.probed = null;
      if (now - this.heard > this.beat * 2 || (this.probed && now - this.probed.at > probe)) {
        return void this.lost(0, "silent");
      }
      if (now - this.pinged >= this.beat) this.ping(now);
    }

    ping(now) {
      this.pinged = now;
      this.send({ t: "ping" });
    }

    /** Asks for a sign of life within `probe`. */
    probe(now) {
      if (!this.up || this.probed) return;
      this.probed = { at: now, frames: this.frames };
      this.ping(now);
    }
  }

  /** Long polling for visitors whose network blocks WebSocket; same ids, same log. */
  class Poller {
    constructor(client) { Object.assign(this, { client, on: false, up: false, turn: 0, fails: 0 }); }

    start() {
      if (this.on || !this.client.http || !this.client.running) return;
      this.on = true;
      this.loop(++this.turn);
    }

    stop() {
      Object.assign(this, { on: false, up: false, turn: this.turn + 1, fails: 0 });
      if (this.abort) this.abort.abort();
      if (this.resume) this.resume();
    }

    async loop(turn) {
      while (this.turn === turn) {
        const log = [...this.client.logs.values()].filter((one) => one.state !== "closed").pop();
        try {
          if (log) await this.poll(log, turn);
          else await this.reach(turn);
        } catch (error) {
          if (this.turn !== turn) return;
          if (log && (error.code === "forbidden" || error.code === "not_found")) this.client._revoked(log);
          else await this.failed();
        }
      }
    }

    async poll(log, turn) {
      this.abort = typeof AbortController === "function" ? new AbortController() : null;
      const wait = this.up ? this.client.timing.wait : 0;
      const query = `?conversation=${encodeURIComponent(log.id)}&after=${log.last}&wait=${wait}`;
      const signal = this.abort && this.abort.signal;
      const before = log.last;
      const body = await this.client.request("GET", this.client.http.events + query, undefined, { signal });
      if (this.turn !== turn) return;
      this.alive(turn);
      this.client._events({ ...body, conversation: log.id });
      this.client._head({ ...body, conversation: log.id });
      if (wait && log.last === before) await this.sleep(100); // a server that does not hold the line
    }

    /** Nothing to poll yet: is the server there at all? (Its answer need not be readable.) */
    async reach(turn) {
      if (!(await this.client.authorize())) throw new Error("no token");
      await this.client.fetch(`${this.client.base}/healthz`, { mode: "no-cors" });
      this.alive(turn);
      await this.sleep(this.client.timing.probe);
    }

    alive(turn) {
      if (this.up || this.turn !== turn) return;
      Object.assign(this, { up: true, fails: 0 });
      this.client._state("online", { transport: "http" });
      if (this.client.link.everUp) this.client.link.open(); // it worked before: likely a restart
      this.client.outbox.pump();
    }

    async failed() {
      Object.assign(this, { up: false, fails: this.fails + 1 });
      this.client.outbox.unsend();
      this.client._state("offline", { reason: "http" });
      await this.sleep(this.client._backoff(this.fails));
    }

    sleep(ms) {
      return new Promise((resolve) => {
        this.resume = resolve;
        setTimeout(resolve, ms);
      });
    }

    async post(item) {
      try {
        const { t, ...body } = this.client.outbox.frame(item);
        this.client.outbox.ack(await this.client.request("POST", this.client.http.messages, body));
      } catch (error) {
        if (!error.status || error.status === 401) item.sentAt = 0;
        else this.client.outbox.nack({ client_msg_id: item.client_msg_id, ...this.nackOf(error) });
      }
    }

    /** An HTTP error in the words of a nack. */
    nackOf({ status, code, detail, retry_after }) {
      const known = { 429: "rate_limited", 409: "conflict", 413: "too_long", 403: "forbidden", 404: "forbidden" };
      if (code === "conversation_closed" || code === "transition_not_allowed") code = "closed";
      else code = status >= 500 ? "busy" : known[status] || "invalid";
      return { code, detail, retry_after };
    }
  }

  class LingxiClient {
    constructor(options) {
      const g = globalThis;
      Object.assign(this, {
        role: "visitor", base: "", self: {}, storageKey: "lingxi:", cache: false, token: null,
        WebSocket: g.WebSocket, fetch: g.fetch && g.fetch.bind(g), random: Math.random, now: () => Date.now(),
        storage: memoryStorage(), skew: 0, ...options,
      });
      this.prefix = `${this.storageKey}${this.role}:`;
      this.timing = { ...TIMING, ...this.timing };
      this.wsPath = this.wsPath || `/ws/${this.role}`;
      const http = { messages: "/api/v1/visitor/messages", events: "/api/v1/visitor/events" };
      this.http = this.role === "visitor" ? { ...http, ...this.http } : null;
      this.listeners = {};
      this.logs = new Map();
      this.timers = new Map();
      this.receipts = new Map();
      this.connection = { state: "stopped", transport: null };
      Object.assign(this, { outbox: new Outbox(this), link: new Link(this), poller: new Poller(this) });
    }

    on(name, fn) {
      const set = (this.listeners[name] = this.listeners[name] || new Set());
      set.add(fn);
      return () => set.delete(fn);
    }

    /** A listener that throws must not hold up the stream. */
    emit(name, detail) {
      for (const fn of this.listeners[name] || []) {
        try {
          fn(detail);
        } catch (error) {
          console.error("lingxi:", error);
        }
      }
    }

    async start() {
      if (this.running) return;
      this.running = true;
      this.ticker = setInterval(() => this._tick(), this.timing.tick);
      await this.outbox.load();
      if (this.running) await this.link.open();
    }

    stop() {
      this.running = false;
      clearInterval(this.ticker);
      this.poller.stop();
      this.link.close();
      this.outbox.unsend();
      this._state("stopped");
    }

    wake() {
      if (!this.running) return;
      if (this.link.up) return this.link.probe(this.now());
      if (this.poller.resume) this.poller.resume();
      if (!this.link.ws) this.link.open();
    }

    async open(id, seed = {}) {
      if (this.logs.has(id)) return this.logs.get(id);
      const log = new Log(id);
      this.logs.set(id, log);
      const kept = this.cache && (await this.storage.get(`${this.prefix}log:${id}`));
      if (kept && (!seed.epoch || kept.epoch === seed.epoch)) seed = { ...seed, ...kept };
      if (log.last) return log; // the stream was quicker than the storage
      if (seed.events || seed.seq) log.reset(seed);
      for (const name of ["epoch", "state", "bot", "agent", "group", "queue", "mine", "read", "delivered"]) {
        if (seed[name] !== undefined) log[name] = seed[name];
      }
      log.events.forEach((event) => this._note(log, event));
      if (this.link.up && id !== "inbox") this._subscribe(log);
      if (this.poller.resume) this.poller.resume();
      return log;
    }

    leave(id) {
      this.logs.delete(id);
      this.storage.remove(`${this.prefix}log:${id}`);
    }

    log(id) { return this.logs.get(id); }
    pending(id) { return this.outbox.entries(id); }
    retry(id, options) { this.outbox.retry(id, options); }
    discard(id) { this.outbox.drop(id); }

    send(conversation, kind, content, extra) {
      this._typingStop(conversation);
      return this.outbox.add(conversation, kind, content, extra);
    }

    statusOf({ client_msg_id, seq, conversation }, id = conversation) {
      const item = this.outbox.items.get(client_msg_id);
      if (item) return item.status;
      const log = this.logs.get(id);
      return log ? this._derive(log, seq) : "queued";
    }

    /** Says what is being typed, at most once a second; the last words always go out. */
    typing(conversation, preview = "") {
      const key = `typing:${conversation}`;
      const slot = this.timers.get(key) || {};
      slot.preview = preview.slice(0, 500);
      this.timers.set(key, slot);
      if (slot.timer || slot.sent === slot.preview) return;
      slot.sent = slot.preview;
      const worth = this.link.up && (slot.sent || this.role === "visitor"); // visitors see no preview
      worth && this.link.send({ t: "typing", conversation, preview: slot.sent });
      slot.timer = setTimeout(() => {
        slot.timer = null;
        if (slot.sent !== slot.preview) this.typing(conversation, slot.preview);
      }, this.timing.typing);
    }

    read(conversation, seq) {
      const log = this.logs.get(conversation);
      const upto = Math.min(seq || Infinity, log ? log.last : 0);
      if (!log || upto <= log.mine) return;
      log.mine = upto;
      this._receipt(log, "read", upto);
      this._keep(log);
    }

    async authorize(renew) {
      if (renew) return this._refresh(renew);
      return this.token || !this.authenticate ? true : this._refresh("start");
    }

    async request(method, path, body, { signal, again = true } = {}) {
      const sent = this.token;
      const form = typeof FormData === "function" && body instanceof FormData;
      const headers = { Accept: "application/json", ...(sent && { Authorization: `Bearer ${sent}` }) };
      if (body !== undefined && !form) headers["Content-Type"] = "application/json";
      const payload = body === undefined || form ? body : JSON.stringify(body);
      const init = { method, headers, body: payload, ...(signal && { signal }) };
      if (this.credentials) init.credentials = this.credentials;
      const response = await this.fetch(this.base + path, init);
      const data = await response.json().catch(() => ({}));
      if (response.ok) return data;
      if (response.status === 401 && again && this.authenticate) {
        const renewed = this.token !== sent || (await this._refresh(data.code || "expired"));
        if (renewed) return this.request(method, path, body, { signal, again: false });
      }
      throw Object.assign(new Error(data.detail || `HTTP ${response.status}`), {
        status: response.status, code: data.code, number: data.number, detail: data.detail, fields: data.fields,
        retry_after: data.retry_after || Number(response.headers.get("Retry-After")) || undefined,
      });
    }

    // ---- below: not for callers ------------------------------------------------------------

    _wsUrl() {
      const base = this.wsBase || this.base || (globalThis.location && location.origin) || "";
      return base.replace(/^http/, "ws") + this.wsPath;
    }

    _hello() {
      const cursors = {};
      for (const log of this.logs.values()) {
        if (log.id !== "inbox" || log.last) cursors[log.id] = { epoch: log.epoch, seq: log.last };
      }
      return { t: "hello", v: 1, ...(this.token && { token: this.token }), cursors };
    }

    /** Full jitter: anything from nothing to the whole step, so a restart is not met by a herd. */
    _backoff(n) {
      return this.random() * Math.min(this.timing.backoffMax, this.timing.backoff * 2 ** Math.min(n, 16));
    }

    _state(state, { transport = null, retry_in = null, reason = null } = {}) {
      if (state !== "stopped" && !this.running) return;
      if (this.poller.up && (state === "connecting" || (state === "offline" && reason !== "http"))) return;
      if (state === "online" && !transport) transport = "ws";
      this.connection = { state, transport, retry_in, reason };
      this.emit("connection", this.connection);
    }

    /** A new token, asked for once however many callers need it. False: do not go on now. */
    _refresh(why) {
      if (!this.authenticate) return this._refused(why);
      this.refreshing = this.refreshing || this._authenticate(why).finally(() => (this.refreshing = null));
      return this.refreshing;
    }

    async _authenticate(why) {
      try {
        const { token, ws_path } = await this.authenticate(why);
        Object.assign(this, { token, wsPath: ws_path || this.wsPath });
        return true;
      } catch (error) {
        if (error.status >= 400 && error.status < 500 && error.status !== 429) return this._refused(error.code);
        this.link.fails += 1;
        this.link.after = error.retry_after || 0;
        if (!this.link.up && !this.link.timer) this.link.schedule("auth");
        return false;
      }
    }

    _refused(reason) {
      this.stop();
      this.connection = { state: "refused", transport: null, retry_in: null, reason };
      this.emit("connection", this.connection);
      return false;
    }

    _tick() {
      const now = this.now();
      this.link.check(now);
      this.outbox.age(now);
      for (const log of this.logs.values()) {
        if (log.head <= log.last) log.behindSince = 0;
        else if (!log.behindSince) log.behindSince = now;
        else if (now - log.behindSince >= this.timing.tick) this._ask(log);
      }
      if (this.link.up || this.poller.up) this.outbox.pump();
    }

    async _transmit(item) {
      const way = this.link.up ? "ws" : this.poller.up ? "http" : null;
      if (!way) return;
      item.sentAt = this.now();
      if (item.conversation === null) return this._openFor(item);
      if (way === "http") this.poller.post(item);
      else if (!this.link.send(this.outbox.frame(item))) item.sentAt = 0;
    }

    async _openFor(item) {
      try {
        const conversation = await this.openConversation();
        this.outbox.settle(conversation.id);
        await this.open(conversation.id, { epoch: conversation.epoch, queue: conversation.queue, state: conversation.state });
        item.sentAt = 0;
        this.outbox.pump();
      } catch (error) {
        if (error.status) this.outbox.nack({ client_msg_id: item.client_msg_id, ...this.poller.nackOf(error) });
        else [item.sentAt, item.notBefore] = [0, this.now() + this._backoff(++item.tries)];
      }
    }

    _frame(frame) {
      const handler = {
        welcome: this._welcome, events: this._events, head: this._head, inbox: this._inbox,
        ack: (f) => this.outbox.ack(f), nack: this._nack, read: this._read, received: this._received,
        delivered: this._received, typing: this._typed, queue: this._queue, resync: this._resync, bye: this._bye,
      }[frame && frame.t];
      if (handler) handler.call(this, frame);
    }

    async _welcome(frame) {
      this.link.welcome(frame);
      this.skew = Date.parse(frame.server_time) - this.now() || 0;
      this.poller.stop();
      this.outbox.unsend();
      for (const log of this.logs.values()) {
        log.askedAt = -Infinity;
        if (log.id === "inbox") continue;
        if (!this.link.told.has(log.id)) this._subscribe(log); // opened while hello was under way
        if (log.last) this._receipt(log, "received", log.last);
        if (log.mine) this._receipt(log, "read", log.mine);
      }
      this._state("online");
      await this.outbox.load();
      this.outbox.pump();
    }

    _bye({ reason, reconnect_after }) {
      if (reason === "origin_not_allowed") return this._refused(reason);
      this.link.after = reconnect_after || 0;
      this.link.lost(/token|expired|auth/.test(reason) ? 4401 : 0, reason);
    }

    _nack(frame) {
      if (frame.client_msg_id) this.outbox.nack(frame);
      else this.emit("nack", frame);
    }

    /** Agents are also sent what they serve but have not opened. */
    _log(id) {
      if (this.role === "agent" && id && !this.logs.has(id)) this.logs.set(id, new Log(id));
      return this.logs.get(id);
    }

    _events({ conversation, events = [], epoch }) {
      const log = this._log(conversation);
      if (!log || log.loading) return;
      if (epoch !== undefined && log.epoch !== null && epoch !== log.epoch) return this._resync({ conversation, reason: "epoch" });
      if (epoch !== undefined) log.epoch = epoch;
      const { fresh, gap } = log.take(events);
      for (const event of fresh) this._show(log, event);
      if (gap) this._ask(log);
      if (!fresh.length) return;
      if (fresh.some((event) => !this._isMine(event))) this._receipt(log, "received", log.last);
      this._restatus(log);
      this._keep(log);
    }

    _show(log, event) {
      log.events.push(event);
      log.revise(event);
      this._note(log, event);
      if (event.kind === "message" && !this._isMine(event)) this._typed({ conversation: log.id, author: event.author, stop: true });
      this.emit("event", { conversation: log.id, event });
      if (event.kind === "state" || event.kind === "assignment") this.emit("queue", { conversation: log.id, queue: log.queue });
    }

    _isMine({ author = {} }) {
      return author.type === this.role && (!this.self.id || author.id === this.self.id);
    }

    /** Keeps account of one's own messages, to tell their delivery. */
    _note(log, event) {
      if (!this._isMine(event)) return;
      this.outbox.confirm(event.client_msg_id);
      if (event.kind === "message") log.own.push({ client_msg_id: event.client_msg_id, seq: event.seq, status: null });
    }

    _derive(log, seq) {
      if (seq <= log.read) return "read";
      if (seq <= log.delivered) return "delivered";
      return this.role === "visitor" && log.agent ? "dispatched" : "queued";
    }

    _restatus(log) {
      for (const one of log.own) {
        const status = this._derive(log, one.seq);
        if (status === one.status) continue;
        one.status = status;
        this.outbox.report({ conversation: log.id, ...one });
      }
    }

    _head({ conversation, seq = 0, read = 0, delivered = 0, queue }) {
      const log = this.logs.get(conversation);
      if (!log) return;
      log.head = Math.max(log.head, seq);
      log.read = Math.max(log.read, read);
      log.delivered = Math.max(log.delivered, delivered);
      if (queue !== undefined) this._queue({ conversation, ...queue, none: queue === null });
      this._restatus(log);
    }

    _read({ conversation, seq }) { this._head({ conversation, read: seq }); }
    _received({ conversation, seq }) { this._head({ conversation, delivered: seq }); }

    _queue(frame) {
      const { conversation, position, ahead, estimated_wait, none } = frame;
      if (!conversation) return this.emit("queue", frame);
      const log = this.logs.get(conversation);
      if (log) log.queue = none ? null : { position, ahead, estimated_wait };
      if (log) this.emit("queue", { conversation, queue: log.queue });
    }

    /** Shows who types; stops by itself, since the frame that says "stopped" may never come. */
    _typed({ conversation, author = {}, preview, stop }) {
      stop = stop || (preview === "" && author.type === "visitor"); // agents send no preview
      const key = `typed:${conversation}:${author.type}`;
      const running = this.timers.get(key);
      clearTimeout(running);
      this.timers.delete(key);
      if (stop && !running) return;
      this.emit("typing", { conversation, author, preview, active: !stop });
      if (stop) return;
      this.timers.set(key, setTimeout(() => this._typed({ conversation, author, stop: true }), this.timing.typingShown));
    }

    _typingStop(conversation) {
      const slot = this.timers.get(`typing:${conversation}`);
      if (slot) slot.preview = slot.sent = "";
    }

    /** The inbox only says where to look, so after a gap it is enough to look everywhere. */
    _inbox({ events = [], seq }) {
      const log = this.logs.get("inbox") || new Log("inbox");
      this.logs.set("inbox", log);
      const { fresh, gap } = log.take(events);
      const newest = Math.max(seq || 0, events.length ? events[events.length - 1].seq : 0);
      const resync = gap || (seq !== undefined && seq !== log.last);
      if (resync) log.last = log.head = newest;
      if (resync || fresh.length) this.emit("inbox", { events: resync ? [] : fresh, resync });
    }

    _subscribe(log) {
      this.link.send({ t: "subscribe", conversation: log.id, after: log.last, epoch: log.epoch });
    }

    /** Asks again for what is missing; not more often than `regap`. */
    _ask(log) {
      const now = this.now();
      if (!this.link.up || log.loading || now - log.askedAt < this.timing.regap) return;
      log.askedAt = now;
      this._subscribe(log);
    }

    async _resync({ conversation, reason, seq }) {
      if (conversation === "inbox") return this._inbox({ seq });
      const log = this._log(conversation);
      if (!log || log.loading) return;
      if (reason === "revoked") return this._revoked(log);
      log.loading = true;
      try {
        const history = await (this.loadHistory ? this.loadHistory(conversation) : this._history(conversation));
        log.reset(history || { seq });
        log.adopt = !history && seq === undefined;
      } catch (error) {
        setTimeout(() => ((log.loading = false), this._resync({ conversation, reason, seq })), 500 + this._backoff(3));
        return;
      }
      log.loading = false;
      this._resynced(log, reason);
    }

    _resynced(log, reason) {
      log.events.forEach((event) => this._note(log, event));
      this._restatus(log);
      this._keep(log);
      this.emit("resync", { conversation: log.id, reason, log });
      if (this.link.up) this._subscribe(log);
    }

    _revoked(log) {
      this.leave(log.id);
      this.emit("resync", { conversation: log.id, reason: "revoked", log });
    }

    /** A visitor's whole history, page by page. Agents bring their own loader. */
    async _history(conversation) {
      if (!this.http) return null;
      const all = [];
      let page;
      do {
        const after = all.length ? all[all.length - 1].seq : 0;
        page = await this.request("GET", `${this.http.events}?conversation=${encodeURIComponent(conversation)}&after=${after}`);
        all.push(...page.events);
      } while (page.events.length && all[all.length - 1].seq < page.seq);
      return { events: all, seq: page.seq, epoch: page.epoch };
    }

    /** Receipts are frequent and only the highest counts: one frame per `receipt` interval. */
    _receipt(log, kind, seq) {
      const key = `${kind}:${log.id}`;
      const waiting = this.receipts.has(key);
      this.receipts.set(key, Math.max(this.receipts.get(key) || 0, seq));
      if (waiting) return;
      setTimeout(() => {
        const upto = this.receipts.get(key);
        this.receipts.delete(key);
        if (this.link.up) return void this.link.send({ t: kind, conversation: log.id, seq: upto });
        if (kind === "received" || !this.poller.up) return; // polling says by itself what has arrived
        this.request("POST", `/api/v1/visitor/conversations/${log.id}/read`, { seq: upto }).catch(() => {});
      }, this.timing.receipt);
    }

    _keep(log) {
      if (!this.cache || log.saving || !this.logs.has(log.id)) return;
      log.saving = setTimeout(() => {
        log.saving = null;
        if (this.logs.get(log.id) !== log) return;
        const { epoch, last, mine, read, delivered, state, bot, agent, group } = log;
        const events = log.events.slice(-KEPT_EVENTS);
        this.storage.set(`${this.prefix}log:${log.id}`, { epoch, seq: last, mine, read, delivered, state, bot, agent, group, events });
      }, this.timing.receipt);
    }
  }

  return Object.assign(LingxiClient, { uuid, memoryStorage, webStorage, TIMING });
});
