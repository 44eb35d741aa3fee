/* The end of a conversation: asking whether to end it, and how it was. */
(function (W) {
  "use strict";

  const { h, icon } = W;

  /** "End this conversation?"; `done(yes)` is called once. */
  W.confirmEnd = function (words, done) {
    const node = h("div", { class: "sheet", role: "alertdialog", "aria-label": words.endTitle, "data-testid": "end-sheet" },
      h("h3", {}, words.endTitle), h("p", {}, words.endText),
      h("div", { class: "choices" },
        h("button", { class: "quiet", type: "button", onclick: () => done(false), "data-testid": "end-cancel" }, words.cancel),
        h("button", { class: "solid", type: "button", onclick: () => done(true), "data-testid": "end-confirm" }, words.end)));
    return node;
  };

  W.Survey = class {
    /** `host`: {words, rate({score, resolved, comment}) → promise, skip(), restart()} */
    constructor(host) {
      Object.assign(this, { host, score: 0, resolved: null });
      this.node = h("div", { class: "sheet survey", "data-testid": "survey" });
    }

    /** Asks, or, when rated or skipped, only offers a new conversation. */
    show(asked) {
      const { words } = this.host;
      this.thanked = false;
      if (!asked) return this.node.replaceChildren(this.restart());
      this.stars = [1, 2, 3, 4, 5].map((n) => this.star(n));
      this.word = h("p", { class: "score-word", "aria-live": "polite" }, " ");
      this.more = h("div", { class: "more", hidden: true }, h("p", {}, words.resolved), this.yesno(),
        this.comment = h("textarea", { rows: 2, maxlength: 500, placeholder: words.comment, "aria-label": words.comment,
          "data-testid": "rating-comment" }),
        this.button = h("button", { class: "solid", type: "button", "data-testid": "rating-submit", onclick: () => this.submit() }, words.submit));
      this.node.replaceChildren(h("h3", {}, words.rateTitle),
        h("div", { class: "stars", role: "radiogroup", "aria-label": words.rateTitle, "data-testid": "rating-stars",
          onkeydown: (event) => this.arrow(event) }, this.stars),
        this.word, this.more,
        h("div", { class: "choices" }, h("button", { class: "quiet", type: "button", "data-testid": "restart",
          onclick: () => this.host.restart() }, words.restart)));
      this.pick(0);
    }

    restart() {
      const { words } = this.host;
      return h("button", { class: "solid", type: "button", "data-testid": "restart", onclick: () => this.host.restart() }, words.restart);
    }

    star(n) {
      return h("button", { class: "star", type: "button", role: "radio", "aria-label": this.host.words.stars(n),
        "data-score": n, onclick: () => this.pick(n) }, icon("star"));
    }

    pick(n) {
      this.score = n;
      this.stars.forEach((star, index) => {
        star.classList.toggle("on", index < n);
        star.setAttribute("aria-checked", String(index + 1 === n));
        star.tabIndex = index + 1 === (n || 1) ? 0 : -1;
      });
      this.word.textContent = this.host.words.scores[n] || " ";
      this.more.hidden = !n;
    }

    arrow(event) {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.pick(Math.min(5, Math.max(1, this.score + step)));
      this.stars[this.score - 1].focus();
    }

    yesno() {
      const { words } = this.host;
      const make = (value, label) => h("button", { class: "pill", type: "button", "aria-pressed": "false",
        "data-testid": `resolved-${value ? "yes" : "no"}`, onclick: () => choose(value) }, label);
      const both = [make(true, words.yes), make(false, words.no)];
      const choose = (value) => {
        this.resolved = this.resolved === value ? null : value;
        both.forEach((pill, index) => pill.setAttribute("aria-pressed", String(this.resolved === (index === 0))));
      };
      this.resolved = null;
      return h("div", { class: "choices" }, both);
    }

    async submit() {
      const comment = this.comment.value.trim();
      this.button.disabled = true;
      try {
        await this.host.rate({ score: this.score, ...(this.resolved !== null && { resolved: this.resolved }), ...(comment && { comment }) });
        this.thanked = true;
        this.node.replaceChildren(h("h3", { tabindex: "-1", "data-testid": "thanks" }, this.host.words.thanks), this.restart());
        this.node.querySelector("h3").focus();
      } catch (error) {
        this.button.disabled = false;
        this.word.textContent = error.detail || this.host.words.endFailed;
      }
    }
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
