// The middle column: takes over what the server rendered and keeps it in step with the log.
import { $, $$, agent, client, config, current, isWatching, root, show, urlOf } from "./app.js";
import * as composer from "./composer.js";
import { build, follows, markLast, revise, setStatus } from "./entries.js";
import * as list from "./list.js";
import * as menu from "./menu.js";
import * as quotes from "./quotes.js";

const panes = $("#panes");
const NEAR_END = 80;
// The composer grows, a banner appears: who was at the end stays there.
const shape = new ResizeObserver(() => pane && pane.stick && toEnd());
let pane = null; // {id, chat, log, lastSeq, stick, tries}

/** Opens a conversation in the middle and right columns. */
export async function open(id, { view = "chat" } = {}) {
  if (!id) return;
  leave(id);
  current.id = id;
  list.mark();
  if (view) show(view);
  const address = new URL(location.href);
  address.searchParams.set("c", id);
  history.replaceState(history.state, "", address);
  await window.htmx.ajax("GET", urlOf(id), { target: panes, swap: "innerHTML" });
}

/** The same conversation again, as it is now. */
export const reload = () => pane && open(pane.id, { view: null });

function leave(next) {
  if (!pane) return;
  composer.detach();
  if (client && pane.id !== next && !list.isMine(pane.id)) client.leave(pane.id);
  pane = null;
}

document.addEventListener("htmx:after:swap", (event) => {
  const { target, sourceElement } = event.detail.ctx;
  if (target === panes) attach();
  else if (sourceElement.matches?.(".earlier")) keepPlace();
});

document.addEventListener("htmx:before:swap", (event) => {
  if (!pane || !event.detail.ctx.sourceElement.matches?.("#log .earlier")) return;
  pane.height = pane.log.scrollHeight;
});

/** Older entries came in above: what was in sight stays where it was. */
function keepPlace() {
  if (pane) quotes.fill(pane.log);
  if (!pane || !pane.height) return;
  pane.log.scrollTop += pane.log.scrollHeight - pane.height;
  pane.height = 0;
}

export function attach() {
  const chat = $("#chat");
  if (!chat) {
    pane = null;
    return;
  }
  const log = $("#log");
  const { conversation, seq } = chat.dataset;
  if (current.id && current.id !== conversation) return; // another one was asked for meanwhile
  pane = { id: conversation, chat, log, lastSeq: Number(seq), stick: true, height: 0 };
  current.id = conversation;
  log.addEventListener("scroll", onScroll, { passive: true });
  shape.disconnect();
  shape.observe(log);
  log.addEventListener("load", () => pane && pane.stick && toEnd(), true);
  markLast(log);
  quotes.fill(log);
  menu.attach(chat);
  list.mark();
  composer.attach(chat);
  toEnd();
  follow(pane);
}

/** From here on the protocol's log leads. */
async function follow(mine) {
  if (!client) return;
  const { epoch, read, delivered, state, seq } = mine.chat.dataset;
  const log = await client.open(mine.id, { seq: Number(seq), epoch: Number(epoch), state });
  if (pane !== mine) return;
  log.read = Math.max(log.read, Number(read));
  log.delivered = Math.max(log.delivered, Number(delivered));
  const missed = log.events.filter((event) => event.seq > mine.lastSeq);
  if (log.last > mine.lastSeq && missed[0]?.seq !== mine.lastSeq + 1) return reload();
  watchOwn(log, mine);
  missed.forEach(append);
  client.pending(mine.id).filter((entry) => !(entry.seq && entry.seq <= mine.lastSeq)).forEach(appendPending);
  menu.markChanging(client.pending(mine.id));
  markRead();
}

/** The client tells the delivery of messages it knows; those the server rendered are made known. */
function watchOwn(log, { log: element }) {
  const known = new Set(log.own.map((one) => one.seq));
  for (const node of $$(".side-out[data-status][data-seq]", element)) {
    const seq = Number(node.dataset.seq);
    if (!known.has(seq)) log.own.push({ client_msg_id: node.dataset.client, seq, status: node.dataset.status });
  }
}

function place(node) {
  const before = $(".pending", pane.log);
  pane.log.insertBefore(node, before);
  if (follows(node.previousElementSibling, node)) node.classList.add("follows");
  quotes.fill(pane.log, node);
}

function append(event) {
  if (event.seq <= pane.lastSeq) return;
  pane.lastSeq = event.seq;
  const node = build(event, pane.chat.dataset.name);
  if (event.client_msg_id) find(event.client_msg_id)?.remove();
  if (node) {
    place(node);
    if (node.dataset.status && client) setStatus(node, { status: client.statusOf(event, pane.id) });
    markLast(pane.log);
  }
  react(event);
  const own = node && agent && event.author.id === agent.id;
  if (pane.stick || own) toEnd();
  else if (node) $("#to-end").hidden = false;
  markRead();
}

const find = (id) => $(`[data-client="${CSS.escape(id)}"]`, pane.log);

/** A message on its way; it stands below everything stored. */
export function appendPending(entry) {
  if (!pane || entry.kind !== "message" || find(entry.client_msg_id)) return;
  const node = build(entry, pane.chat.dataset.name);
  node.classList.add("pending");
  pane.log.append(node);
  quotes.fill(pane.log, node);
  if (follows(node.previousElementSibling, node)) node.classList.add("follows");
  setStatus(node, entry);
  markLast(pane.log);
  toEnd();
}

/** Changes of state show in what can be done, changes of a message in it and where it is quoted. */
function react(event) {
  const { kind, content } = event;
  const { chat } = pane;
  if (kind === "recall" || kind === "edit") {
    const target = quotes.entryOf(pane.log, content.message);
    if (target) revise(target, event);
    menu.revised(pane.log);
    quotes.fill(pane.log);
  }
  const state = kind === "state" || kind === "transfer" ? content.state : "";
  if (state) {
    chat.dataset.state = state;
    $("[data-role=state]", chat).textContent = config.words.states[state] || state;
    if (state === "closed") ended(chat);
    composer.adjust();
  }
  if (kind === "assignment") {
    const mine = String(Boolean(agent && content.agent?.id === agent.id));
    const same = chat.dataset.mine === mine && chat.dataset.agent === (content.agent?.id || "");
    if (!same) setTimeout(reload, 300);
  }
}

/** Whoever served it is asked what it was about. */
function ended(chat) {
  $("#typing").hidden = true;
  const { url } = $("#wrap-up", chat).dataset;
  if (url && chat.dataset.mine === "true") window.htmx.ajax("GET", url, { target: $("#wrap-up", chat), swap: "innerHTML" });
}

const isAtEnd = () => pane.log.scrollHeight - pane.log.scrollTop - pane.log.clientHeight < NEAR_END;

function toEnd() {
  pane.stick = true;
  pane.log.scrollTop = pane.log.scrollHeight;
  $("#to-end").hidden = true;
}

function onScroll() {
  if (!pane) return;
  pane.stick = isAtEnd();
  if (pane.stick) {
    $("#to-end").hidden = true;
    markRead();
  }
  const earlier = $(".earlier:not(.htmx-request)", pane.log);
  if (earlier && pane.log.scrollTop < 60 && pane.log.scrollHeight > pane.log.clientHeight * 1.5) earlier.click();
}

/** What is in sight of somebody who looks has been read. */
export function markRead() {
  if (!pane || !isWatching() || !pane.stick || root.dataset.view === "list") return;
  list.clearUnread(pane.id);
  if (client) client.read(pane.id, pane.lastSeq);
}

export const isOpen = (id) => Boolean(pane && pane.id === id);
/** Whether an entry of this conversation is seen as it comes. */
export const isSeen = (id) => isOpen(id) && isWatching() && pane.stick && root.dataset.view !== "list";

export function onEvent(id, event) {
  if (isOpen(id)) append(event);
}

export function onStatus({ conversation, client_msg_id, kind, ...status }) {
  if (kind === "recall" || kind === "edit") return menu.onStatus({ conversation, client_msg_id, kind, ...status });
  if (!isOpen(conversation)) return;
  const node = find(client_msg_id);
  if (node) setStatus(node, status);
}

export function onTyping(id, preview, active) {
  if (!isOpen(id)) return;
  const line = $("#typing");
  const words = $(".typing-text", line);
  words.textContent = preview || "";
  $(".typing-label", line).textContent = preview ? "对方正在输入：" : "对方正在输入…";
  line.hidden = !active;
  if (pane.stick) toEnd();
}

export function onResync(id, reason) {
  list.refresh();
  if (isOpen(id) && reason !== "revoked") reload();
  else if (isOpen(id)) open(id, { view: null });
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  const entry = event.target.closest(".entry");
  if (event.target.closest("#to-end")) return toEnd();
  if (act === "unfold") {
    $(".bubble", entry).classList.remove("folded");
    event.target.remove();
  } else if (act === "retry") client.retry(entry.dataset.client);
  else if (act === "discard") {
    client.discard(entry.dataset.client);
    entry.remove();
  } else if (act === "claim" && !event.target.closest(".row") && pane) list.claim(pane.id);
});

export const claimOpen = () => pane && $("[data-act=claim]", pane.chat)?.offsetParent && list.claim(pane.id);
