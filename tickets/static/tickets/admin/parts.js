// The parts of a workflow as cards in a list: statuses, transitions, approval chains.

import { say } from "../../lingxi/editor/dialogs.js";
import { h, iconButton, uid } from "../../lingxi/editor/dom.js";
import { sortable } from "../../lingxi/editor/order.js";
import { problemList } from "../../lingxi/editor/problems.js";

/** A part on a card. Subclasses say what stands in `controls()` and, when it opens, in `inside()`. */
export class Card {
  constructor(part, list) {
    this.part = part;
    this.list = list;
    this.editor = list.editor;
    this.id = uid(list.name);
    this.isOpen = false;
    this.element = h("li", { class: "st-card wf-card", data: { item: this.id, testid: list.testid } });
    this.sentence = h("p", { class: "st-sentence", data: { testid: "sentence" } });
    this.problems = h("ul", { class: "st-problems", data: { testid: "problems" } });
    this.body = h("div", { class: "st-body", id: `${this.id}-body`, hidden: true });
    this.element.append(this.head(), this.sentence, this.problems, this.body);
  }

  get opens() {
    return true;
  }

  head() {
    const { list } = this;
    return h("div", { class: "st-head" },
      iconButton("drag_indicator", "拖动排序；也可用上下方向键", () => {}, { class: "st-icon st-handle" }),
      this.controls(),
      h("span", { class: "st-tools" },
        iconButton("delete", `删除${list.what}`, () => list.remove(this.part), { data: { testid: "remove" } }),
        this.opens && this.opener()));
  }

  /** A box for the name, which is what a part is known by. */
  nameBox(label) {
    const box = h("input", {
      class: "st-name", value: this.part.name, maxLength: 40, placeholder: label, "aria-label": label, data: { testid: "name" },
      on: { input: () => this.set("name", box.value) },
    });
    return box;
  }

  /**
   * A box for the key, by which programs know a part. `renamed(from, to)` keeps others in step; so
   * a key is taken whole, when it is typed to the end, and never one that another part has.
   */
  keyBox(isFixed, renamed = () => {}) {
    const box = h("input", {
      class: "st-input wf-key", value: this.part.key, maxLength: 40, disabled: isFixed, "aria-label": "标识",
      title: isFixed ? "已发布的标识不能修改" : "标识：接口和事件中的名称，小写字母、数字和下划线", data: { testid: "key" },
      on: { change: () => {
        const before = this.part.key;
        const wanted = box.value.trim();
        if (this.list.parts.some((part) => part !== this.part && part.key === wanted)) {
          box.value = before;
          return say(`标识“${wanted}”已被使用`, { kind: "error" });
        }
        this.part.key = wanted;
        renamed(before, wanted);
        this.touched();
      } },
    });
    return box;
  }

  opener() {
    const toggle = iconButton("expand_more", "展开", () => this.open(!this.isOpen), {
      class: "st-icon st-opener", "aria-expanded": "false", "aria-controls": this.body.id, data: { testid: "open" },
    });
    this.toggle = toggle;
    return toggle;
  }

  open(isOpen) {
    this.isOpen = isOpen;
    this.body.hidden = !isOpen;
    this.element.classList.toggle("is-open", isOpen);
    this.toggle.setAttribute("aria-expanded", String(isOpen));
    this.toggle.setAttribute("aria-label", isOpen ? "收起" : "展开");
    this.redraw();
  }

  /** The inside anew, with the focus where it was: on the control at the same place. */
  redraw() {
    if (!this.isOpen) return this.body.replaceChildren();
    const controls = () => [...this.body.querySelectorAll("select, input, textarea, button")];
    const at = this.body.contains(document.activeElement) ? controls().indexOf(document.activeElement) : -1;
    this.body.replaceChildren(...[this.inside()].flat());
    if (at >= 0) (controls()[at] || controls().at(-1))?.focus();
  }

  set(name, value) {
    this.part[name] = value;
    this.touched();
  }

  touched() {
    this.editor.draft.touched();
  }

  say(sentence, problems) {
    this.sentence.textContent = sentence || "";
    this.sentence.hidden = !sentence;
    this.problems.replaceChildren(...problemList(problems));
    this.element.classList.toggle("has-error", problems.some((problem) => problem.level === "error"));
  }
}

/** A row inside a card: what it is about, and its controls. */
export function row(label, control, help = "") {
  return h("div", { class: "wf-row" },
    h("span", { class: "wf-label", text: label, "aria-hidden": "true" }),
    h("div", { class: "wf-control" }, control, help && h("p", { class: "st-help", text: help })));
}

/** The cards of `content[name]`, in their order. */
export class PartList {
  constructor(editor, { name, what, testid, card, blank }) {
    Object.assign(this, { editor, name, what, testid, card, blank });
    this.cards = new Map();
    this.element = document.getElementById(`wf-${name}`);
    document.getElementById(`wf-add-${name}`).addEventListener("click", () => this.add());
    sortable(this.element, (id, to) => this.move(id, to));
  }

  get parts() {
    return this.editor.draft.content[this.name];
  }

  /** The cards are those of the parts. */
  sync() {
    const wanted = this.parts.map((part) => this.cardOf(part));
    const kept = new Set(wanted);
    this.cards.forEach((card, part) => !kept.has(card) && this.cards.delete(part));
    const shown = [...this.element.children];
    if (wanted.length !== shown.length || wanted.some((card, at) => card.element !== shown[at])) {
      const focused = document.activeElement;
      this.element.replaceChildren(...wanted.map((card) => card.element));
      if (this.element.contains(focused)) focused.focus();
    }
  }

  cardOf(part) {
    if (!this.cards.has(part)) this.cards.set(part, new this.card(part, this));
    return this.cards.get(part);
  }

  /** What the server says of each. */
  hear(sentences, problems) {
    this.parts.forEach((part, at) => {
      const begin = `${this.name}.${at}`;
      const own = problems.filter(({ path }) => path === begin || path.startsWith(`${begin}.`));
      this.cardOf(part).say(sentences?.[at], own);
    });
  }

  redraw() {
    this.cards.forEach((card) => card.redraw());
  }

  add() {
    const part = this.blank(this.editor);
    this.editor.draft.change((content) => content[this.name].push(part));
    const card = this.cardOf(part);
    if (card.opens) card.open(true);
    card.element.scrollIntoView({ block: "nearest" });
    card.element.querySelector(".st-name").focus();
  }

  /** Takes a part out; `also(content)` changes what hangs on it and says what that was. */
  remove(part, also = () => "") {
    const words = this.editor.draft.change((content) => {
      content[this.name].splice(content[this.name].indexOf(part), 1);
      return also(content);
    });
    say(`已删除${this.what}“${part.name || "未命名"}”${words}`, { undo: () => this.editor.draft.undo() });
    document.getElementById(`wf-add-${this.name}`).focus();
  }

  move(id, to) {
    const from = this.parts.findIndex((part) => this.cardOf(part).id === id);
    if (to < 0 || to >= this.parts.length || to === from) return this.sync();
    const part = this.parts[from];
    this.editor.draft.change((content) => content[this.name].splice(to, 0, content[this.name].splice(from, 1)[0]));
    this.cardOf(part).element.querySelector(".st-handle").focus();
    document.getElementById("st-live").textContent = `${part.name || this.what} 移到第 ${to + 1} 位`;
  }
}

/** A key like `begin_3` that none of `parts` has. */
export function freeKey(parts, begin) {
  const taken = new Set(parts.map((part) => part.key));
  let number = parts.length + 1;
  while (taken.has(`${begin}_${number}`)) number += 1;
  return `${begin}_${number}`;
}
