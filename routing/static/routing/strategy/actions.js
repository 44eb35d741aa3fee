// 那么: what a rule does.

import { h, iconButton } from "../../lingxi/editor/dom.js";
import { field } from "../../lingxi/editor/fields.js";
import { sectioned } from "./conditions.js";

/** Draws `then` of one rule. `changed(structure)` as for conditions. */
export class Actions {
  constructor(then, catalogue, changed) {
    this.then = then;
    this.catalogue = catalogue;
    this.changed = changed;
  }

  element() {
    const rows = this.then.map((action, index) => h("li", {}, this.row(action, index)));
    return h("section", { class: "st-do" },
      h("h3", { class: "st-part", text: "那么" }),
      rows.length ? h("ul", { class: "st-actions" }, rows) : h("p", { class: "st-hint", text: "还没有动作。" }),
      this.adder());
  }

  adder() {
    const box = sectioned({
      list: this.offered(null), value: "", empty: "＋ 动作…", label: "添加动作",
      change: (name) => {
        if (!name) return;
        this.then.push(this.catalogue.action(name));
        this.changed(true);
      },
    });
    box.dataset.testid = "add-action";
    return h("div", { class: "st-adders" }, box);
  }

  /** The actions that fit beside the others: of each slot, a rule holds one. */
  offered(own) {
    const taken = new Set(this.then.filter((action) => action !== own).map((action) => this.catalogue.byAction.get(action.action)?.slot));
    return this.catalogue.actions.filter((action) => !action.slot || !taken.has(action.slot));
  }

  row(action, index) {
    const declared = this.catalogue.byAction.get(action.action);
    const choose = sectioned({
      list: this.offered(action), value: action.action, label: "动作",
      change: (name) => {
        this.then.splice(index, 1, this.catalogue.action(name));
        this.changed(true);
      },
    });
    const gone = iconButton("close", "删除动作", () => {
      this.then.splice(index, 1);
      this.changed(true);
    });
    return h("div", { class: "st-row st-action", data: { testid: "action", path: `then.${index}` }, role: "group", "aria-label": declared?.label || action.action },
      choose, declared ? this.params(action, declared) : null, gone,
      declared?.help && h("p", { class: "st-help", text: declared.help }));
  }

  params(action, declared) {
    return h("span", { class: "st-params" }, declared.params.map((param) => {
      const change = (value) => {
        if (value === "" || value === null) delete action.params[param.name];
        else action.params[param.name] = value;
        this.changed();
      };
      const spec = param.required ? param : { ...param, empty: "不指定" };
      const input = field(spec, { value: action.params[param.name], change, label: param.label });
      return h("span", { class: `st-param st-param-${spec.kind}` },
        h("span", { class: "st-label", text: param.label, title: param.help, "aria-hidden": "true" }), input);
    }));
  }
}
