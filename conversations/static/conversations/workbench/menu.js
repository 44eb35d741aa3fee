// What can be done with one message: quote it, and for two minutes edit or recall one's own.
import { $, $$, agent, client, h, now, toast } from "./app.js";
import * as composer from "./composer.js";
import { authorOf, entryOf, lineOf } from "./quotes.js";

const WITHIN = 2 * 60 * 1000; // as the server has it
const LONG_PRESS = 450;
const GAP = 4;
const said = new Map(); // what was recalled, by message, for writing it anew
const typed = new Map(); // what was typed here, by client_msg_id: the log may show numbers masked
let chat = null;
let menu = null;
let entry = null; // the one the menu is for
let leaving = null;
let pressing = null;

export function attach(element) {
  chat = element;
  menu = $("#entry-menu", chat);
  entry = null;
  $("#log", chat).addEventListener("scroll", onScroll, { passive: true });
  revised($("#log", chat));
}

export const remember = (sent, words) => typed.set(sent.client_msg_id, words);
const isMine = () => Boolean(client && chat && chat.dataset.speaks === "true" && chat.dataset.state !== "closed");
const isOpenTo = (one) => isMine() && one.matches("[data-kind=message][data-id][data-seq]:not(:has(.recalled))");
const isFresh = (one) => one.dataset.own === "true" && now() - Date.parse($("time", one).dateTime) < WITHIN;
const isText = (one) => Boolean($(".words", one));
const textOf = (one) => typed.get(one.dataset.client) ?? $(".words", one).textContent;

function show(one) {
  clearTimeout(leaving);
  if (one === entry || !isOpenTo(one)) return;
  hide();
  entry = one;
  entry.classList.add("chosen");
  $("[data-do=recall]", menu).hidden = !isFresh(one);
  $("[data-do=edit]", menu).hidden = !isFresh(one) || !isText(one);
  $("[data-do=keep]", menu).hidden = one.dataset.own !== "true" || !isText(one);
  menu.hidden = false;
  place();
}

/** Beside the bubble, above it where there is no room. */
function place() {
  const [box, log, frame] = [$(".bubble", entry), $("#log", chat), chat].map((one) => one.getBoundingClientRect());
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isOut = entry.matches(".side-out");
  const beside = isOut ? box.left - width - GAP : box.right + GAP;
  const fits = beside > log.left + GAP && beside + width < log.right - GAP;
  const left = fits ? beside : isOut ? box.right - width : box.left;
  const above = box.top - height - 2 > log.top ? box.top - height - 2 : box.bottom + 2;
  const top = Math.min(Math.max(fits ? box.top : above, log.top + GAP), log.bottom - height - GAP);
  menu.style.left = `${left - frame.left}px`;
  menu.style.top = `${top - frame.top}px`;
}

function onScroll() {
  if (!entry) return;
  const [box, log] = [$(".bubble", entry), $("#log", chat)].map((one) => one.getBoundingClientRect());
  if (box.bottom > log.top && box.top < log.bottom) place();
  else hide();
}

function hide() {
  clearTimeout(leaving);
  if (!entry) return;
  entry.classList.remove("chosen");
  entry = null;
  menu.hidden = true;
}

const about = (kind, one) => ({ kind, id: one.dataset.id, who: authorOf(one), line: lineOf(one) });

const ACTS = {
  quote: (one) => composer.takeUp(about("reply", one)),
  edit,
  keep: (one) => document.dispatchEvent(new CustomEvent("lingxi:keep-reply", { detail: textOf(one) })),
  recall(one) {
    if (isText(one)) said.set(one.dataset.id, textOf(one));
    change(one, "recall", {});
  },
};

function edit(one) {
  const words = textOf(one);
  const isMasked = /\d\*{3}/.test(words) && !typed.has(one.dataset.client);
  if (isMasked) toast("消息里的号码已隐藏，不能修改；可以撤回后重新发送", "danger");
  else composer.takeUp(about("edit", one), words);
}

function change(one, kind, content) {
  one.classList.add("changing");
  client.send(chat.dataset.conversation, kind, { message: one.dataset.id, ...content });
}

/** The composer has the new words of a message. */
export function save(id, words) {
  const one = entryOf(chat, id);
  if (!one || words === textOf(one)) return;
  if (one.dataset.client) typed.set(one.dataset.client, words);
  change(one, "edit", { text: words });
}

/** The last own message, into the composer; false when there is none to be edited. */
export function editLast() {
  if (!isMine()) return false;
  const last = $$(".entry[data-own][data-kind=message]", chat).filter((one) => isOpenTo(one) && isText(one)).pop();
  if (!last || !isFresh(last)) return false;
  edit(last);
  return true;
}

/** Changes on their way, seen again after coming back to the conversation. */
export function markChanging(pending) {
  for (const { content } of pending) if (content.message) entryOf(chat, content.message)?.classList.add("changing");
}

/** A message was changed, or the log drawn anew: recalled words of this page can be taken up again. */
export function revised(log) {
  if (entry && $(".recalled", entry)) hide();
  for (const bubble of $$(".entry[data-own] > .recalled:not(:has(button))", log)) {
    if (!said.has(bubble.parentElement.dataset.id)) continue;
    bubble.append(" ", h("button", { type: "button", class: "link-button when-speaks", "data-act": "rewrite", "data-testid": "rewrite" }, "重新编辑"));
  }
}

/** A change that was refused, or found no way out in time, is given up; its words are not lost. */
export function onStatus({ conversation, client_msg_id, kind, content, status, detail }) {
  if (status !== "failed") return;
  client.discard(client_msg_id);
  toast(detail || (kind === "edit" ? "修改没有成功" : "撤回没有成功"), "danger");
  if (!chat || chat.dataset.conversation !== conversation) return;
  const one = entryOf(chat, content.message);
  if (one) one.classList.remove("changing");
  if (kind === "recall") said.delete(content.message);
  else typed.delete(one?.dataset.client);
  if (kind === "edit" && agent && !composer.textBox().value) composer.put(content.text);
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("#entry-menu [data-do]")?.dataset.do;
  if (act && entry) {
    const one = entry;
    hide();
    ACTS[act](one);
  } else if (event.target.closest("[data-act=rewrite]")) composer.add(said.get(event.target.closest(".entry").dataset.id));
});

// By mouse: on the message or on its menu. By touch: pressed long. By keyboard: arrows in the log.
document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch" || !chat) return;
  const one = event.target.closest("#log .entry");
  const isStill = event.target.closest("#entry-menu") || document.activeElement?.closest("#entry-menu, .chosen");
  clearTimeout(leaving);
  if (one) show(one);
  else if (entry && !isStill) leaving = setTimeout(hide, 200);
});

document.addEventListener("pointerdown", (event) => {
  clearTimeout(pressing);
  if (entry && !event.target.closest("#entry-menu, .chosen")) hide();
  const one = event.target.closest("#log .entry");
  if (one && event.pointerType === "touch") pressing = setTimeout(show, LONG_PRESS, one);
});
for (const name of ["pointerup", "pointercancel", "scroll"]) {
  document.addEventListener(name, () => clearTimeout(pressing), { capture: true, passive: true });
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches("#log .entry")) show(event.target);
  else if (entry && !event.target.closest("#entry-menu, .chosen")) hide();
});

function walk(from, step) {
  const all = $$("#log .entry[data-seq]", chat);
  const at = all.indexOf(from);
  const next = at < 0 ? all[all.length - 1] : all[at + step];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  next.focus({ preventScroll: true });
}

const buttons = () => $$("[data-do]:not([hidden])", menu);

function onMenuKey(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === "Escape") entry?.focus();
  else if (step) {
    const all = buttons();
    all[(all.indexOf(event.target) + step + all.length) % all.length].focus();
  } else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (!chat || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("#entry-menu")) return onMenuKey(event);
  if (!event.target.matches("#log, #log .entry")) return;
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step) walk(event.target, step);
  else if (event.key === "Enter" && entry) buttons()[0]?.focus();
  else return;
  event.preventDefault();
});
