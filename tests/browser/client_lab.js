/* A server in a few lines: it records frames, and says only what a test makes it say. */
window.lab = (options = {}) => {
  const lab = { sockets: [], posts: [], seen: [], statuses: [], states: [], blocked: false,
    store: options.store || new Map(), routes: {} };
  class FakeSocket {
    constructor(url) {
      Object.assign(this, { url, readyState: 0, frames: [] });
      lab.sockets.push(this);
      setTimeout(() => lab.blocked ? this.die(1006) : (this.readyState = 1, this.onopen({})), 1);
    }
    send(text) { this.frames.push(JSON.parse(text)); }
    close() { this.readyState = 3; }
    die(code) { this.readyState = 3; this.onclose({ code }); }
    say(frame) { this.onmessage({ data: JSON.stringify(frame) }); }
    of(type) { return this.frames.filter((frame) => frame.t === type); }
  }
  const storage = {
    get: async (key) => lab.store.has(key) ? JSON.parse(lab.store.get(key)) : undefined,
    set: async (key, value) => void lab.store.set(key, JSON.stringify(value)),
    remove: async (key) => void lab.store.delete(key),
    keys: async (prefix) => [...lab.store.keys()].filter((key) => key.startsWith(prefix)),
  };
  const answer = (status, body) => ({ ok: status < 400, status, headers: { get: () => null }, json: async () => body });
  const fetch = async (url, init = {}) => {
    const path = new URL(url).pathname;
    lab.posts.push({ path, url, body: init.body && JSON.parse(init.body), auth: (init.headers || {}).Authorization });
    const [status, body] = lab.routes[path] ? await lab.routes[path](url, init) : [404, { code: "not_found" }];
    return answer(status, body);
  };
  lab.client = new LingxiClient({
    role: "visitor", base: "http://x", token: "t1", WebSocket: FakeSocket, fetch, storage, random: () => 0.5, ...options.client,
    timing: { tick: 20, backoff: 10, backoffMax: 40, regap: 60, receipt: 10, typing: 40, upgrade: 60000, wait: 0, ...options.timing },
  });
  lab.client.on("event", ({ event }) => lab.seen.push(event.seq));
  lab.client.on("status", (s) => lab.statuses.push([s.client_msg_id, s.status, s.reason]));
  lab.client.on("connection", (s) => lab.states.push(`${s.state}:${s.transport || ""}`));
  lab.ws = () => lab.sockets[lab.sockets.length - 1];
  lab.event = (seq, extra = {}) => ({ seq, id: `m${seq}`, kind: "message", client_msg_id: `other${seq}`,
    author: { type: "agent", id: "a1", name: "A" }, content: { type: "text", text: `#${seq}` }, ...extra });
  lab.mine = (seq, id) => lab.event(seq, { client_msg_id: id, author: { type: "visitor" } });
  lab.events = (...events) => lab.ws().say({ t: "events", conversation: "c1", events });
  lab.until = async (check, what = check.toString()) => {
    for (let i = 0; i < 150; i++) { const value = check(); if (value) return value; await new Promise((r) => setTimeout(r, 10)); }
    throw new Error("never: " + what);
  };
  lab.sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  lab.online = async (before = 0) => {
    await lab.until(() => lab.sockets.length > before && lab.ws().of("hello").length, "hello");
    lab.ws().say({ t: "welcome", heartbeat: 20 });
  };
  lab.begin = async () => { await lab.client.open("c1", { epoch: "e1" }); lab.client.start(); await lab.online(); return lab; };
  lab.cut = async (code = 1006) => { const n = lab.sockets.length; lab.ws().die(code); await lab.online(n); };
  return lab;
};
