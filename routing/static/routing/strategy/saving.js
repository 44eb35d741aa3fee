// Saving, publishing and throwing away; and what happens when somebody else was faster.

import { ask, confirm, failed, say } from "../../lingxi/editor/dialogs.js";
import { get, post } from "../../lingxi/editor/http.js";

/** Does with the draft what the bar at the foot of the page offers. */
export class Saving {
  constructor(editor, data) {
    this.editor = editor;
    this.urls = data.urls;
    this.draft = editor.draft;
    this.isReleasing = data.releasing;
    this.busy = false;
    this.wire();
    this.show();
  }

  wire() {
    const on = (id, what) => document.getElementById(id).addEventListener("click", () => this.guard(what));
    on("st-save", () => this.save());
    on("st-publish", () => this.publish());
    on("st-discard", () => this.discard());
    on("st-simulate", () => this.simulate());
    on("st-take-theirs", () => this.takeTheirs());
    on("st-keep-mine", () => this.keepMine());
    this.draft.addEventListener("change", () => this.show());
    const scope = document.querySelector(".st-scope");
    const percent = () => (scope.querySelector("[name=percent]").disabled = scope.querySelector("[value=all]").checked);
    scope.addEventListener("change", percent);
    percent();
    window.addEventListener("beforeunload", (event) => this.draft.isDirty && !this.leaving && event.preventDefault());
    window.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
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
    publish.disabled = this.busy || this.isReleasing || (!dirty && this.draft.revision === 0);
    publish.title = this.isReleasing ? "请先全量发布或撤回灰度中的版本" : "Publish";
    document.getElementById("st-simulate").disabled = this.busy;
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
    const percent = form.get("scope") === "all" ? 100 : Number(form.get("percent"));
    await post(this.urls.publish, { revision: this.draft.revision, percent, note: form.get("note") });
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

  async simulate() {
    await this.save();
    this.leaving = true;
    location.assign(this.urls.simulations);
  }

  /** The other's rules instead of mine; mine can be had back. */
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
      title: "用您的修改覆盖对方保存的草稿？", text: "对方保存的规则将被替换，不能恢复。", action: "覆盖并保存", danger: true,
    });
    if (!sure) return;
    const { revision, base } = await get(this.urls.save);
    Object.assign(this.draft, { revision, base });
    await this.save();
    this.editor.changed();
  }
}
