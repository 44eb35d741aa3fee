// The editor of declared fields: cards in their order, a preview, saving and publishing.

import { postButtons, say } from "../editor/dialogs.js";
import { button, h, json } from "../editor/dom.js";
import { copy, Draft } from "../editor/draft.js";
import { post } from "../editor/http.js";
import { sortable } from "../editor/order.js";
import { problemList } from "../editor/problems.js";
import { Saving } from "../editor/saving.js";
import { Card } from "./card.js";

const PAUSE = 500; // ms without typing before the server is asked

class Editor {
  constructor(data) {
    this.data = data;
    this.draft = new Draft(data);
    this.open = new WeakSet();
    this.cards = new Map();
    this.last = 0;
    this.list = document.getElementById("sf-fields");
    this.draft.addEventListener("change", () => this.changed());
    sortable(this.list, (id, to) => this.moveTo(this.byId(id), to));
    this.adders();
    this.sync();
    this.hear(data.found);
  }

  /** A type by its name. */
  type(name) {
    return this.data.types.find((one) => one.value === name) || { label: name, settings: [] };
  }

  adders() {
    const types = this.data.types.map((one) => button(one.label, () => this.add(one.value), {
      symbol: "add", title: one.title, data: { testid: `add-${one.value}` },
    }));
    document.getElementById("sf-adders").append(...types);
  }

  changed() {
    this.sync();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look().catch(() => {}), PAUSE);
  }

  byId(id) {
    return [...this.cards.values()].find((card) => card.id === id).definition;
  }

  /** The cards are those of the definitions, in their order. */
  sync() {
    const focused = document.activeElement;
    const wanted = this.draft.content.map((definition) => this.card(definition));
    this.cards.forEach((card, definition) => !wanted.includes(card) && this.cards.delete(definition));
    const now = [...this.list.children];
    if (now.length !== wanted.length || wanted.some((card, at) => now[at] !== card.element)) {
      this.list.replaceChildren(...wanted.map((card) => card.element));
      if (this.list.contains(focused)) focused.focus();
    }
    wanted.forEach((card, at) => card.place(at, wanted.length));
    document.getElementById("sf-empty").hidden = wanted.length > 0;
  }

  card(definition) {
    if (!this.cards.has(definition)) {
      this.last += 1;
      this.cards.set(definition, new Card(`f${this.last}`, definition, this));
    }
    return this.cards.get(definition);
  }

  /** Asks the server what is wrong, and for the preview. */
  async look() {
    clearTimeout(this.timer);
    this.looking?.abort();
    this.looking = new AbortController();
    const found = await post(this.data.urls.check, { content: this.draft.content }, { signal: this.looking.signal });
    this.hear(found);
    return found;
  }

  hear(found) {
    this.heard = found;
    this.draft.content.forEach((definition, at) => this.card(definition).say(this.problemsOf(at)));
    const whole = found.problems.filter((problem) => problem.path === "");
    document.getElementById("st-global").replaceChildren(...problemList(whole));
    const errors = found.problems.filter((problem) => problem.level === "error").length;
    const summary = document.getElementById("st-summary");
    summary.textContent = errors ? `${errors} 处需要改正` : found.summary;
    summary.classList.toggle("is-error", errors > 0);
    this.preview(found.preview ?? "", errors);
  }

  /** What the server rendered from its own templates. */
  preview(html, errors) {
    const box = document.getElementById("sf-preview");
    document.getElementById("sf-preview-none").hidden = !errors;
    if (!errors) box.innerHTML = html;
    box.hidden = errors > 0;
  }

  problemsOf(at) {
    return this.heard.problems.filter((problem) => problem.path.split(".")[0] === String(at) && problem.path !== "");
  }

  /** The server refused for these problems: shows the first. */
  refuse(problems) {
    this.hear({ ...this.heard, problems });
    const first = problems.find((problem) => problem.level === "error");
    const definition = first && this.draft.content[Number(first.path.split(".")[0])];
    if (!definition) return;
    this.open.add(definition);
    this.card(definition).drawBody();
    this.card(definition).element.scrollIntoView({ block: "center" });
  }

  add(type) {
    const taken = new Set([...this.draft.content.map((one) => one.key), ...Object.keys(this.data.locked)]);
    let number = 1;
    while (taken.has(`${type}_${number}`)) number += 1;
    const definition = { key: `${type}_${number}`, type, label: "" };
    if (this.type(type).settings.includes("options")) definition.options = [];
    this.draft.change((content) => content.push(definition));
    this.open.add(definition);
    this.card(definition).drawBody();
    this.reveal(definition);
  }

  reveal(definition, what = ".st-name") {
    const { element } = this.card(definition);
    element.scrollIntoView({ block: "nearest" });
    element.querySelector(what).focus();
  }

  remove(definition) {
    const at = this.draft.content.indexOf(definition);
    this.draft.change((content) => content.splice(at, 1));
    say(`已删除“${definition.label || definition.key}”；已有记录中的值不会丢失`, { undo: () => this.draft.undo() });
    const next = this.draft.content[Math.min(at, this.draft.content.length - 1)];
    if (next) this.reveal(next, ".st-opener");
  }

  move(definition, step) {
    this.moveTo(definition, this.draft.content.indexOf(definition) + step);
  }

  moveTo(definition, to) {
    const from = this.draft.content.indexOf(definition);
    if (to < 0 || to >= this.draft.content.length || to === from) return this.sync();
    this.draft.change((content) => content.splice(to, 0, ...content.splice(from, 1)));
    document.getElementById("st-live").textContent = `${definition.label || definition.key} 移到第 ${to + 1} 位`;
  }
}

const data = json("editor-data");
const editor = new Editor({ ...data, content: copy(data.content) });
new Saving(editor, data);
postButtons(document);
