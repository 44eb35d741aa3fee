/* Who the visitor is and what the widget remembers between pages. */
(function (W) {
  "use strict";

  const UTM = ["source", "medium", "campaign", "term", "content"];
  const EARLY = 5 * 60e3; // a token this close to its end is renewed first

  /** Where the visitor came from and with what; asked once per session. */
  function environment() {
    const query = new URLSearchParams(location.search);
    const utm = {};
    for (const key of UTM) if (query.get(`utm_${key}`)) utm[key] = query.get(`utm_${key}`).slice(0, 200);
    const phone = /Mobi|Android|iPhone/i.test(navigator.userAgent);
    const network = navigator.connection && navigator.connection.effectiveType;
    return {
      entry_page: location.href.slice(0, 2000), referrer: document.referrer.slice(0, 2000), utm,
      device: phone ? "mobile" : "desktop", os: navigator.platform || "", network: network || "",
      language: navigator.language, screen: `${screen.width}x${screen.height}`, title: document.title.slice(0, 200),
    };
  }

  W.Session = class {
    constructor({ base, channel }) {
      Object.assign(this, { base, channel, fields: {}, prefix: `lingxi:${channel}:` });
      this.store = this.webStore();
      this.visitor = this.get("visitor") || LingxiClient.uuid();
      this.set("visitor", this.visitor);
      this.identity = this.get("identity");
      this.entry = this.firstPage();
    }

    /** Storage is refused in some privacy modes; the chat then lives as long as the page. */
    webStore() {
      try {
        localStorage.setItem(`${this.prefix}probe`, "1");
        return localStorage;
      } catch (error) {
        const map = new Map();
        return { getItem: (key) => map.get(key) ?? null, setItem: (key, value) => map.set(key, value), removeItem: (key) => map.delete(key) };
      }
    }

    get(name) {
      try {
        return JSON.parse(this.store.getItem(this.prefix + name));
      } catch (error) {
        return null;
      }
    }

    set(name, value) {
      try {
        if (value === null) this.store.removeItem(this.prefix + name);
        else this.store.setItem(this.prefix + name, JSON.stringify(value));
      } catch (error) { /* full: what matters is also in memory */ }
    }

    /** The page a visit began on: kept for 30 minutes of browsing, as analytics do. */
    firstPage() {
      const kept = this.get("entry");
      const fresh = kept && Date.now() - kept.at < 18e5;
      const entry = fresh ? kept.context : environment();
      this.began = (fresh && kept.began) || Date.now();
      this.set("entry", { at: Date.now(), began: this.began, context: entry });
      return entry;
    }

    /** A token: the kept one while it is good, else a new session. */
    async authenticate(reason) {
      const kept = this.get("token");
      if (reason === "start" && kept && kept.expires - Date.now() > EARLY) return kept;
      const start = () => this.post("/api/v1/visitor/sessions", {
        channel: this.channel, context: { ...environment(), ...this.entry },
        ...this.who(), ...(this.profile && { profile: this.profile }),
      });
      const answer = await start().catch((error) => this.anonymous(error, start));
      const expires = Date.parse(answer.expires_at) || Date.now() + 36e5;
      this.set("token", { token: answer.token, ws_path: answer.ws_path, expires });
      if (this.onsession) this.onsession(answer);
      return answer;
    }

    /** A site that identifies its visitors wrongly must not leave them without a chat. */
    anonymous(error, start) {
      if (!(error.status >= 400 && error.status < 500) || !(this.identity || this.profile)) throw error;
      console.warn("lingxi: identify was not accepted:", error.message);
      this.identity = this.profile = null;
      return start();
    }

    who() {
      const cookie = { kind: "cookie", value: this.visitor };
      return this.identity ? { identity: this.identity, also: [cookie] } : { identity: cookie };
    }

    /** False when this is what the server was told already; pages call it on every load. */
    identify({ kind, value, signature, profile }) {
      const sign = JSON.stringify([kind, value, profile]);
      if (sign === this.get("identified") && this.get("token")) return false;
      this.set("identified", sign);
      this.identity = kind && value ? { kind, value, ...(signature && { signature }) } : this.identity;
      this.profile = profile || this.profile;
      this.set("identity", this.identity);
      this.set("token", null);
      return true;
    }

    async post(path, body) {
      const response = await fetch(this.base + path, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
      });
      const data = await response.json().catch(() => ({}));
      if (response.ok) return data;
      throw Object.assign(new Error(data.detail || "session"), { status: response.status, code: data.code });
    }

    async config() {
      const query = new URLSearchParams({ channel: this.channel, page: location.href.slice(0, 2000) });
      const response = await fetch(`${this.base}/api/v1/visitor/config?${query}`);
      if (!response.ok) throw Object.assign(new Error("config"), { status: response.status });
      const config = await response.json();
      this.set("config", config);
      return config;
    }

    /** XMLHttpRequest, because fetch does not tell upload progress. */
    upload(client, file, onprogress) {
      return new Promise((resolve, reject) => {
        const xhr = new XMLHttpRequest();
        const form = new FormData();
        form.append("file", file, file.name || "image.png");
        xhr.open("POST", `${this.base}/api/v1/visitor/attachments`);
        xhr.setRequestHeader("Authorization", `Bearer ${client.token}`);
        xhr.responseType = "json";
        xhr.upload.onprogress = (event) => event.lengthComputable && onprogress(event.loaded / event.total);
        xhr.onload = () => (xhr.status < 300 ? resolve(xhr.response) : reject(Object.assign(new Error("upload"),
          { status: xhr.status, ...(xhr.response || {}) })));
        xhr.onerror = () => reject(new Error("network"));
        xhr.send(form);
      });
    }
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
