// Statuses: what they are called, what they mean, and where new tickets begin.

import { h, uid } from "../../lingxi/editor/dom.js";
import { select } from "../../lingxi/editor/fields.js";
import { Card, freeKey, PartList } from "./parts.js";

const INITIAL = uid("initial"); // the name of the radio buttons

class StatusCard extends Card {
  get opens() {
    return false;
  }

  controls() {
    const { part, editor } = this;
    this.dot = h("span", { class: `wf-dot is-${part.category}`, "aria-hidden": "true" });
    this.first = h("input", {
      type: "radio", name: INITIAL, checked: editor.draft.content.initial === part.key, "aria-label": "初始状态", data: { testid: "initial" },
      on: { change: () => {
        editor.draft.content.initial = part.key;
        this.touched();
      } },
    });
    const category = select({
      choices: editor.offer.categories, value: part.category, label: "阶段", "data-testid": "category",
      change: (value) => {
        this.dot.className = `wf-dot is-${value}`;
        this.set("category", value);
      },
    });
    const isFixed = editor.offer.fixed.includes(part.key);
    return [this.dot, this.nameBox("状态名称"), category,
      this.keyBox(isFixed, (from, to) => editor.renameStatus(from, to)),
      h("label", { class: "wf-first-choice", title: "新工单从这里开始" }, this.first, h("span", { text: "初始" }))];
  }

  set(name, value) {
    super.set(name, value);
    if (name === "name") this.editor.transitions.redraw();
  }

  say(sentence, problems) {
    super.say(sentence, problems);
    this.first.checked = this.editor.draft.content.initial === this.part.key;
  }
}

/** The statuses. */
export class Statuses extends PartList {
  constructor(editor) {
    super(editor, {
      name: "statuses", what: "状态", testid: "status-card", card: StatusCard,
      blank: () => ({ key: freeKey(this.parts, "status"), name: "", category: "open" }),
    });
  }

  add() {
    super.add();
    this.editor.transitions.redraw();
  }

  /** With it go the transitions that lead nowhere, or start nowhere, without it. */
  remove(part) {
    const hangs = (one) => one.to === part.key || (one.from.length === 1 && one.from[0] === part.key);
    super.remove(part, (content) => {
      const count = content.transitions.filter(hangs).length;
      content.transitions = content.transitions.filter((one) => !hangs(one));
      content.transitions.forEach((one) => (one.from = one.from.filter((key) => key !== part.key)));
      return count ? `和 ${count} 个相关流转` : "";
    });
    this.editor.transitions.redraw();
  }
}
