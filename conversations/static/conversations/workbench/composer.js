// Writing: reply or note, draft per conversation, Enter sends unless an input method composes.
import { $, $$, agent, client, config, memory } from "./app.js";
import { appendPending } from "./chat.js";
import * as list from "./list.js";
import * as quick from "./quick.js";

let chat = null;
let form = null;
let text = null;
let saving = null;

const key = (id) => `draft:${agent.id}:${id}`;
const isWritable = () => Boolean(form && form.offsetParent);
const mayReply = () => chat.dataset.mine === "true" && chat.dataset.state !== "closed";
export const textBox = () => text;
export const conversation = () => chat && chat.dataset.conversation;

export function attach(element) {
  chat = element;
  form = $("#composer", chat);
  text = $("#text", chat);
  if (!agent) return;
  text.dataset.placeholder = matchMedia("(hover: none)").matches ? "输入回复" : text.placeholder;
  const draft = memory.get(key(chat.dataset.conversation)) || {};
  text.value = draft.text || "";
  setMode(draft.mode || "reply");
  text.addEventListener("keydown", onKey);
  text.addEventListener("input", onInput);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  if (isWritable() && matchMedia("(hover: hover)").matches) text.focus({ preventScroll: true });
  grow();
}

export function detach() {
  save();
  quick.close();
  chat = form = text = null;
}

/** After a change of state. */
export function adjust() {
  if (chat && agent) setMode(form.dataset.mode);
}

export function setMode(mode) {
  const now = mayReply() ? mode : "note";
  form.dataset.mode = now;
  text.placeholder = now === "note" ? text.dataset.placeholderNote : text.dataset.placeholder;
  $(".send-label", form).textContent = now === "note" ? "添加备注" : "发送";
  for (const button of $$("[data-mode-to]", form)) {
    button.setAttribute("aria-pressed", String(button.dataset.modeTo === now));
  }
}

export function toggleMode() {
  if (!isWritable()) return;
  setMode(form.dataset.mode === "note" ? "reply" : "note");
  text.focus();
}

function onKey(event) {
  // 229: the key belongs to an input method; some browsers end composing before the Enter arrives.
  if (event.isComposing || event.keyCode === 229) return;
  if (quick.onKey(event)) return;
  if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    send();
  }
}

function onInput() {
  grow();
  quick.onInput(text.value, form.dataset.mode);
  clearTimeout(saving);
  saving = setTimeout(save, 300);
  if (client && form.dataset.mode === "reply" && mayReply()) client.typing(chat.dataset.conversation, text.value);
}

function grow() {
  const length = [...text.value].length;
  $("#text-count").textContent = length > config.maxText * 0.8 ? `${length} / ${config.maxText}` : "";
  if (CSS.supports("field-sizing", "content")) return;
  text.style.height = "auto";
  text.style.height = `${Math.min(200, text.scrollHeight)}px`;
}

function save() {
  clearTimeout(saving);
  if (!chat || !agent || !text) return;
  const value = text.value;
  memory.set(key(chat.dataset.conversation), value.trim() ? { text: value, mode: form.dataset.mode } : null);
}

/** Puts words into the box, in place of what stands there. */
export function put(words) {
  if (!isWritable()) return;
  text.value = words;
  text.focus();
  text.setSelectionRange(words.length, words.length);
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function send() {
  const words = text.value.trim();
  if (!words || !client || !isWritable()) return;
  const kind = form.dataset.mode === "note" ? "note" : "text";
  appendPending(client.send(chat.dataset.conversation, kind, { text: words }));
  text.value = "";
  quick.close();
  save();
  grow();
  list.mark();
  if (kind === "note") setMode("reply");
  text.focus();
}

document.addEventListener("click", (event) => {
  const mode = event.target.closest("[data-mode-to]");
  if (!mode || !form) return;
  setMode(mode.dataset.modeTo);
  text.focus();
});

addEventListener("pagehide", save);
