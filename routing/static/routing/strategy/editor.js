// The page of a strategy: rules as cards, each with the sentence it makes.

import { Card } from "./card.js";
import { Catalogue } from "./catalogue.js";
import { postButtons, say } from "../../lingxi/editor/dialogs.js";
import { json } from "../../lingxi/editor/dom.js";
import { post } from "../../lingxi/editor/http.js";
import { problemList } from "../../lingxi/editor/problems.js";
import { Rules } from "./model.js";
import { sortable } from "../../lingxi/editor/order.js";
import { StrategySaving } from "./saving.js";

const PAUSE = 250; // milliseconds without typing before the server is asked for sentences

class Editor {
  constructor(data) {
    this.urls = data.urls;
    this.catalogue = new Catalogue(data.catalogue);
    this.draft = new Rules(data);
    this.open = new Set();
    this.cards = new Map();
    this.list = document.getElementById("st-rules");
    this.draft.addEventListener("change", () => this.changed());
    sortable(this.list, (id, to) => this.moveTo(id, to));
    document.querySelectorAll("[data-add-rule]").forEach((button) => button.addEventListener("click", () => this.add()));
    this.sync();
    this.hear(data);
    this.openFromAddress();
  }

  /** `#rule-<id>` opens that rule; so it stays open when the page is loaded again. */
  openFromAddress() {
    const id = location.hash.replace("#rule-", "");
    if (this.draft.find(id) < 0) return;
    this.open.add(id);
    this.cards.get(id).draw();
    this.cards.get(id).element.scrollIntoView({ block: "nearest" });
  }

  changed() {
    this.sync();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look().catch(() => {}), PAUSE);
  }

  /** The cards are those of the rules, in their order. */
  sync() {
    const focused = document.activeElement;
    const wanted = this.draft.rules.map((rule) => this.card(rule));
    const kept = new Set(wanted);
    this.cards.forEach((card, id) => !kept.has(card) && this.cards.delete(id));
    if (wanted.some((card, at) => this.list.children[at] !== card.element) || this.list.children.length !== wanted.length) {
      this.list.replaceChildren(...wanted.map((card) => card.element));
      if (this.list.contains(focused)) focused.focus();
    }
    wanted.forEach((card) => card.place());
    document.getElementById("st-empty").hidden = wanted.length > 0;
    document.getElementById("st-filled").hidden = wanted.length === 0;
    document.getElementById("st-count").textContent = `${wanted.length} 条规则`;
  }

  card(rule) {
    const known = this.cards.get(rule.id);
    if (known?.rule === rule) return known;
    const card = new Card(rule, this);
    this.cards.set(rule.id, card);
    card.say(...(this.heard ? [this.heard.sentences[rule.id], this.problemsOf(rule.id)] : ["", []]));
    return card;
  }

  problemsOf(id) {
    return this.heard.problems.filter((problem) => problem.rule_id === id);
  }

  /** Asks the server what the rules say and what is wrong with them. */
  async look() {
    clearTimeout(this.timer);
    this.looking?.abort();
    this.looking = new AbortController();
    const found = await post(this.urls.check, { rules: this.draft.rules }, { signal: this.looking.signal });
    this.hear(found);
    return found;
  }

  hear(found) {
    this.heard = found;
    this.cards.forEach((card, id) => card.say(found.sentences[id], this.problemsOf(id)));
    document.getElementById("st-global").replaceChildren(...problemList(this.problemsOf("")));
    const errors = found.problems.filter((problem) => problem.level === "error").length;
    const summary = document.getElementById("st-summary");
    summary.textContent = errors ? `${errors} 处需要改正后才能发布` : found.summary;
    summary.classList.toggle("is-error", errors > 0);
  }

  /** The server refused for these problems: shows the first. */
  refuse(problems) {
    this.heard = { ...this.heard, problems };
    this.hear(this.heard);
    const card = this.cards.get((problems.find((problem) => problem.level === "error") || problems[0])?.rule_id);
    card?.element.scrollIntoView({ block: "center" });
  }

  reveal(rule, field = ".st-name") {
    const { element } = this.cards.get(rule.id);
    element.scrollIntoView({ block: "nearest" });
    element.querySelector(field).focus();
  }

  add() {
    const added = this.draft.add(this.catalogue.rule());
    this.open.add(added.id);
    this.cards.get(added.id).drawBody();
    this.reveal(added);
  }

  duplicate(rule) {
    this.reveal(this.draft.duplicate(rule.id));
    say(`已复制“${rule.name || "未命名规则"}”`, { undo: () => this.draft.undo() });
  }

  remove(rule) {
    const at = this.draft.find(rule.id);
    this.draft.remove(rule.id);
    say(`已删除“${rule.name || "未命名规则"}”`, { undo: () => this.draft.undo() });
    const next = this.draft.rules[Math.min(at, this.draft.rules.length - 1)];
    if (next) this.reveal(next, ".st-opener");
    else document.querySelector("#st-empty [data-add-rule]").focus();
  }

  move(rule, step) {
    this.moveTo(rule.id, this.draft.find(rule.id) + step);
  }

  moveTo(id, to) {
    if (!this.draft.move(id, to)) return this.sync();
    const { rule, element } = this.cards.get(id);
    element.scrollIntoView({ block: "nearest" });
    document.getElementById("st-live").textContent = `${rule.name || "规则"} 移到第 ${to + 1} 位`;
  }
}

const data = json("strategy-data");
const editor = new Editor(data);
new StrategySaving(editor, data);
postButtons(document);
