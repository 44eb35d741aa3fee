/* A ticket's card in the chat, and the question how it was, with the way back when it was not solved. */
(function (W) {
  "use strict";

  const { h, icon } = W;
  const DONE = ["resolved", "closed"];

  W.ticketTime = (when, words) => `${W.day(when, words)} ${W.clock(when, words.lang)}`;
  W.ticketPill = ({ category, status }) => h("span", { class: `state ${category}`, "data-testid": "ticket-status" }, status);

  /** `entry` of the log with what was last said of its ticket; the last that asks, asks. */
  W.ticketCard = function (entry, now, host) {
    const words = W.said;
    const asks = entry.seq === now.asked && DONE.includes(now.category) && !now.rating;
    return h("div", { class: "bubble card", "data-testid": "ticket-card", "data-number": now.number },
      h("div", { class: "line" }, icon("ticket"), h("b", {}, now.number), W.ticketPill(now)),
      h("div", { class: "what" }, now.title),
      h("small", {}, words.t.updated(W.ticketTime(now.updated_at, words))),
      now.rating && h("small", { "data-testid": "ticket-rated" }, words.t.rated(now.rating)),
      asks ? W.ticketSurvey(now.number, host.tickets) : h("button", { class: "pill", type: "button", "data-testid": "ticket-open", onclick: () => host.tickets().then((desk) => desk.show(now.number)) }, words.t.look));
  };

  /** Stars and 已解决 / 未解决; `desk()` resolves to what sends the answer. */
  W.ticketSurvey = function (number, desk, may = { reopen: true }) {
    const { t } = W.said;
    let score = 0;
    const word = h("p", { class: "hint", "aria-live": "polite" });
    const comment = h("textarea", { rows: 2, maxlength: 500, placeholder: t.comment, "aria-label": t.comment, hidden: true, "data-testid": "ticket-comment" });
    const send = async (button, path, body) => {
      button.disabled = true;
      word.textContent = "";
      await (await desk()).act(number, path, body).catch((error) => (word.textContent = error.detail || W.said.endFailed));
      button.disabled = false;
    };
    const pick = (n) => {
      score = n;
      stars.forEach((star, index) => {
        star.classList.toggle("on", index < n);
        star.setAttribute("aria-checked", String(index + 1 === n));
        star.tabIndex = index + 1 === (n || 1) ? 0 : -1;
      });
      word.textContent = t.scores[n];
      comment.hidden = yes.disabled = !n;
    };
    const stars = [1, 2, 3, 4, 5].map((n) => h("button", { class: "star", type: "button", role: "radio", "aria-label": t.stars(n), "data-score": n, onclick: () => pick(n) }, icon("star")));
    const arrow = (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      pick(Math.min(5, Math.max(1, score + step)));
      stars[score - 1].focus();
    };
    const yes = h("button", { class: "solid", type: "button", "data-testid": "ticket-rate",
      onclick: () => send(yes, "rating", { score, comment: comment.value.trim() }) }, t.rate);
    const no = h("button", { class: "quiet", type: "button", "data-testid": "ticket-unsolved", onclick: () => turn(true) }, t.open);
    const why = h("textarea", { rows: 2, maxlength: 500, placeholder: t.why, "aria-label": t.why, "data-testid": "ticket-why" });
    const again = h("button", { class: "solid", type: "button", "data-testid": "ticket-reopen",
      onclick: () => send(again, "reopen", { text: why.value.trim() }) }, t.reopen);
    const asked = h("div", { class: "asks" }, h("p", {}, t.how),
      h("div", { class: "stars", role: "radiogroup", "aria-label": t.how, "data-testid": "ticket-stars", onkeydown: arrow }, stars),
      comment, h("div", { class: "choices" }, may.reopen && no, yes));
    const back = h("div", { class: "asks", hidden: true }, why, h("div", { class: "choices" },
      h("button", { class: "quiet", type: "button", onclick: () => turn(false) }, t.cancel), again));
    const turn = (on) => {
      asked.hidden = on;
      back.hidden = !on;
      word.textContent = "";
      (on ? why : no).focus();
    };
    pick(0);
    return h("div", { class: "survey", "data-testid": "ticket-survey" }, asked, back, word);
  };
})(LingxiClient.widget);
