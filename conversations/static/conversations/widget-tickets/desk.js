/* 我的工单: the list, one of them, and the form for a new one; over the chat, under the head. */
(function (W) {
  "use strict";

  const { h, icon } = W;

  W.Desk = class {
    constructor(widget) {
      Object.assign(this, { widget, words: widget.words, t: widget.words.t });
      this.node = h("section", { class: "desk", role: "region", "aria-label": this.words.tickets, hidden: true, "data-testid": "desk",
        onkeydown: (event) => this.key(event) });
      this.notice = h("p", { class: "hint", role: "alert" });
      widget.shell.panel.append(this.node);
    }

    key(event) {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.back ? this.back() : this.shut();
    }

    // ---- asking the server -------------------------------------------------------------------

    async request(method, path, body) {
      const { client } = this.widget;
      if (!(await client.authorize())) throw new Error("not now");
      return client.request(method, `/api/v1/visitor/${path}`, body);
    }

    /** Rating, reopening, urging, saying something; the ticket as it is then. */
    async act(number, path, body) {
      const one = await this.request("POST", `tickets/${number}/${path}`, body);
      if (this.number === number) this.drawOne(one);
      return one;
    }

    // ---- what is shown -----------------------------------------------------------------------

    async show(number) {
      const { panel } = this.widget.shell;
      this.node.style.setProperty("--top", `${panel.firstChild.offsetHeight}px`);
      for (const other of panel.children) if (other !== this.node && other !== panel.firstChild) other.inert = true;
      this.node.hidden = false;
      await (number ? this.one(number) : this.list());
    }

    shut() {
      this.node.hidden = true;
      this.number = this.back = null;
      for (const other of this.widget.shell.panel.children) other.inert = false;
      this.widget.shell.ticketsButton.focus();
    }

    /** A page: its title with the way back, then `parts`. */
    page(title, back, ...parts) {
      this.back = back;
      this.notice.textContent = "";
      const tool = (name, label, onclick, testid) => h("button", { type: "button", title: label, "aria-label": label, "data-testid": testid, onclick }, icon(name));
      const heading = h("h3", { tabindex: "-1" }, title);
      this.node.replaceChildren(h("div", { class: "top" }, back && tool("down", this.t.back, back, "desk-back"), heading,
        tool("close", this.words.close, () => this.shut(), "desk-close")), h("div", { class: "inside" }, parts, this.notice));
      heading.focus({ preventScroll: true });
    }

    tell(error) { this.notice.textContent = error.detail || this.words.endFailed; }

    async list() {
      this.number = null;
      this.page(this.words.tickets, null);
      try {
        const [{ results, next }, forms] = await Promise.all([this.request("GET", "tickets?limit=20"), this.forms()]);
        this.page(this.words.tickets, null, forms.length > 0 && this.button(this.t.make, () => this.form(forms), "ticket-make"),
          results.length ? h("ul", { class: "rows", "data-testid": "ticket-list" }, results.map((one) => this.row(one)))
            : h("p", { class: "hint" }, this.t.none));
        if (next) this.more(next);
      } catch (error) {
        this.tell(error);
      }
    }

    more(before) {
      const list = this.node.querySelector("ul");
      const button = h("button", { class: "quiet", type: "button", onclick: async () => {
        const { results, next } = await this.request("GET", `tickets?limit=20&before=${before}`);
        button.remove();
        list.append(...results.map((one) => this.row(one)));
        if (next) this.more(next);
      } }, this.t.more);
      list.after(button);
    }

    row(one) {
      return h("li", {}, h("button", { type: "button", "data-testid": "ticket-row", onclick: () => this.one(one.number) },
        h("span", { class: "line" }, h("b", {}, one.number), h("small", {}, one.type), W.ticketPill(one)),
        h("span", { class: "what" }, one.title), h("small", {}, this.t.updated(W.ticketTime(one.updated_at, this.words)))));
    }

    button(label, onclick, testid, kind = "solid") {
      return h("button", { class: kind, type: "button", "data-testid": testid, onclick }, label);
    }

    async forms() {
      this.known = this.known || (await this.request("GET", "ticket-forms")).results;
      return this.known;
    }

    async form(forms) {
      const made = new W.TicketForm(this, forms);
      this.page(this.t.make, () => this.list(), made.node);
      made.node.querySelector("input, select, textarea").focus();
    }

    // ---- one ticket --------------------------------------------------------------------------

    async one(number) {
      this.number = number;
      try {
        const one = await this.request("GET", `tickets/${number}`);
        if (this.number === number) this.drawOne(one);
      } catch (error) {
        this.page(number, () => this.list());
        this.tell(error);
      }
    }

    /** Something happened to a ticket; what is typed is not thrown away for it. */
    changed({ number, revision }) {
      const typing = [...this.node.querySelectorAll("textarea")].some((one) => one.value);
      if (this.node.hidden || number !== this.number || typing || revision <= this.revision) return;
      this.one(number);
    }

    drawOne(one) {
      const { t } = this;
      this.revision = one.revision;
      this.page(one.number, () => this.list(), h("div", { class: "line" }, h("small", {}, one.type), W.ticketPill(one)),
        h("p", { class: "what" }, one.title), one.agent && h("small", {}, t.agent(one.agent)), one.description && h("p", { class: "text" }, one.description),
        one.values.length > 0 && h("dl", {}, one.values.flatMap(({ label, text }) => [h("dt", {}, label), h("dd", {}, text)])),
        this.files(one.files), this.asks(one), h("h4", {}, t.progress), this.steps(one), this.saying(one), this.urging(one));
    }

    asks({ number, rating, may }) {
      const { t } = this;
      if (rating) return [h("p", { class: "hint" }, t.rated(rating)), may.reopen && this.wayBack(number, may)];
      return may.rate ? W.ticketSurvey(number, async () => this, may) : may.reopen && this.wayBack(number, may);
    }

    wayBack(number, { reopen_until: until }) {
      return h("div", { class: "choices" }, this.button(this.t.reopen, () => this.act(number, "reopen", {}).catch((error) => this.tell(error)), "desk-reopen", "pill"),
        until && h("small", {}, this.t.until(W.ticketTime(until, this.words))));
    }

    steps({ timeline, comments }) {
      const when = ({ created_at }) => h("small", {}, W.ticketTime(created_at, this.words));
      const all = [...timeline.map((step) => [step.created_at, h("li", {}, step.text, when(step))]),
        ...comments.map((said) => [said.created_at, h("li", { class: said.mine ? "said mine" : "said", "data-testid": "ticket-said" },
          h("b", {}, said.mine ? this.t.mine : said.author), h("span", {}, W.linkify(said.text)), this.files(said.files), when(said))])];
      return h("ol", { class: "steps" }, all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, node]) => node));
    }

    files(files) {
      const { base } = this.widget;
      return files.map(({ url, name }) => h("a", { class: "attached", href: W.safeUrl(url, `${base}/`), target: "_blank", rel: "noopener noreferrer" }, icon("clip"), name));
    }

    saying({ number }) {
      const { t } = this;
      const text = h("textarea", { rows: 2, maxlength: 5000, placeholder: t.say, "aria-label": t.say, "data-testid": "ticket-say" });
      const key = LingxiClient.uuid();
      const send = this.button(t.send, () => {
        const said = text.value.trim();
        if (!said) return text.focus();
        send.disabled = true;
        this.act(number, "comments", { text: said, client_id: key }).catch((error) => this.tell(error)).then(() => (send.disabled = false));
      }, "ticket-send", "pill");
      return h("div", { class: "fields" }, text, h("div", { class: "choices" }, send));
    }

    urging({ number, may, urges }) {
      const { t } = this;
      if (!may.urge && !may.urge_at) return null;
      const button = this.button(t.urge, () => this.act(number, "urge", {}).catch((error) => this.tell(error)), "ticket-urge", "pill");
      button.disabled = !may.urge;
      return h("div", { class: "choices" }, button, h("small", { "data-testid": "ticket-urges" },
        may.urge_at && urges.left ? t.urgeLater(W.ticketTime(may.urge_at, this.words)) : t.urges(urges)));
    }
  };
})(LingxiClient.widget);
