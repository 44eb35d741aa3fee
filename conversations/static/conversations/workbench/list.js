// The left column: read again from the server after every change, touched up in between.
import { $, $$, agent, client, current, isWatching, memory, now, request, failed, root } from "./app.js";
import { clock } from "./entries.js";

const desk = $("#desk");
const EVERY = 1000; // at most one reading a second
const listeners = { added: [], totals: [], open: [], settled: [] };
let tab = $(".tab[aria-selected=true]").dataset.tab;
let readAt = 0;
let waiting = null;
let known = null; // own conversations at the last reading

export const on = (name, listener) => listeners[name].push(listener);
const tell = (name, ...details) => listeners[name].forEach((listener) => listener(...details));
export const rowsOf = (id) => $$(`.row[data-conversation="${id}"]`);
export const currentTab = () => tab;

/** Reads the lists again, soon. */
export function refresh() {
  if (waiting) return;
  waiting = setTimeout(read, Math.max(0, EVERY - (Date.now() - readAt)));
}

async function read() {
  waiting = null;
  readAt = Date.now();
  await window.htmx.ajax("GET", `${desk.dataset.url}?tab=${tab}`, { target: desk, swap: "innerMorph" });
}

document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  if (target === desk || target === "#desk") settle();
  else if (target && target.id === "status") refresh();
  else if (target && target.id === "search-results") mark();
});

/** Puts back what only the browser knows: selection, drafts, timers, what was just read. */
function settle() {
  const mine = $$("#list-mine .row");
  for (const row of mine) {
    const id = row.dataset.conversation;
    if (client) client.open(id, { seq: Number(row.dataset.seq), epoch: Number(row.dataset.epoch) });
    const log = client && client.log(id);
    const seen = (log && log.mine >= Number(row.dataset.seq)) || (id === current.id && isWatching() && root.dataset.view !== "list");
    if (seen) setUnread(row, 0);
  }
  mark();
  tick();
  noticeNew(mine);
  total();
  tell("settled");
}

function noticeNew(mine) {
  const ids = new Set(mine.map((row) => row.dataset.conversation));
  const before = known;
  known = ids;
  if (!before) return;
  for (const row of mine) {
    if (before.has(row.dataset.conversation)) continue;
    row.classList.add("row-flash");
    tell("added", row.dataset.conversation, nameOf(row.dataset.conversation));
  }
  if (!client) return;
  for (const id of before) if (!ids.has(id) && id !== current.id) client.leave(id);
}

export const isMine = (id) => Boolean(known && known.has(id));
export const nameOf = (id) => $(".row-name", rowsOf(id)[0] || root)?.textContent || "访客";

/** Marks the open conversation and those with a draft. */
export function mark() {
  for (const row of $$(".row")) {
    const id = row.dataset.conversation;
    if (id === current.id) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    row.classList.toggle("has-draft", id !== current.id && Boolean(agent && memory.get(`draft:${agent.id}:${id}`)));
  }
}

function setUnread(row, count) {
  row.dataset.unread = count || "";
  const badge = $(".badge", row);
  badge.hidden = !count;
  badge.textContent = count > 99 ? "99+" : String(count);
}

function total() {
  const count = $$("#list-mine .row").reduce((sum, row) => sum + Number(row.dataset.unread), 0);
  tell("totals", count, Number($("#tab-queue .count").textContent));
}

/** The conversation was looked at. */
export function clearUnread(id) {
  rowsOf(id).forEach((row) => setUnread(row, 0));
  total();
}

/** An entry came in: the own row changes at once, the order with the next reading. */
export function onEvent(id, event, seen) {
  for (const row of rowsOf(id)) {
    row.dataset.seq = Math.max(Number(row.dataset.seq), event.seq);
    if (event.kind === "message") onMessage(row, event, seen);
  }
  if (event.kind === "message") total();
  if (event.kind !== "note") refresh();
}

const PLACEHOLDERS = { image: "[图片]", file: "[文件]" };

function onMessage(row, event, seen) {
  const words = event.content.text || PLACEHOLDERS[event.content.type] || "";
  $(".row-text", row).textContent = words.slice(0, 120);
  $(".row-time", row).textContent = clock(event.created_at);
  const from = event.author.type;
  if (from === "visitor" && !seen) setUnread(row, Number(row.dataset.unread) + 1);
  const timer = $(".timer", row);
  if (from === "agent" && timer) timer.remove();
  else if (from === "visitor" && !timer && agent) {
    const node = document.createElement("span");
    node.className = "timer nums";
    node.dataset.since = Date.parse(event.created_at);
    $(".row-foot", row).append(node);
  }
  tick();
}

export function onTyping(id, active) {
  rowsOf(id).forEach((row) => row.classList.toggle("typing-now", active));
}

/** Waiting times: amber after a minute, red after three. A break: red beyond its limit, if it has one. */
function tick() {
  const at = now();
  for (const timer of $$(".timer[data-since]", desk)) {
    const seconds = Math.max(0, Math.floor((at - Number(timer.dataset.since)) / 1000));
    timer.textContent = duration(seconds);
    const limit = "limit" in timer.dataset ? Number(timer.dataset.limit) || Infinity : 180;
    const warm = "limit" in timer.dataset ? limit * 0.8 : 60;
    timer.classList.toggle("warm", seconds >= warm && seconds < limit);
    timer.classList.toggle("hot", seconds >= limit);
  }
}

function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} 时 ${minutes % 60} 分` : `${Math.floor(hours / 24)} 天`;
}

export function showTab(name) {
  if (name !== tab) {
    tab = name;
    for (const button of $$(".tab")) button.setAttribute("aria-selected", String(button.dataset.tab === name));
    for (const list of $$(".list", desk)) list.hidden = list.id !== `list-${name}`;
    const address = new URL(location.href);
    address.searchParams.set("tab", name);
    history.replaceState(history.state, "", address);
    refresh();
  }
}

/** The row `step` places below (or above) the open one in the visible list. */
export function neighbour(step) {
  const rows = $$(`#list-${tab} .row`);
  const at = rows.findIndex((row) => row.dataset.conversation === current.id);
  const next = at < 0 ? rows[step > 0 ? 0 : rows.length - 1] : rows[at + step];
  if (next) next.scrollIntoView({ block: "nearest" });
  return next && next.dataset.conversation;
}

export async function claim(id) {
  try {
    await request("POST", `${root.dataset.pageUrl}c/${id}/claim/`);
    showTab("mine");
    tell("open", id);
  } catch (error) {
    failed(error);
  }
  refresh();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".tab");
  if (button) return showTab(button.dataset.tab);
  const claiming = event.target.closest(".row [data-act=claim]");
  if (claiming) {
    claiming.disabled = true;
    return claim(claiming.closest(".row").dataset.conversation);
  }
  const link = event.target.closest(".row-link");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  tell("open", link.closest(".row").dataset.conversation);
});

export function start() {
  settle();
  if (tab === "ended" && $("#ended-loading")) refresh();
  setInterval(tick, 1000);
  // Whatever hints were lost: what is shown is never older than this.
  setInterval(() => document.visibilityState === "visible" && refresh(), agent ? 20000 : 5000);
}
