// Quick replies: "/" in an empty box opens them, words narrow them down.
import { $, h, replies } from "./app.js";
import * as composer from "./composer.js";

const SHOWN = 50;
const table = replies.map((reply) => ({ ...reply, words: `${reply.shortcut}\n${reply.title}\n${reply.text}`.toLowerCase() }));
let found = [];
let at = 0;

const box = () => $("#quick");
export const isOpen = () => Boolean(box() && !box().hidden);

function rank({ shortcut, title }, asked) {
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

function draw() {
  const items = found.map((reply, index) => h("div", {
    class: "quick-item", role: "option", id: `quick-${index}`, "data-index": index, "aria-selected": String(index === at),
  }, h("code", {}, `/${reply.shortcut}`), h("b", { class: "clip" }, reply.title), h("span", { class: "clip" }, reply.text)));
  const empty = h("p", { class: "nothing" }, table.length ? "没有符合的快捷回复" : "还没有快捷回复，可由主管在管理后台添加");
  box().replaceChildren(...(items.length ? items : [empty]));
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
  if (reply) composer.put(reply.text);
}

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
});
