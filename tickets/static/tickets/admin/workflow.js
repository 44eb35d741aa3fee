// The page of a workflow: its drawing, statuses, transitions and approval chains.

import { postButtons } from "../../lingxi/editor/dialogs.js";
import { json } from "../../lingxi/editor/dom.js";
import { Draft } from "../../lingxi/editor/draft.js";
import { post } from "../../lingxi/editor/http.js";
import { problemList } from "../../lingxi/editor/problems.js";
import { Saving } from "../../lingxi/editor/saving.js";
import { Chains } from "./chains.js";
import { Statuses } from "./statuses.js";
import { Transitions } from "./transitions.js";

const PAUSE = 300; // milliseconds without typing before the server is asked what it says

class WorkflowEditor {
  constructor(data) {
    this.urls = data.urls;
    this.offer = data.offer;
    this.draft = new Draft(data);
    this.transitions = new Transitions(this);
    this.statuses = new Statuses(this);
    this.chains = new Chains(this);
    this.lists = [this.statuses, this.transitions, this.chains];
    this.draft.addEventListener("change", () => this.changed());
    this.sync();
    this.hear(data.found);
  }

  sync() {
    this.lists.forEach((list) => list.sync());
    document.getElementById("wf-no-approvals").hidden = this.draft.content.approvals.length > 0;
  }

  changed() {
    this.sync();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look().catch(() => {}), PAUSE);
  }

  /** Asks the server what the workflow says and what is wrong. */
  async look() {
    clearTimeout(this.timer);
    this.looking?.abort();
    this.looking = new AbortController();
    const found = await post(this.urls.check, { content: this.draft.content }, { signal: this.looking.signal });
    this.hear(found);
    return found;
  }

  hear(found) {
    this.heard = found;
    this.lists.forEach((list) => list.hear(found.sentences[list.name], found.problems));
    const general = found.problems.filter((problem) => !/^\w+\.\d+/.test(problem.path));
    document.getElementById("st-global").replaceChildren(...problemList(general));
    this.draw(found.drawing);
    const errors = found.problems.filter((problem) => problem.level === "error").length;
    const summary = document.getElementById("st-summary");
    summary.textContent = errors ? `${errors} 处需要改正后才能发布` : found.summary;
    summary.classList.toggle("is-error", errors > 0);
  }

  /** The server's drawing; it is parsed as SVG, so nothing in it is run. */
  draw(text) {
    if (!text) return;
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    document.getElementById("wf-drawing").replaceChildren(document.importNode(parsed, true));
  }

  /** The server refused for these problems: shows the first. */
  refuse(problems) {
    this.hear({ ...this.heard, problems });
    document.querySelector(".st-card.has-error, #st-global .is-error")?.scrollIntoView({ block: "center" });
  }

  /** A status has another key: whatever names it follows. */
  renameStatus(from, to) {
    const { content } = this.draft;
    if (content.initial === from) content.initial = to;
    content.transitions.forEach((one) => {
      one.from = one.from.map((key) => (key === from ? to : key));
      if (one.to === from) one.to = to;
    });
    this.transitions.redraw();
  }

  /** The same for a chain. */
  renameChain(from, to) {
    this.draft.content.transitions.forEach((one) => one.approval === from && (one.approval = to));
    this.transitions.redraw();
  }
}

const data = json("editor-data");
new Saving(new WorkflowEditor(data), data);
postButtons(document);
