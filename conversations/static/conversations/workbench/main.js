// Starts the workbench: the parts are wired to the protocol client here and nowhere else.
import { $, agent, client, current, toast } from "./app.js";
import * as chat from "./chat.js";
import * as company from "./company.js";
import "./dialogs.js";
import "./keys.js";
import * as list from "./list.js";
import * as notify from "./notify.js";
import * as offers from "./offers.js";
import "./upload.js";

const LABELS = { online: "已连接", connecting: "连接中…", offline: "连接已断开", refused: "无法连接", stopped: "未连接" };
const PLACEHOLDERS = { image: "[图片]", file: "[文件]" };
const RISING = [660, 880, 1320];
let banner = null;
let wasOnline = false;

list.on("open", (id) => chat.open(id));
list.on("totals", notify.setTotals);
list.on("settled", offers.settle);
list.on("added", (id, name) => {
  notify.tell({ name: "新会话", words: name, tag: id, notes: RISING, open: () => chat.open(id) });
});

function onEvent({ conversation, event }) {
  const seen = chat.isSeen(conversation);
  chat.onEvent(conversation, event);
  list.onEvent(conversation, event, seen);
  company.onEvent(conversation, event);
  if (event.kind === "whisper" && event.author.id !== agent?.id) {
    notify.tell({ name: "悄悄话", words: event.content.text, tag: conversation, open: () => chat.open(conversation) });
  }
  if (event.kind !== "message" || event.author.type !== "visitor" || seen) return;
  const words = event.content.text || PLACEHOLDERS[event.content.type] || "";
  const name = list.nameOf(conversation);
  notify.tell({ name, words, tag: conversation, open: () => chat.open(conversation) });
}

function onConnection({ state, reason }) {
  const tool = $("#connection");
  tool.dataset.state = state;
  $(".connection-text", tool).textContent = LABELS[state] || state;
  if (state === "online") {
    clearTimeout(banner);
    banner = null;
    $("#offline-banner").hidden = true;
    if (wasOnline) list.refresh(); // what happened meanwhile
    wasOnline = true;
  } else if (state === "refused") {
    clearTimeout(banner);
    warn("登录已失效，或没有接待权限。请刷新页面重新登录。", reason);
  } else {
    // A short cut is not worth a word; counted from its beginning, whatever is tried meanwhile.
    banner = banner || setTimeout(warn, 2000, "连接已断开，正在重新连接…消息会在恢复后自动发送。", reason);
  }
}

function warn(words, reason) {
  const line = $("#offline-banner");
  $("span", line).textContent = words;
  line.dataset.reason = reason || "";
  line.hidden = false;
}

function listen() {
  client.on("event", onEvent);
  client.on("status", chat.onStatus);
  client.on("connection", onConnection);
  client.on("inbox", list.refresh);
  client.on("queue", list.refresh);
  client.on("resync", ({ conversation, reason }) => chat.onResync(conversation, reason));
  client.on("typing", ({ conversation, author, preview, active }) => {
    if (author && author.type && author.type !== "visitor") return;
    list.onTyping(conversation, active);
    chat.onTyping(conversation, preview, active);
  });
  client.on("nack", ({ detail }) => toast(detail, "danger"));
  client.start();
}

addEventListener("focus", () => {
  chat.markRead();
  if (client) client.wake();
});
addEventListener("online", () => client && client.wake());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  chat.markRead();
  if (client) client.wake();
  list.refresh();
});

current.id = $("#chat")?.dataset.conversation || null;
list.start();
offers.start();
chat.attach();
if (client) listen();
document.documentElement.dataset.ready = "true"; // tests wait for it
