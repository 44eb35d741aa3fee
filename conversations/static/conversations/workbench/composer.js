// Writing: reply or note, draft per conversation, Enter sends unless an input method composes.
import { $, $$, agent, client, config, memory } from "./app.js";
import { appendPending } from "./chat.js";
import * as list from "./list.js";
import * as menu from "./menu.js";
import * as quick from "./quick.js";

let chat = null;
let form = null;
let text = null;
let saving = null;
let about = null; // {kind: "reply" | "edit", id, who, line}: the message to be answered or changed
let aside = ""; // the draft that an edit took the place of

const key = (id) => `draft:${agent.id}:${id}`;
const isWritable = () => Boolean(form && form.offsetParent);
const mayReply = () => chat.dataset.speaks === "true" && chat.dataset.state !== "closed";
const mayWhisper = () => chat.dataset.whisper === "true" && chat.dataset.state !== "closed";
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
  setMode(draft.mode || (chat.dataset.role === "monitor" ? "whisper" : "reply"));
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
  about = null;
  chat = form = text = null;
}

/** After a change of state. */
export function adjust() {
  if (chat && agent) setMode(form.dataset.mode);
}

export function setMode(mode) {
  if (!form) return;
  const now = { reply: mayReply(), whisper: mayWhisper() }[mode] ? mode : "note";
  form.dataset.mode = now;
  text.placeholder = text.dataset[{ note: "placeholderNote", whisper: "placeholderWhisper" }[now] || "placeholder"];
  if (now !== "reply" && isEditing()) drop();
  drawAbout();
  for (const button of $$("[data-mode-to]", form)) {
    button.setAttribute("aria-pressed", String(button.dataset.modeTo === now));
  }
}

const SENDS = { note: "添加备注", whisper: "发送悄悄话" };
const isEditing = () => about?.kind === "edit";

/** The next words answer a message, or, when it is an edit, take its place. */
export function takeUp(what, words) {
  if (!isWritable()) return;
  drop();
  if (what.kind === "edit") {
    setMode("reply");
    aside = text.value;
    about = what; // before the words: they are no draft
    put(words);
  }
  about = what;
  drawAbout();
  text.focus();
}

/** Back to plain writing; false when it was that. */
function drop() {
  if (!about) return false;
  const isEdit = isEditing();
  about = null;
  if (isEdit) put(aside);
  drawAbout();
  return true;
}

function drawAbout() {
  const line = $("#about", form);
  line.hidden = !about;
  line.dataset.kind = about ? about.kind : "";
  $("b", line).textContent = isEditing() ? "修改消息" : about ? `引用 ${about.who}` : "";
  $("bdi", line).textContent = about ? about.line : "";
  $(".send-label", form).textContent = SENDS[form.dataset.mode] || (isEditing() ? "保存" : "发送");
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
  } else if (event.key === "Escape" && drop()) event.preventDefault();
  else if (event.key === "ArrowUp" && !text.value && !event.shiftKey && !event.altKey && menu.editLast()) event.preventDefault();
}

function onInput() {
  grow();
  quick.onInput(text.value, form.dataset.mode);
  clearTimeout(saving);
  saving = setTimeout(save, 300);
  if (client && form.dataset.mode === "reply" && mayReply() && !isEditing()) client.typing(chat.dataset.conversation, text.value);
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
  const value = isEditing() ? aside : text.value;
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

/** The same, below what stands there. */
export const add = (words) => put(text.value.trim() ? `${text.value}\n${words}` : words);

function send() {
  const words = text.value.trim();
  if (!words || !client || !isWritable()) return;
  if (isEditing()) {
    menu.save(about.id, words);
    drop();
    return;
  }
  const kind = form.dataset.mode === "reply" ? "text" : form.dataset.mode;
  const sent = client.send(chat.dataset.conversation, kind, { text: words }, { reply_to: about?.id });
  menu.remember(sent, words);
  appendPending(sent);
  text.value = "";
  about = null;
  drawAbout();
  quick.close();
  save();
  grow();
  list.mark();
  if (kind === "note") setMode("reply");
  text.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-act=drop-about]") && drop()) text.focus();
  const mode = event.target.closest("[data-mode-to]");
  if (!mode || !form) return;
  setMode(mode.dataset.modeTo);
  text.focus();
});

addEventListener("pagehide", save);
