// Saving, publishing and throwing away; and what happens when somebody else was faster.

import { ask, confirm, failed, say } from "./dialogs.js";
import { get, post } from "./http.js";

/**
 * Does with the draft what the bar at the foot of the page offers. `editor` has `draft`,
 * `look()`, which resolves with {problems, summary}, `refuse(problems)` and `changed()`.
 */
export class Saving {
  constructor(editor, data) {
    this.editor = editor;
    this.urls = data.urls;
    this.draft = editor.draft;
    this.busy = false;
    this.wire();
    this.show();
  }

  /** Why nothing can be published now; nothing when it can. */
  get blocked() {
    return "";
  }

  /** What is posted to publish, from the form of the dialog. */
  publication(form) {
    return { note: form.get("note") };
  }

  on(id, what) {
    document.getElementById(id).addEventListener("click", () => this.guard(what));
  }

  wire() {
    this.on("st-save", () => this.save());
    this.on("st-publish", () => this.publish());
    this.on("st-discard", () => this.discard());
    this.on("st-take-theirs", () => this.takeTheirs());
    this.on("st-keep-mine", () => this.keepMine());
    this.draft.addEventListener("change", () => this.show());
    window.addEventListener("beforeunload", (event) => this.draft.isDirty && !this.leaving && event.preventDefault());
    window.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
        const typing = document.activeElement; // what is typed there counts when it is left
        typing?.blur();
        typing?.focus();
        this.guard(() => this.save());
      }
    });
  }

  /** One thing at a time; errors are said. */
  async guard(what) {
    if (this.busy) return;
    this.busy = true;
    this.show();
    try {
      await what();
    } catch (error) {
      this.refused(error);
    } finally {
      this.busy = false;
      this.show();
    }
  }

  show() {
    const dirty = this.draft.isDirty;
    const status = document.getElementById("st-status");
    status.textContent = this.busy ? "请稍候…" : dirty ? "有未保存的修改" : status.dataset.saved;
    status.classList.toggle("is-dirty", dirty);
    document.getElementById("st-save").disabled = this.busy || !dirty;
    const publish = document.getElementById("st-publish");
    publish.disabled = this.busy || Boolean(this.blocked) || (!dirty && this.draft.revision === 0);
    publish.title = this.blocked || "Publish";
  }

  refused(error) {
    if (error.fields?.faster) return this.conflict(error);
    failed(error);
    if (error.status === 400) this.editor.look().then((found) => this.editor.refuse(found.problems)).catch(() => {});
  }

  conflict(error) {
    document.getElementById("st-conflict-text").textContent = error.detail;
    const box = document.getElementById("st-conflict");
    box.hidden = false;
    box.scrollIntoView({ block: "center" });
    box.focus();
  }

  async save() {
    if (!this.draft.isDirty) return;
    const answer = await post(this.urls.save, this.draft.toJSON());
    this.draft.revision = answer.revision;
    this.draft.keep();
    document.getElementById("st-status").dataset.saved = answer.saved;
    document.getElementById("st-conflict").hidden = true;
    document.getElementById("st-discard").hidden = false;
    say("草稿已保存", { kind: "ok" });
  }

  async publish() {
    await this.save();
    const summary = await this.editor.look();
    const errors = summary.problems.filter((problem) => problem.level === "error");
    if (errors.length) {
      this.editor.refuse(summary.problems);
      return say(`不能发布：${errors.length} 处需要改正。${errors[0].message}`, { kind: "error" });
    }
    const dialog = document.getElementById("st-publish-dialog");
    dialog.querySelector("#st-changes").textContent = summary.summary;
    const form = await ask(dialog);
    if (!form) return;
    await post(this.urls.publish, { revision: this.draft.revision, ...this.publication(form) });
    this.leaving = true;
    location.reload();
  }

  async discard() {
    const sure = await confirm({
      title: "丢弃草稿？", text: "草稿里的修改将不能恢复，已发布的版本不受影响。", action: "丢弃", danger: true,
    });
    if (!sure) return;
    await post(this.urls.discard, { revision: this.draft.revision });
    this.leaving = true;
    location.reload();
  }

  /** The other's content instead of mine; mine can be had back. */
  async takeTheirs() {
    const theirs = await get(this.urls.save);
    this.draft.replace(theirs);
    document.getElementById("st-status").dataset.saved = theirs.saved;
    document.getElementById("st-conflict").hidden = true;
    say("已载入对方保存的草稿", { undo: () => this.draft.undo() });
  }

  /** Mine instead of the other's, after a question. */
  async keepMine() {
    const sure = await confirm({
      title: "用您的修改覆盖对方保存的草稿？", text: "对方保存的内容将被替换，不能恢复。", action: "覆盖并保存", danger: true,
    });
    if (!sure) return;
    const { revision, base } = await get(this.urls.save);
    Object.assign(this.draft, { revision, base });
    await this.save();
    this.editor.changed();
  }
}
