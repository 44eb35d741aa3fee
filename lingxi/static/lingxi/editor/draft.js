// What is being edited: what it is, what changed, and the way back.

export const copy = (value) => JSON.parse(JSON.stringify(value));

/** A short random name of a part, as the server makes them. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The content of a draft, which goes over the wire as `name`. Emits `change` whenever it is another
 * one.
 */
export class Draft extends EventTarget {
  constructor(data, name = "content") {
    super();
    this.name = name;
    this.content = copy(data[name]);
    this.revision = data.revision;
    this.base = data.base; // the version it begins with, while it was never saved
    this.keep();
    this.past = [];
  }

  /** What is here now is what the server has. */
  keep() {
    this.saved = JSON.stringify(this.content);
  }

  get isDirty() {
    return JSON.stringify(this.content) !== this.saved;
  }

  /** What is posted to save it. */
  toJSON() {
    return { [this.name]: this.content, revision: this.revision, base: this.base };
  }

  /** Something inside a part was typed or picked. */
  touched() {
    this.dispatchEvent(new Event("change"));
  }

  /** Change the content by `how(content)`; it can be taken back. */
  change(how) {
    this.past = [...this.past.slice(-19), copy(this.content)];
    const result = how(this.content);
    this.touched();
    return result;
  }

  /** Back to before the last change. */
  undo() {
    if (!this.past.length) return;
    this.content = this.past.pop();
    this.touched();
  }

  /** Another content altogether; the one before can be had back by `undo`. */
  replace(data) {
    this.past = [...this.past, copy(this.content)];
    Object.assign(this, { content: copy(data[this.name]), revision: data.revision, base: data.base });
    this.keep();
    this.touched();
  }
}
