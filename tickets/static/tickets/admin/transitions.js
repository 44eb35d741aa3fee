// Transitions: from where to where, who may, and what must be filled in then.

import { h } from "../../lingxi/editor/dom.js";
import { field, select } from "../../lingxi/editor/fields.js";
import { Card, freeKey, PartList, row } from "./parts.js";

const named = (parts) => parts.map((part) => ({ value: part.key, label: part.name || part.key }));

/** `choices`, and those of `chosen` that are not among them, so that they are seen. */
function withGone(choices, chosen) {
  const known = new Set(choices.map((choice) => choice.value));
  const gone = chosen.filter((value) => !known.has(value));
  return [...choices, ...gone.map((value) => ({ value, label: `（已不存在：${value}）` }))];
}

class TransitionCard extends Card {
  controls() {
    return this.nameBox("流转名称，例如“解决”");
  }

  inside() {
    const { part, editor } = this;
    const { content } = editor.draft;
    const statuses = named(content.statuses);
    return [
      row("从", this.checks("from", withGone(statuses, part.from), "从哪些状态"), "都不选表示任意状态。"),
      row("到", select({ choices: statuses, value: part.to, empty: "请选择", label: "到哪个状态", change: (value) => this.set("to", value) })),
      row("角色", this.checks("roles", withGone(editor.offer.roles, part.roles), "哪些角色可以执行")),
      row("关系", this.checks("relations", withGone(editor.offer.relations, part.relations), "与工单有什么关系的人可以执行"),
        "满足角色或关系之一即可；都不选时，坐席、主管、管理员和自动规则可以执行。"),
      row("必填字段", this.required(), "执行时必须填写的字段，取自已发布的表单。"),
      row("说明", this.comment()),
      row("审批", select({
        choices: named(content.approvals), value: part.approval, empty: "不需要审批", label: "审批链", change: (value) => this.set("approval", value),
      })),
      row("标识", this.keyBox(false)),
    ];
  }

  checks(name, choices, label) {
    return field({ kind: "checks", choices }, { value: this.part[name], label, change: (value) => this.set(name, value) });
  }

  required() {
    const choices = withGone(this.editor.offer.fields, this.part.required);
    if (!choices.length) return h("p", { class: "st-hint", text: "表单还没有已发布的字段。" });
    return field({ kind: "choices", choices }, { value: this.part.required, label: "必填字段", change: (value) => this.set("required", value) });
  }

  comment() {
    const box = h("input", { type: "checkbox", checked: this.part.comment, on: { change: () => this.set("comment", box.checked) } });
    return h("label", { class: "st-check" }, box, h("span", { text: "必须填写说明" }));
  }
}

/** The transitions. */
export class Transitions extends PartList {
  constructor(editor) {
    super(editor, {
      name: "transitions", what: "流转", testid: "transition", card: TransitionCard,
      blank: ({ draft }) => ({
        key: freeKey(this.parts, "step"), name: "", from: draft.content.initial ? [draft.content.initial] : [], to: "",
        roles: [], relations: [], required: [], comment: false, approval: "",
      }),
    });
  }
}
