// The rules being edited.

import { copy, Draft, newId } from "../../lingxi/editor/draft.js";

/** The list of rules of a draft, in order. */
export class Rules extends Draft {
  constructor(data) {
    super(data, "rules");
  }

  get rules() {
    return this.content;
  }

  find(id) {
    return this.rules.findIndex((rule) => rule.id === id);
  }

  /** A new rule at the end. */
  add(rule) {
    return this.change((rules) => rules[rules.push({ id: newId(), ...rule }) - 1]);
  }

  /** The same rule again, right behind. */
  duplicate(id) {
    return this.change((rules) => {
      const at = this.find(id);
      const twin = { ...copy(rules[at]), id: newId(), name: `${rules[at].name}（副本）`.slice(0, 60) };
      rules.splice(at + 1, 0, twin);
      return twin;
    });
  }

  /** The rule is gone. */
  remove(id) {
    return this.change((rules) => rules.splice(this.find(id), 1)[0]);
  }

  /** The rule goes to place `to` (0 is the first). Nothing happens when it is there. */
  move(id, to) {
    const from = this.find(id);
    if (to < 0 || to >= this.rules.length || to === from) return false;
    this.change((rules) => rules.splice(to, 0, rules.splice(from, 1)[0]));
    return true;
  }
}
