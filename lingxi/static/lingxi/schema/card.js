// One field on a card: its name and type always, all it says when it is open.

import { h, iconButton } from "../editor/dom.js";
import { field } from "../editor/fields.js";
import { problemList } from "../editor/problems.js";
import { levels, options } from "./choices.js";

const YES_NO = [{ value: "true", label: "是" }, { value: "false", label: "否" }];
const BOUNDED_BY_DATE = { kind: "text", placeholder: "例如 2026-01-01" };

/** A card. `host` is the editor: it holds the draft, what is open, and does what buttons ask. */
export class Card {
  constructor(id, definition, host) {
    Object.assign(this, { id, definition, host, wrong: [] });
    this.element = h("li", { class: "st-card", data: { item: id, testid: "schema-field" } });
    this.problems = h("ul", { class: "st-problems", data: { testid: "problems" } });
    this.body = h("div", { class: "st-body", id: `${id}-body` });
    this.element.append(this.head(), this.problems, this.body);
    this.drawBody();
  }

  get isOpen() {
    return this.host.open.has(this.definition);
  }

  get type() {
    return this.host.type(this.definition.type);
  }

  head() {
    const { definition, host } = this;
    const name = h("input", {
      class: "st-name", value: definition.label, maxLength: 40, placeholder: "字段名称", "aria-label": "字段名称 Label", data: { testid: "field-label" },
      on: { input: () => this.set("label", name.value) },
    });
    return h("div", { class: "st-head" },
      iconButton("drag_indicator", "拖动排序；也可用上下方向键", () => {}, { class: "st-icon st-handle" }),
      h("span", { class: "st-place" }), name,
      h("span", { class: "sf-must", text: "必填" }), h("span", { class: "sf-kind", title: this.type.title, text: this.type.label }),
      h("span", { class: "st-tools" },
        iconButton("arrow_upward", "上移", () => host.move(definition, -1), { data: { go: "up" } }),
        iconButton("arrow_downward", "下移", () => host.move(definition, 1), { data: { go: "down" } }),
        iconButton("delete", "删除字段", () => host.remove(definition), { data: { testid: "remove" } }),
        this.opener()));
  }

  opener() {
    const toggle = iconButton("expand_more", "编辑字段", () => {
      this.host.open[this.isOpen ? "delete" : "add"](this.definition);
      this.drawBody();
    }, { class: "st-icon st-opener", "aria-controls": `${this.id}-body`, data: { testid: "field-open" } });
    this.toggle = toggle;
    return toggle;
  }

  /** What depends on the place in the list. */
  place(at, count) {
    this.element.querySelector(".st-place").textContent = String(at + 1);
    this.element.querySelector("[data-go=up]").disabled = at === 0;
    this.element.querySelector("[data-go=down]").disabled = at === count - 1;
    this.element.querySelector(".sf-must").hidden = !this.definition.required;
  }

  /** Nothing is said in vain: what is empty is left out. */
  set(name, value) {
    const isEmpty = value === "" || value === null || value === false || (Array.isArray(value) && !value.length && name !== "options");
    if (isEmpty && name !== "label" && name !== "key") delete this.definition[name];
    else this.definition[name] = value;
    this.host.draft.touched();
  }

  drawBody() {
    this.body.hidden = !this.isOpen;
    this.element.classList.toggle("is-open", this.isOpen);
    this.toggle.setAttribute("aria-expanded", String(this.isOpen));
    this.body.replaceChildren(...(this.isOpen ? this.parts() : []));
    this.mark();
  }

  parts() {
    const { roles } = this.host.data;
    return [
      h("div", { class: "sf-grid" }, this.common(), this.own(), this.flags()),
      h("details", { class: "sf-more" }, h("summary", { text: "谁能看、谁能改" }),
        h("div", { class: "sf-grid" },
          this.row("visible", "可见角色", { kind: "checks", choices: roles }, { wide: true, help: "不选表示都能看" }),
          this.row("editable", "可编辑角色", { kind: "checks", choices: roles }, { wide: true, help: "不选表示能看的都能改；限定后访客不能填写" }))),
    ];
  }

  common() {
    const isLocked = this.definition.key in this.host.data.locked;
    const key = this.row("key", "标识", { kind: "text", max_length: 40 }, { help: isLocked ? "已发布，不能再改" : "小写字母、数字、下划线；接口和导入用它" });
    if (isLocked) key.querySelector("input").disabled = true;
    return [
      key,
      this.row("label_en", "英文名称", { kind: "text", max_length: 60 }),
      this.row("section", "分组", { kind: "text", max_length: 40, placeholder: "相邻同组的字段排在一起" }),
      this.row("help", "说明", { kind: "text", max_length: 200 }, { wide: true }),
    ];
  }

  /** What this type has besides. */
  own() {
    const { settings } = this.type;
    const { data } = this.host;
    const isNumber = settings.includes("decimals");
    const bound = isNumber ? { kind: "number" } : BOUNDED_BY_DATE;
    const rows = {
      max_length: () => this.row("max_length", "最多字数", { kind: "number", min: 1 }),
      pattern: () => this.row("pattern", "格式（RE2）", { kind: "text", max_length: 200, placeholder: String.raw`例如 SO\d{8}` }),
      pattern_hint: () => this.row("pattern_hint", "格式不符时提示", { kind: "text", max_length: 80 }),
      decimals: () => this.row("decimals", "小数位数", { kind: "number", min: 0, max: 3, step: 1 }),
      min: () => this.row("min", isNumber ? "最小值" : "最早", bound),
      max: () => this.row("max", isNumber ? "最大值" : "最晚", bound),
      currency: () => this.row("currency", "币种", { kind: "choice", choices: data.currencies, empty: "CNY" }),
      types: () => this.row("types", "允许的文件", { kind: "checks", choices: data.kinds }, { wide: true, help: "不选表示不限" }),
      options: () => this.wide("options", "选项", options(this.definition.options || [], (found) => {
        this.set("options", found);
        this.redrawDefault();
      })),
      levels: () => this.wide("levels", "各级选项", levels(this.definition, (name, found) => this.set(name, found))),
      level_names: () => null,
    };
    return [...settings.map((name) => rows[name]()), this.defaultRow()];
  }

  /** Its choices are the options. */
  redrawDefault() {
    const fresh = this.defaultRow();
    if (fresh) this.body.querySelector("[data-setting=default]").replaceWith(fresh);
  }

  defaultRow() {
    const { type } = this.definition;
    if (["file", "customer", "cascade", "multi_choice"].includes(type)) return null;
    if (type === "boolean") {
      const word = this.definition.default === undefined ? "" : String(this.definition.default);
      return this.labelled("default", "默认值", field({ kind: "choice", choices: YES_NO, empty: "无" }, {
        label: "默认值", value: word, change: (value) => this.setDefault(value === "" ? undefined : value === "true"),
      }));
    }
    const choices = (this.definition.options || []).filter((one) => !one.retired).map((one) => ({ value: one.value, label: one.label || one.value }));
    const spec = type === "choice" ? { kind: "choice", choices, empty: "无" } : { kind: "text" };
    return this.row("default", "默认值", spec);
  }

  setDefault(value) {
    if (value === undefined) delete this.definition.default;
    else this.definition.default = value;
    this.host.draft.touched();
  }

  flags() {
    const flag = (name, label, help) => {
      const box = h("input", { type: "checkbox", checked: Boolean(this.definition[name]), data: { testid: `flag-${name}` }, on: { change: () => this.set(name, box.checked) } });
      return h("label", { class: "st-check", title: help }, box, h("span", { text: label }));
    };
    return h("div", { class: "sf-flags" }, flag("required", "必填", "Required"), flag("sensitive", "敏感：对坐席隐藏", "Masked for agents"));
  }

  row(name, label, spec, more = {}) {
    const { definition } = this;
    const input = field(spec, { label, value: definition[name], change: (value) => this.set(name, value) });
    return this.labelled(name, label, input, more);
  }

  labelled(name, label, input, { help, wide } = {}) {
    return h("div", { class: `sf-row${wide ? " is-wide" : ""}`, data: { setting: name } },
      h("span", { class: "st-label", text: label }), input, help && h("span", { class: "st-help", text: help }));
  }

  wide(name, label, input) {
    return this.labelled(name, label, input, { wide: true });
  }

  /** What the server says is wrong. */
  say(problems) {
    this.problems.replaceChildren(...problemList(problems));
    this.element.classList.toggle("has-error", problems.some((problem) => problem.level === "error"));
    this.wrong = problems.map((problem) => problem.path.split(".")[1]);
    this.mark();
  }

  /** The settings that something is wrong with. */
  mark() {
    this.body.querySelectorAll("[data-setting]").forEach((row) => row.classList.toggle("is-wrong", this.wrong.includes(row.dataset.setting)));
  }
}
