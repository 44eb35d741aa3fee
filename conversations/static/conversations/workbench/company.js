// Who else is in the open conversation: a transfer under way, helpers, and the supervisor's bar.
import { $, agent, current, failed, request, toast, urlOf } from "./app.js";
import { reload } from "./chat.js";
import * as composer from "./composer.js";
import { ask } from "./dialogs.js";
import { lineOf } from "./entries.js";
import * as list from "./list.js";
import { apiOf, settle } from "./offers.js";

const KEPT = ["mine", "speaks", "role", "whisper", "state", "agent"];
const CHANGES = ["transfer", "join", "leave"];
const TOLD = ["accepted", "refused", "timed_out", "taken_over"];

/** Draws the bars anew and leaves the composer alone: somebody may be writing. */
export async function refresh(id = current.id) {
  const response = await fetch(urlOf(id), { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("#chat");
  const chat = $("#chat");
  if (!fresh || chat?.dataset.conversation !== id) return;
  if (fresh.dataset.mine !== chat.dataset.mine) return reload(); // whose it is changes more than the bars
  for (const name of KEPT) chat.dataset[name] = fresh.dataset[name];
  $("#company", chat).replaceChildren(...document.importNode($("#company", fresh), true).children);
  composer.adjust();
  settle();
}

/** An entry of any conversation of ours. */
export function onEvent(id, event) {
  const { kind, content } = event;
  if (!CHANGES.includes(kind)) return;
  if (kind === "transfer" && content.from?.id === agent.id && TOLD.includes(content.status)) {
    toast(lineOf(event), content.status === "accepted" ? "ok" : "info");
  }
  if (id === current.id) setTimeout(refresh, 300, id);
}

async function post(what, body = {}) {
  const id = $("#chat").dataset.conversation;
  try {
    await request("POST", apiOf(id, what), body);
  } catch (error) {
    failed(error);
    return false;
  }
  list.refresh();
  if (id === current.id) await refresh(id);
  return true;
}

const QUESTIONS = {
  barge_in: { title: "强插会话？", words: "你将加入会话，访客会看到你加入，并能看到你的回复。", yes: "加入会话" },
  take_over: { title: "接管会话？", words: "会话改由你接待，原坐席不能再回复。", label: "原因（选填，仅同事可见）", yes: "接管" },
  force_end: { title: "强制结束会话？", words: "会话立即结束且不能恢复。", label: "原因（必填，记入备注与审计）", yes: "强制结束", required: true },
};

async function supervise(action) {
  if (action === "whisper" && agent) {
    composer.setMode("whisper");
    composer.textBox()?.focus();
    return;
  }
  const question = QUESTIONS[action];
  const reason = question ? await ask(question) : "";
  if (reason === null) return;
  const isDone = await post("supervise", { action: action === "whisper" ? "monitor" : action, reason });
  // Who was no agent has become one: the page starts anew, with a line of their own.
  if (isDone && !agent && action !== "force_end") location.reload();
  else if (isDone && action === "monitor") composer.setMode("whisper");
  else if (isDone && action === "barge_in") composer.setMode("reply");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-supervise], [data-act=withdraw], [data-act=leave], [data-remove-helper]");
  if (!button) return;
  const { supervise: action, act, removeHelper } = button.dataset;
  if (action) supervise(action);
  else if (act === "withdraw") post("transfer/withdraw");
  else if (act === "leave") post("leave");
  else {
    button.closest("dialog").close();
    post("assist/remove", { agent: removeHelper });
  }
});
