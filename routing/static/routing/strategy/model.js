// The rules being edited: what they are, what changed, and the way back.

const copy = (value) => JSON.parse(JSON.stringify(value));

// A short random name of a rule, as the server makes them.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The list of rules of a draft, in order. Emits `change` whenever it is another one. */
export class Draft extends EventTarget {
  constructor({ rules, revision, base }) {
    super();
    this.rules = copy(rules);
    this.revision = revision;
    this.base = base; // the version it begins with, while it was never saved
    this.keep();
    this.past = [];
  }

  /** What is here now is what the server has. */
  keep() {
    this.saved = JSON.stringify(this.rules);
  }

  get isDirty() {
    return JSON.stringify(this.rules) !== this.saved;
  }

  /** What is posted to save it. */
  toJSON() {
    return { rules: this.rules, revision: this.revision, base: this.base };
  }

  /** Something inside a rule was typed or picked. */
  touched() {
    this.dispatchEvent(new Event("change"));
  }

  /** Change the list by `how(rules)`; it can be taken back. */
  change(how) {
    this.past = [...this.past.slice(-19), copy(this.rules)];
    const result = how(this.rules);
    this.touched();
    return result;
  }

  /** Back to before the last change of the list. */
  undo() {
    if (!this.past.length) return;
    this.rules = this.past.pop();
    this.touched();
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

  /** Other rules altogether; the ones before can be had back by `undo`. */
  replace({ rules, revision, base }) {
    this.past = [...this.past, copy(this.rules)];
    Object.assign(this, { rules: copy(rules), revision, base });
    this.keep();
    this.touched();
  }
}
