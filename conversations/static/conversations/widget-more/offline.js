/* 留言: the form while nobody is there, and what was left. It stands above the composer, which stays. */
(function (W) {
  "use strict";

  const { h, icon } = W;
  const SHOWN = 3;

  W.Offline = class {
    constructor(widget) {
      const { shell, words } = widget;
      Object.assign(this, { widget, words, host: shell.extra, left: [], away: false, fields: {} });
    }

    /** `away`: nobody is there. Called often, so it builds only what changed. */
    draw(away) {
      this.away = away;
      this.remember();
      const form = away && !this.shut && (!this.left.length || this.again);
      const mode = form ? "form" : this.left.length && !this.shut ? `left${away}` : away ? "slim" : "";
      if (mode === this.mode) return;
      this.mode = mode;
      this.typed = this.said(); // what was typed is not lost when the form goes
      this.host.replaceChildren(...(form ? [this.form()] : mode === "slim" ? [this.slim()] : mode ? [this.list()] : []));
      this.widget.fit();
    }

    /** What was left on an earlier visit, asked for once. */
    async remember() {
      const { client, session } = this.widget;
      if (this.asked || !session.get("left")) return;
      this.asked = true;
      try {
        if (!(await client.authorize())) return;
        const { results } = await client.request("GET", "/api/v1/visitor/offline-messages");
        this.show(results);
      } catch (error) {
        this.asked = false;
      }
    }

    show(left) {
      Object.assign(this, { left, again: false, mode: null });
      this.draw(this.away);
    }

    set(change) {
      Object.assign(this, change);
      this.draw(this.away);
    }

    top(title, testid) {
      const { words } = this;
      return h("div", { class: "top" }, h("h3", { tabindex: "-1" }, title), h("button", { type: "button", title: words.shut,
        "aria-label": words.shut, "data-testid": testid, onclick: () => this.set({ shut: true }) }, icon("down")));
    }

    /** One line, when the form was put away. */
    slim() {
      return h("div", { class: "slim" }, h("p", {}, this.text()), h("button", { class: "pill", type: "button", "data-testid": "offline-open",
        onclick: () => this.set({ shut: false, again: true }) }, this.words.leaveTitle));
    }

    text() { return this.widget.config.offline_text || this.words.offline; }

    list() {
      const { words } = this;
      const line = ({ text, created_at, state }) => h("div", { class: "said", "data-testid": "left" }, text,
        h("small", {}, `${W.day(created_at, words)} ${W.clock(created_at, words.lang)} · ${words.leftStates[state]}`));
      return h("div", {}, this.top(words.leftTitle, "left-shut"), this.thanks && h("p", { role: "status", "data-testid": "left-thanks" }, words.leftThanks),
        this.left.slice(0, SHOWN).map(line),
        this.away && h("div", { class: "choices" }, h("button", { class: "pill", type: "button", "data-testid": "leave-again",
          onclick: () => this.set({ again: true }) }, words.again)));
    }

    form() {
      const { words } = this;
      this.fields = {};
      const field = (name, props, tag = "input", note = "") => {
        const wrong = h("span", { class: "wrong", role: "alert", id: `lx-wrong-${name}` });
        const input = h(tag, { name, value: this.typed[name], "aria-describedby": wrong.id, "data-testid": `leave-${name}`, ...props });
        this.fields[name] = { input, wrong };
        return h("label", {}, words[name] + note, input, wrong);
      };
      this.button = h("button", { class: "solid", type: "submit", "data-testid": "leave-submit" }, words.leaveIt);
      const form = h("form", { novalidate: true, "data-testid": "offline-form", onsubmit: (event) => this.submit(event) },
        field("text", { rows: 2, maxlength: 5000, required: true }, "textarea"), h("div", { class: "pair" }, field("phone", { type: "tel", maxlength: 32, autocomplete: "tel", placeholder: words.either }),
          field("email", { type: "email", maxlength: 254, autocomplete: "email", placeholder: words.either })),
        field("name", { maxlength: 80, autocomplete: "name" }, "input", `（${words.optional}）`), this.button);
      form.className = "fields";
      return h("div", {}, this.top(words.leaveTitle, "offline-shut"), h("p", { "data-testid": "offline-text" }, this.text()), form);
    }

    /** What is filled in, by field. */
    said() {
      const said = {};
      for (const [name, { input }] of Object.entries(this.fields)) if (input.value.trim()) said[name] = input.value.trim();
      return said;
    }

    async submit(event) {
      event.preventDefault();
      const { widget, words } = this;
      const said = this.said();
      if (!this.told(said.text ? {} : { text: [words.required] })) return;
      this.button.disabled = true;
      try {
        await this.send(said);
      } catch (error) {
        if (this.told(error.fields || {})) widget.shell.tell(error.detail || words.endFailed);
      }
      this.button.disabled = false;
    }

    /** Shows what is wrong, field by field; true when nothing of it could be shown. */
    told(wrongs) {
      let first = null;
      for (const [name, { input, wrong }] of Object.entries(this.fields)) {
        wrong.textContent = wrongs[name] ? wrongs[name].join("，") : "";
        input.setAttribute("aria-invalid", String(Boolean(wrongs[name])));
        if (wrongs[name] && !first) first = input;
      }
      if (first) first.focus();
      return !first;
    }

    async send(said) {
      const { client, id, log, session } = this.widget;
      if (!(await client.authorize())) throw new Error("not now");
      const path = id && log && log.state === "offline" ? `conversations/${id}/offline-message` : "offline-messages";
      const stored = await client.request("POST", `/api/v1/visitor/${path}`, said);
      session.set("left", true);
      Object.assign(this, { asked: true, thanks: true, fields: {} });
      this.show([stored, ...this.left.filter(({ id: other }) => other !== stored.id)]);
      this.host.querySelector("h3").focus();
    }
  };
})(LingxiClient.widget);
