// Approval chains: steps one after the other, who approves, when a step applies.

import { button, h, iconButton } from "../../lingxi/editor/dom.js";
import { blank, field, select } from "../../lingxi/editor/fields.js";
import { Card, freeKey, PartList, row } from "./parts.js";

const newStep = () => ({ name: "", mode: "one", approvers: [], when: [], hours: 24, on_timeout: "remind" });
const subjectOf = (condition) => (condition.fact ? `@${condition.fact}` : condition.field || "");

class ChainCard extends Card {
  controls() {
    return this.nameBox("审批链名称，例如“退款审批”");
  }

  set(name, value) {
    super.set(name, value);
    if (name === "name") this.editor.transitions.redraw();
  }

  inside() {
    const steps = this.part.steps.map((step, at) => this.step(step, at));
    return [
      h("ol", { class: "wf-steps" }, steps),
      button("添加步骤", () => this.change(() => this.part.steps.push(newStep())), { symbol: "add", data: { testid: "add-step" } }),
      row("标识", this.keyBox(false, (from, to) => this.editor.renameChain(from, to))),
    ];
  }

  /** Another structure inside: drawn again. */
  change(how) {
    how();
    this.redraw();
    this.touched();
  }

  step(step, at) {
    const set = (name) => (value) => {
      step[name] = value;
      this.touched();
    };
    const { steps } = this.part;
    const swap = (to) => this.change(() => steps.splice(to, 0, steps.splice(at, 1)[0]));
    const name = h("input", { class: "st-input", value: step.name, maxLength: 40, placeholder: "步骤名称，例如“主管审批”", "aria-label": "步骤名称", on: { input: () => set("name")(name.value) } });
    const { offer } = this.editor;
    return h("li", { class: "st-inner wf-step", data: { testid: "step" } },
      h("div", { class: "wf-step-head" }, h("span", { class: "st-place", text: String(at + 1) }), name,
        iconButton("arrow_upward", "上移步骤", () => swap(at - 1), { disabled: at === 0 }),
        iconButton("arrow_downward", "下移步骤", () => swap(at + 1), { disabled: at === steps.length - 1 }),
        iconButton("close", "删除步骤", () => this.change(() => steps.splice(at, 1)))),
      row("审批人", this.approvers(step)),
      row("通过", select({ choices: offer.modes, value: step.mode, label: "如何算通过", change: set("mode") })),
      row("条件", this.conditions(step), "都满足时才需要这一步；没有条件表示总是需要。"),
      row("时限", h("span", { class: "wf-time" },
        field({ ...offer.hours, unit: "小时后" }, { value: step.hours, label: "时限（小时）", change: set("hours") }),
        select({ choices: offer.timeouts, value: step.on_timeout, label: "超时后", change: set("on_timeout") })), "留空表示不限时。"));
  }

  /** By role, by person, and whoever leads the ticket's group; all in one list of the step. */
  approvers(step) {
    const { offer } = this.editor;
    const of = (kind) => step.approvers.filter((one) => one.kind === kind).map((one) => one.value);
    const put = (kind) => (values) => {
      step.approvers = [...step.approvers.filter((one) => one.kind !== kind), ...values.map((value) => ({ kind, value }))];
      this.touched();
    };
    const lead = h("input", {
      type: "checkbox", checked: step.approvers.some((one) => one.kind === "group_supervisor"),
      on: { change: () => {
        step.approvers = step.approvers.filter((one) => one.kind !== "group_supervisor");
        if (lead.checked) step.approvers.push({ kind: "group_supervisor" });
        this.touched();
      } },
    });
    return h("div", { class: "wf-approvers" },
      h("span", { class: "st-checks" },
        field({ kind: "checks", choices: offer.approving }, { value: of("role"), label: "审批角色", change: put("role") }),
        h("label", { class: "st-check" }, lead, h("span", { text: "工单技能组的主管" }))),
      field({ kind: "choices", choices: offer.people }, { value: of("user"), label: "审批人员", change: put("user") }));
  }

  conditions(step) {
    const subjects = [...this.editor.offer.fields, ...this.editor.offer.facts];
    const rows = step.when.map((condition, at) => this.condition(step, condition, at, subjects));
    const add = () => this.change(() => step.when.push(this.fresh(subjects[0])));
    return h("div", { class: "st-conditions" }, rows, h("div", { class: "st-adders" }, button("条件", add, { symbol: "add", data: { testid: "add-condition" } })));
  }

  fresh(subject, operator = subject.operators[0]) {
    const about = subject.value.startsWith("@") ? { fact: subject.value.slice(1) } : { field: subject.value };
    return { ...about, operator: operator.value, value: operator.input.kind === "none" ? null : blank(operator.input) };
  }

  condition(step, condition, at, subjects) {
    const put = (fresh) => this.change(() => step.when.splice(at, 1, fresh));
    const subject = subjects.find((one) => one.value === subjectOf(condition));
    const operator = subject?.operators.find((one) => one.value === condition.operator);
    const gone = iconButton("close", "删除条件", () => this.change(() => step.when.splice(at, 1)));
    return h("div", { class: "st-row", role: "group", "aria-label": "条件", data: { testid: "condition" } },
      select({ choices: subjects, value: subjectOf(condition), label: "字段", change: (value) => put(this.fresh(subjects.find((one) => one.value === value))) }),
      subject && select({ choices: subject.operators, value: condition.operator, label: "比较方式", change: (value) => put(this.fresh(subject, subject.operators.find((one) => one.value === value))) }),
      operator && h("span", { class: "st-value" }, this.value(condition, operator.input, subject.label)), gone);
  }

  value(condition, spec, label) {
    const said = spec.numeric && condition.value !== null ? String(condition.value) : condition.value;
    return field(spec, { value: said, label: `${label}的值`, change: (value) => {
      condition.value = spec.numeric && value !== "" ? Number(value) : value;
      this.touched();
    } });
  }
}

/** The chains. */
export class Chains extends PartList {
  constructor(editor) {
    super(editor, {
      name: "approvals", what: "审批链", testid: "chain", card: ChainCard,
      blank: () => ({ key: freeKey(this.parts, "approval"), name: "", steps: [newStep()] }),
    });
  }

  add() {
    super.add();
    this.editor.transitions.redraw();
  }

  /** Transitions that asked for it ask for none any more. */
  remove(part) {
    super.remove(part, (content) => {
      const asking = content.transitions.filter((one) => one.approval === part.key);
      asking.forEach((one) => (one.approval = ""));
      return asking.length ? `，${asking.length} 个流转不再需要审批` : "";
    });
    this.editor.transitions.redraw();
  }
}
