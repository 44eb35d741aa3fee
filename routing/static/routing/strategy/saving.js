// What a strategy's drafts can do besides: a trial, and a release to a share of the traffic.

import { Saving } from "../../lingxi/editor/saving.js";

/** The bar at the foot of the rules. */
export class StrategySaving extends Saving {
  constructor(editor, data) {
    super(editor, data);
    this.isReleasing = data.releasing;
    this.show();
  }

  get blocked() {
    return this.isReleasing ? "请先全量发布或撤回灰度中的版本" : "";
  }

  publication(form) {
    return { note: form.get("note"), percent: form.get("scope") === "all" ? 100 : Number(form.get("percent")) };
  }

  wire() {
    super.wire();
    this.on("st-simulate", () => this.simulate());
    const scope = document.querySelector(".st-scope");
    const percent = () => (scope.querySelector("[name=percent]").disabled = scope.querySelector("[value=all]").checked);
    scope.addEventListener("change", percent);
    percent();
  }

  show() {
    super.show();
    document.getElementById("st-simulate").disabled = this.busy;
  }

  async simulate() {
    await this.save();
    this.leaving = true;
    location.assign(this.urls.simulations);
  }
}
