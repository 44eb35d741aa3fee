// One action on what is chosen: its dialog, and what came of it.
import { chosen, clearChoice, every } from "./choosing.js";

const dialog = () => document.getElementById("dialog");
let here = () => null; // the row that stands for a choice when there is none
let again = () => {};
let ids = [];
let all = false;

/** Says which row the keys are on. */
export const setHere = (read) => (here = read);

async function fetched(url, options = {}) {
  const headers = { "X-CSRFToken": window.Lingxi.csrf(), Accept: "text/html, application/json" };
  const response = await fetch(url, { credentials: "same-origin", headers, ...options });
  const text = await response.text();
  if (response.ok) return text;
  let said = {};
  try {
    said = JSON.parse(text);
  } catch (error) {
    said = {};
  }
  throw Object.assign(new Error(said.detail), { status: response.status, detail: said.detail });
}

/** Opens the dialog of an action. */
export async function ask(action) {
  all = every;
  ids = chosen();
  if (!ids.length && here()) ids = [here().dataset.id];
  if (!ids.length) return window.Lingxi.toast("请先选择工单");
  const many = all ? document.querySelector("[data-role=every]").textContent : ids.length;
  try {
    dialog().innerHTML = await fetched(`/tickets/bulk/?action=${action}`);
  } catch (error) {
    return window.Lingxi.failed(error);
  }
  dialog().querySelector("[data-role=many]").textContent = many;
  return dialog().showModal();
}

async function send(form) {
  const body = new FormData(form);
  if (!body.has("action")) body.append("action", form.dataset.action);
  if (all) {
    body.append("every", "yes");
    body.append("query", document.getElementById("count").dataset.query);
  } else ids.forEach((id) => body.append("ids", id));
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    dialog().innerHTML = await fetched("/tickets/bulk/", { method: "POST", body });
    if (window.htmx) window.htmx.process(dialog());
    const told = dialog().querySelector("[data-testid=outcome]");
    if (told && told.dataset.failed === "0") {
      dialog().close();
      window.Lingxi.toast(`${told.dataset.done} 条已完成`, "ok");
    }
    clearChoice();
    if (told) again();
  } catch (error) {
    const line = form.querySelector("[data-role=error]");
    line.textContent = error.detail || "网络连接失败，请稍后再试";
    line.hidden = false;
    button.disabled = false;
  }
}

export function bindBulk(options) {
  again = options.again;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-bulk]");
    if (button) ask(button.dataset.bulk);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.form !== "bulk") return;
    event.preventDefault();
    send(event.target);
  });
}
