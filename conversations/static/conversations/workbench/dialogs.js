// Transfer, end, search, transcript and help.
import { $, $$, failed, h, request, toast, urlOf } from "./app.js";
import { reload } from "./chat.js";
import * as list from "./list.js";

const dialog = $("#dialog");
const isShown = (selector) => Boolean($(selector)?.offsetParent);

async function fill(url) {
  dialog.replaceChildren(h("p", { class: "empty" }, "加载中…"));
  dialog.showModal();
  await window.htmx.ajax("GET", url, { target: dialog, swap: "innerHTML" });
  $("[autofocus]", dialog)?.focus();
}

export function transfer() {
  const button = $("#chat [data-act=transfer]");
  if (button && isShown("#chat [data-act=transfer]")) fill(button.dataset.url);
}

/** Why the conversation waits, or why this agent has it. */
export function explain() {
  const button = $("#chat [data-act=explain]");
  if (button) fill(button.dataset.url);
}

/** A ticket from the conversation, its form filled in already. */
export function ticket() {
  const button = $("#chat [data-act=ticket]");
  if (button) fill(button.dataset.url);
}

/** Asks a question, with a line to write when it has a label; the line, or null for no. */
export function ask({ title, words, label = "", yes, required = false }) {
  const box = $("#ask-dialog");
  const line = $("input", box);
  if (box.open) return Promise.resolve(null);
  for (const [role, text] of Object.entries({ title, words, label, yes })) $(`[data-role=${role}]`, box).textContent = text;
  $("[data-role=field]", box).hidden = !label;
  line.value = box.returnValue = "";
  line.required = required;
  box.showModal();
  return new Promise((resolve) => {
    box.onclose = () => resolve(box.returnValue === "yes" ? line.value.trim() : null);
  });
}

export function end() {
  const box = $("#end-dialog");
  if (!isShown("#chat [data-act=end]") || box.open) return;
  const id = $("#chat").dataset.conversation; // the one in sight, also while another is loading
  $("[data-role=name]", box).textContent = $("#chat").dataset.name;
  box.returnValue = "";
  box.showModal();
  box.onclose = () => box.returnValue === "end" && close(id);
}

async function close(id) {
  try {
    await request("POST", urlOf(id, "close/"));
    toast("会话已结束", "ok");
  } catch (error) {
    failed(error);
  }
  list.refresh();
}

export function help() {
  if (!$("#help-dialog").open) $("#help-dialog").showModal();
}

export function search() {
  const box = $("#search-dialog");
  if (!box.open) box.showModal();
  $("#search-input").select();
}

/** Moves through the search results. */
function walk(step) {
  const links = $$("#search-results .row-link");
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at + step;
  if (next < 0) $("#search-input").focus();
  else links[Math.min(next, links.length - 1)].focus();
}

$("#search-dialog").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    walk(step);
  } else if (event.key === "Enter" && event.target.id === "search-input" && !event.isComposing) {
    event.preventDefault();
    $("#search-results .row-link")?.click();
  }
});

const SUBMITS = {
  transfer: () => toast("已发起转接，等待对方接受", "ok"),
  assist: () => toast("已邀请加入", "ok"),
  merge() {
    toast("客户已合并", "ok");
    reload();
  },
  block() {
    toast("已加入黑名单", "ok");
    reload();
  },
};

async function submit(form, done) {
  const wrong = $("[data-role=error]", form);
  const button = $("[type=submit]", form);
  button.disabled = true;
  wrong.hidden = true;
  try {
    const said = new FormData(form);
    await request("POST", form.dataset.url, "json" in form.dataset ? Object.fromEntries(said) : said);
    dialog.close();
    done();
    list.refresh();
  } catch (error) {
    wrong.textContent = error.detail || "没有成功，请稍后再试";
    wrong.hidden = false;
  }
  button.disabled = false;
}

document.addEventListener("submit", (event) => {
  const done = SUBMITS[event.target.dataset.actForm];
  if (!done) return;
  event.preventDefault();
  submit(event.target, done);
});

document.addEventListener("input", (event) => {
  if (event.target.id !== "transfer-filter") return;
  const asked = event.target.value.trim().toLowerCase();
  let shown = 0;
  for (const target of $$(".target", dialog)) {
    target.hidden = !target.dataset.words.includes(asked);
    shown += target.hidden ? 0 : 1;
  }
  $("#transfer-none").hidden = shown > 0;
});

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.matches("dialog") || target.closest("[data-close-dialog]")) target.closest("dialog").close();
  if (target.closest("#search-results .row-link")) $("#search-dialog").close();
  if (target.closest("#dialog .row-link")) dialog.close();
  if (target.closest("[data-act=skip-wrap-up]")) $("#wrap-up").replaceChildren();
  const button = target.closest("[data-act]");
  if (!button) return;
  if (button.dataset.act === "transfer") transfer();
  else if (button.dataset.act === "explain") explain();
  else if (button.dataset.act === "ticket") ticket();
  else if (button.dataset.act === "end") end();
  else if (["transcript", "merge", "assist", "block", "unwrapped"].includes(button.dataset.act)) fill(button.dataset.url);
});

$("#help-open").addEventListener("click", help);
$("#search-open").addEventListener("click", search);
