// Quick replies: "/" in an empty box opens them folder by folder, words narrow them down.
import { $, agent, failed, h, replies, request } from "./app.js";
import * as composer from "./composer.js";

const SHOWN = 80;
const dialog = $("#dialog");
let table = [];
let found = [];
let at = 0;

/** `replies` come in the order of their folders; that order is kept while nothing is asked for. */
function take(rows) {
  table = rows.map((reply) => ({ ...reply, words: `${reply.shortcut}\n${reply.title}\n${reply.text}\n${reply.category}`.toLowerCase() }));
}
take(replies);

const box = () => $("#quick");
export const isOpen = () => Boolean(box() && !box().hidden);

function rank({ shortcut, title }, asked) {
  if (!asked) return 0;
  if (shortcut.toLowerCase().startsWith(asked)) return 0;
  return title.toLowerCase().includes(asked) ? 1 : 2;
}

export function onInput(value, mode) {
  if (mode !== "reply" || !value.startsWith("/") || value.includes("\n")) return close();
  const asked = value.slice(1).trim().toLowerCase();
  found = table.filter((reply) => reply.words.includes(asked)).sort((a, b) => rank(a, asked) - rank(b, asked)).slice(0, SHOWN);
  at = 0;
  draw();
}

/** The heading of a folder above its first reply. */
function heading(index) {
  const { category } = found[index];
  return index && found[index - 1].category === category ? null : h("p", { class: "quick-title", role: "presentation" }, category);
}

function draw() {
  const items = found.map((reply, index) => h("div", {
    class: "quick-item", role: "option", id: `quick-${index}`, "data-index": index, "aria-selected": String(index === at),
  }, h("code", {}, `/${reply.shortcut}`), h("b", { class: "clip" }, reply.title), h("span", { class: "clip" }, reply.text)));
  const lines = items.flatMap((item, index) => [heading(index), item].filter(Boolean));
  const empty = h("p", { class: "nothing" }, table.length ? "没有符合的快捷回复" : "还没有快捷回复");
  const manage = h("button", { type: "button", class: "link-button quick-manage", "data-act": "replies", "data-testid": "replies-open" }, "管理我的快捷回复");
  box().replaceChildren(...(items.length ? lines : [empty]), manage);
  box().hidden = false;
  $("[aria-selected=true]", box())?.scrollIntoView({ block: "nearest" });
  composer.textBox().setAttribute("aria-activedescendant", items.length ? `quick-${at}` : "");
}

export function close() {
  if (!isOpen()) return;
  box().hidden = true;
  composer.textBox()?.removeAttribute("aria-activedescendant");
}

function pick(index) {
  const reply = found[index];
  close();
  if (reply) composer.put(filled(reply.text));
}

/** Names for {agent} and {customer}; a visitor without one is 您. */
function filled(text) {
  const name = $("#chat").dataset.name;
  const customer = name.startsWith("访客 ") || name.includes("*") ? "您" : name;
  return text.replaceAll("{agent}", agent ? agent.name : "").replaceAll("{customer}", customer);
}

/** The dialog with the person's own replies; `text` begins a new one. */
async function manage(text = "") {
  close();
  const { url } = $("#composer").dataset;
  dialog.replaceChildren(h("p", { class: "empty" }, "加载中…"));
  if (!dialog.open) dialog.showModal();
  await window.htmx.ajax("GET", `${url}?text=${encodeURIComponent(text.slice(0, 2000))}`, { target: dialog, swap: "innerHTML" });
  $("[autofocus]", dialog)?.focus();
}

document.addEventListener("lingxi:keep-reply", (event) => manage(event.detail));
document.addEventListener("htmx:after:swap", async (event) => {
  const { target } = event.detail.ctx;
  if ((target !== dialog && target !== "#dialog") || !$("#replies", dialog)) return;
  try {
    take((await request("GET", `${$("#composer").dataset.url}table/`)).replies);
  } catch (error) {
    failed(error);
  }
});

/** Takes a key of the box; true when it was meant for the list. */
export function onKey(event) {
  if (!isOpen()) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const takes = step || event.key === "Escape" || (found.length && (event.key === "Enter" || event.key === "Tab"));
  if (!takes) return false;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Escape") close();
  else if (step && found.length) {
    at = (at + step + found.length) % found.length;
    draw();
  } else if (!step) pick(at);
  return true;
}

document.addEventListener("mousedown", (event) => {
  const item = event.target.closest(".quick-item");
  if (item) {
    event.preventDefault(); // the box keeps the focus
    pick(Number(item.dataset.index));
  } else if (isOpen() && !event.target.closest("#composer")) close();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-act=quick]")) composer.put("/");
  if (event.target.closest("[data-act=replies]")) manage();
});
