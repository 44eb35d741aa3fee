// Questions before something is done, and words after it.

import { button, h, icon, uid } from "./dom.js";
import { post } from "./http.js";

/** Shows a dialog; resolves with the form's data when it is confirmed, with null when it is not. */
export function ask(dialog) {
  return new Promise((resolve) => {
    const form = dialog.querySelector("form");
    const submit = (event) => {
      event.preventDefault();
      if (form.reportValidity()) done(new FormData(form));
    };
    const close = () => done(null);
    const cancel = dialog.querySelector("[data-close]");
    const done = (result) => {
      form.removeEventListener("submit", submit);
      dialog.removeEventListener("close", close);
      cancel?.removeEventListener("click", close);
      if (dialog.open) dialog.close();
      resolve(result);
    };
    form.addEventListener("submit", submit);
    dialog.addEventListener("close", close);
    cancel?.addEventListener("click", close);
    dialog.showModal();
  });
}

/** A question with one button to go on. Resolves with true or false. */
export async function confirm({ title, text, action = "确定", danger = false }) {
  const name = uid("st-dialog");
  const dialog = h("dialog", { class: "st-dialog", "aria-labelledby": name, data: { testid: "confirm" } },
    h("form", { method: "dialog" },
      h("h2", { id: name, text: title }), h("p", { text }),
      h("div", { class: "st-dialog-buttons" },
        button("取消", () => {}, { data: { close: "" } }),
        h("button", { type: "submit", class: danger ? "st-button is-danger" : "st-button is-main", text: action, data: { testid: "confirm-ok" } }))));
  document.querySelector(".st").append(dialog);
  const result = await ask(dialog);
  dialog.remove();
  return result !== null;
}

/** A line at the foot of the page; `undo` adds a button. Another one takes its place. */
export function say(text, { undo, kind = "info" } = {}) {
  const region = document.getElementById("st-says");
  const line = h("div", { class: `st-say is-${kind}`, data: { testid: "says" } },
    icon(kind === "error" ? "error" : "info"), h("span", { text }),
    undo && button("撤销", () => {
      line.remove();
      undo();
    }, { data: { testid: "undo" } }));
  region.replaceChildren(line);
  setTimeout(() => line.remove(), undo ? 12_000 : 7_000);
}

/** Says why something failed. */
export function failed(error) {
  if (error.name !== "AbortError") say(error.detail || String(error), { kind: "error" });
}

/**
 * Buttons that change something and carry all they need:
 * `data-post` the URL, `data-body` JSON, `data-title`, `data-text`, `data-action`, `data-danger`;
 * `data-percent` the id of an input whose number goes with it.
 */
export function postButtons(root) {
  root.querySelectorAll("[data-post]").forEach((element) => element.addEventListener("click", async () => {
    const { title, text, action, danger, body, percent } = element.dataset;
    const share = percent && document.getElementById(percent);
    if (share && !share.reportValidity()) return;
    if (title && !(await confirm({ title, text, action, danger: danger !== undefined }))) return;
    element.disabled = true;
    try {
      const answer = await post(element.dataset.post, { ...JSON.parse(body || "{}"), ...(share ? { percent: share.valueAsNumber } : {}) });
      if (answer.url) location.assign(answer.url);
      else location.reload();
    } catch (error) {
      failed(error);
      element.disabled = false;
    }
  }));
}
