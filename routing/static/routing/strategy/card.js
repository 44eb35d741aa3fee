// One rule on a card: its sentence always, its parts when it is open.

import { h, iconButton } from "../../lingxi/editor/dom.js";
import { problemList } from "../../lingxi/editor/problems.js";
import { Actions } from "./actions.js";
import { Conditions } from "./conditions.js";

/** A card. `host` is the editor: it holds draft, catalogue, what is open, and does what buttons ask. */
export class Card {
  constructor(rule, host) {
    this.rule = rule;
    this.host = host;
    this.element = h("li", { class: "st-card", data: { item: rule.id, testid: "rule" } });
    this.body = h("div", { class: "st-body", id: `rule-${rule.id}` });
    this.sentence = h("p", { class: "st-sentence", data: { testid: "sentence" } });
    this.problems = h("ul", { class: "st-problems", data: { testid: "problems" } });
    this.draw();
  }

  get isOpen() {
    return this.host.open.has(this.rule.id);
  }

  /** All of it anew. */
  draw() {
    this.element.replaceChildren(this.head(), this.sentence, this.problems, this.body);
    this.place();
    this.drawBody();
  }

  /** The number, and what depends on the place in the list. */
  place() {
    const at = this.host.draft.find(this.rule.id);
    this.element.querySelector(".st-place").textContent = String(at + 1);
    this.element.querySelector("[data-go=up]").disabled = at === 0;
    this.element.querySelector("[data-go=down]").disabled = at === this.host.draft.rules.length - 1;
    this.element.classList.toggle("is-off", !this.rule.enabled);
    const stops = this.host.catalogue.places(this.rule.then);
    const flow = this.element.querySelector(".st-flow");
    flow.textContent = !this.rule.enabled ? "已停用" : stops ? "命中即停" : "命中后继续";
    flow.title = stops ? "匹配后不再看下面的规则" : "只附加动作，匹配后继续看下面的规则";
  }

  head() {
    const { rule, host } = this;
    const name = h("input", {
      class: "st-name", value: rule.name, maxLength: 60, placeholder: "给规则起个名字", "aria-label": "规则名称", data: { testid: "rule-name" },
      on: { input: () => this.set("name", name.value) },
    });
    const on = h("input", { type: "checkbox", class: "st-switch", role: "switch", checked: rule.enabled, "aria-label": "启用规则", title: "启用 / 停用", on: { change: () => this.set("enabled", on.checked) } });
    return h("div", { class: "st-head" },
      iconButton("drag_indicator", "拖动排序；也可用上下方向键", () => {}, { class: "st-icon st-handle" }),
      h("span", { class: "st-place", title: "从上到下依次判断" }),
      name, h("span", { class: "st-flow" }), on,
      h("span", { class: "st-tools" },
        iconButton("arrow_upward", "上移", () => host.move(rule, -1), { data: { go: "up" } }),
        iconButton("arrow_downward", "下移", () => host.move(rule, 1), { data: { go: "down" } }),
        iconButton("content_copy", "复制规则", () => host.duplicate(rule)),
        iconButton("delete", "删除规则", () => host.remove(rule)),
        this.opener()));
  }

  opener() {
    const label = () => (this.isOpen ? "收起" : "编辑规则");
    const toggle = iconButton("expand_more", label(), () => {
      this.host.open[this.isOpen ? "delete" : "add"](this.rule.id);
      history.replaceState(null, "", this.isOpen ? `#${this.body.id}` : location.pathname);
      toggle.setAttribute("aria-expanded", String(this.isOpen));
      toggle.setAttribute("aria-label", label());
      this.drawBody();
    }, { class: "st-icon st-opener", "aria-expanded": String(this.isOpen), "aria-controls": this.body.id, data: { testid: "rule-open" } });
    return toggle;
  }

  set(name, value) {
    this.rule[name] = value;
    this.place();
    this.host.draft.touched();
  }

  drawBody(then) {
    this.body.hidden = !this.isOpen;
    this.element.classList.toggle("is-open", this.isOpen);
    if (!this.isOpen) return this.body.replaceChildren();
    const changed = (structure, after) => {
      if (structure) this.redraw(after);
      this.place();
      this.host.draft.touched();
    };
    const conditions = new Conditions(this.rule.when, this.host.catalogue, changed);
    conditions.root = this.body;
    this.body.replaceChildren(conditions.element(), new Actions(this.rule.then, this.host.catalogue, changed).element());
    this.mark();
    if (then) then();
  }

  /** The body anew, with the focus where it was: on the same control of the same row. */
  redraw(after) {
    const controls = () => [...this.body.querySelectorAll("select, input, textarea, button")];
    const at = controls().indexOf(document.activeElement);
    this.drawBody();
    if (after) after();
    else if (at >= 0) (controls()[at] || controls().at(-1))?.focus();
  }

  /** What the server says of it. */
  say(sentence, problems) {
    this.sentence.replaceChildren(...pieces(sentence || ""));
    this.problems.replaceChildren(...problemList(problems));
    this.element.classList.toggle("has-error", problems.some((problem) => problem.level === "error"));
    this.wrong = problems.filter((problem) => problem.level === "error").map((problem) => problem.path.replace(/^\d+\./, ""));
    this.mark();
  }

  /** The rows that something is wrong with. */
  mark() {
    this.body.querySelectorAll("[data-path]").forEach((row) => {
      row.classList.toggle("is-wrong", (this.wrong || []).some((path) => path === row.dataset.path || path.startsWith(`${row.dataset.path}.`)));
    });
  }
}

/** The sentence, with a gap where something is not filled in or not valid; why is said below it. */
function pieces(sentence) {
  return sentence.split(/【失效：[^】]*】/).flatMap((text, at) => (
    at ? [h("span", { class: "st-gap", text: "待填写" }), text] : [text]));
}
