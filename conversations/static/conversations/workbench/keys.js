// The keyboard. `code` rather than `key`: with Alt, some layouts type other letters.
import { $, root, show } from "./app.js";
import * as chat from "./chat.js";
import * as composer from "./composer.js";
import * as dialogs from "./dialogs.js";
import * as list from "./list.js";
import * as offers from "./offers.js";

const TABS = { Digit1: "mine", Digit2: "queue", Digit3: "ended" };
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

const WITH_ALT = {
  KeyJ: () => chat.open(list.neighbour(1)),
  ArrowDown: () => chat.open(list.neighbour(1)),
  KeyK: () => chat.open(list.neighbour(-1)),
  ArrowUp: () => chat.open(list.neighbour(-1)),
  KeyT: dialogs.transfer,
  KeyE: dialogs.end,
  KeyW: dialogs.explain,
  KeyG: dialogs.ticket,
  KeyC: chat.claimOpen,
  KeyY: offers.acceptFirst,
  KeyN: composer.toggleMode,
};

function find(event) {
  const control = event.ctrlKey || event.metaKey;
  if (control && !event.altKey && event.code === "KeyK") return dialogs.search;
  if (control && event.shiftKey && event.code === "KeyN") return composer.toggleMode;
  if (event.altKey && !control && !event.shiftKey) {
    if (TABS[event.code]) return () => list.showTab(TABS[event.code]);
    return WITH_ALT[event.code];
  }
  if (control || event.altKey || isTyping(event.target)) return null;
  if (event.key === "?") return dialogs.help;
  if (event.key === "/") return () => composer.put("/");
  return { j: WITH_ALT.KeyJ, k: WITH_ALT.KeyK }[event.key];
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || $("dialog[open]")) return;
  if (event.key === "Escape") return onEscape();
  const action = find(event);
  if (!action) return;
  event.preventDefault();
  action();
});

function onEscape() {
  if (root.dataset.view === "customer") return show("chat");
  const text = composer.textBox();
  if (text && document.activeElement !== text) text.focus();
}
