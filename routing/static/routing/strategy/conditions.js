// 如果…: the conditions of a rule, and groups of them one level down.

import { button, h, iconButton } from "../../lingxi/editor/dom.js";
import { blank, field, select } from "../../lingxi/editor/fields.js";
import { sections } from "./catalogue.js";

const MATCHES = [
  { value: "all", label: "全部" },
  { value: "any", label: "任一" },
];

const isGroup = (item) => Array.isArray(item.items);

/** A drop-down in sections; names that are not declared any more stay, and say so. */
export function sectioned({ list, value, label, change, empty }) {
  const box = h("select", { class: "st-input", "aria-label": label, on: { change: () => change(box.value) } });
  if (empty) box.append(h("option", { value: "", text: empty, selected: !value }));
  if (value && !list.some((item) => item.name === value)) {
    box.append(h("option", { value, text: `（已不存在：${value}）`, selected: true }));
  }
  for (const [section, items] of sections(list)) {
    box.append(h("optgroup", { label: section }, items.map((item) => (
      h("option", { value: item.name, text: item.label, title: item.title, selected: item.name === value })))));
  }
  return box;
}

/** Draws `when` of one rule. `changed(structure)` is called after each change; true: draw again. */
export class Conditions {
  constructor(when, catalogue, changed) {
    this.when = when;
    this.catalogue = catalogue;
    this.changed = changed;
  }

  element() {
    const title = h("h3", { class: "st-part", text: "如果" });
    return h("section", { class: "st-if" }, title, this.group(this.when, null, "when"));
  }

  group(group, parent, path) {
    const items = group.items.map((item, index) => {
      const here = `${path}.items.${index}`;
      return h("li", {}, isGroup(item) ? this.group(item, group, here) : this.row(item, group, parent, here));
    });
    const list = items.length ? h("ul", { class: "st-conditions" }, items)
      : h("p", { class: "st-hint", text: parent ? "这个条件组还没有条件。" : "没有条件：始终匹配。" });
    return h("div", { class: parent ? "st-group st-inner" : "st-group" }, this.head(group, parent), list, this.adders(group, parent));
  }

  /** Takes `item` out. A group without conditions goes too; none at all means "always". */
  drop(item, group, parent) {
    group.items.splice(group.items.indexOf(item), 1);
    if (!group.items.length && parent) parent.items.splice(parent.items.indexOf(group), 1);
    if (!this.when.items.length) this.when.match = "all";
    this.changed(true);
  }

  head(group, parent) {
    if (!parent && group.items.length < 2) return null;
    const match = select({
      choices: MATCHES, value: group.match, label: "条件之间的关系",
      change: (value) => {
        group.match = value;
        this.changed();
      },
    });
    const gone = parent && iconButton("close", "删除条件组", () => this.drop(group, parent, null));
    return h("div", { class: "st-match" }, h("span", { text: "满足以下" }), match, h("span", { text: "条件" }), gone);
  }

  adders(group, parent) {
    const add = (item) => {
      group.items.push(item);
      this.changed(true, () => this.rows().at(-1)?.querySelector("select")?.focus());
    };
    const nested = () => ({ match: group.match === "all" ? "any" : "all", items: [this.catalogue.condition()] });
    return h("div", { class: "st-adders" },
      button("条件", () => add(this.catalogue.condition()), { symbol: "add", data: { testid: "add-condition" } }),
      !parent && button("条件组", () => add(nested()), { symbol: "add", title: "条件组里的条件可以用另一种关系：全部或任一" }));
  }

  rows() {
    return [...(this.root?.querySelectorAll(".st-row") || [])];
  }

  row(condition, group, parent, path) {
    const fact = this.catalogue.byFact.get(condition.fact);
    const again = (...changes) => {
      Object.assign(condition, ...changes);
      this.changed(true);
    };
    const facts = sectioned({
      list: this.catalogue.facts, value: condition.fact, label: "条件",
      change: (name) => again(this.catalogue.condition(name)),
    });
    const gone = iconButton("close", "删除条件", () => this.drop(condition, group, parent));
    return h("div", { class: "st-row", data: { testid: "condition", path }, role: "group", "aria-label": fact?.label || condition.fact },
      facts, this.subject(fact, condition), this.operators(fact, condition, again), this.value(condition, fact), gone,
      fact?.help && h("p", { class: "st-help", text: fact.help }));
  }

  subject(fact, condition) {
    if (!fact?.subject) return null;
    const { label, choices, empty, placeholder } = fact.subject;
    const change = (value) => {
      condition.subject = value;
      this.changed();
    };
    const spec = choices ? { kind: "choice", choices, empty } : { kind: "text", placeholder };
    return field(spec, { value: condition.subject, change, label });
  }

  operators(fact, condition, again) {
    const list = fact ? fact.operators : [];
    const change = (name) => {
      const before = this.catalogue.operator(condition)?.value;
      const after = list.find((one) => one.name === name).value;
      again({ operator: name }, before && before.kind === after.kind ? {} : { value: blank(after) });
    };
    const choices = list.map((one) => ({ value: one.name, label: one.label, title: one.help }));
    if (choices.length === 1 && condition.operator === choices[0].value) {
      return h("span", { class: "st-only", text: choices[0].label });
    }
    return select({ choices, value: condition.operator, label: "比较方式", change });
  }

  value(condition, fact) {
    const operator = this.catalogue.operator(condition);
    if (!operator || operator.value.kind === "none") return null;
    const change = (value) => {
      condition.value = value;
      this.changed();
    };
    return h("span", { class: "st-value" }, field(operator.value, { value: condition.value, change, label: `${fact.label}的值` }));
  }
}
