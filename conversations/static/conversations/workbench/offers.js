// What the agent is asked to take: cards above the lists, with a clock, a ring and two answers.
import { $, $$, agent, failed, now, request, toast } from "./app.js";
import * as chat from "./chat.js";
import { ask } from "./dialogs.js";
import * as list from "./list.js";
import * as notify from "./notify.js";

const RING = [880, 1175, 880];
const RING_EVERY = 6; // seconds, while somebody waits for an answer
const cards = () => $$("#offers .offer");
export const apiOf = (id, what) => `/api/v1/agent/conversations/${id}/${what}`;
let known = new Set();
let beats = 0;

/** The lists were read again: rings for what is new. */
export function settle() {
  const found = cards();
  for (const card of found) {
    const { conversation: id, name, kind } = card.dataset;
    if (known.has(id)) continue;
    const title = kind === "queue" ? "新会话，请接受" : "有会话转给你";
    notify.tell({ name: title, words: name, tag: id, notes: RING, open: () => card.scrollIntoView() });
  }
  known = new Set(found.map((card) => card.dataset.conversation));
  tick();
}

/** Every second: how long there is left, also in the head of the conversation. */
function tick() {
  let isOver = false;
  for (const clock of $$("[data-until]")) {
    const left = Math.ceil((Number(clock.dataset.until) - now()) / 1000);
    clock.textContent = `${Math.floor(Math.max(0, left) / 60)}:${String(Math.max(0, left) % 60).padStart(2, "0")}`;
    clock.classList.toggle("hot", left <= 5);
    isOver = isOver || left === -1;
  }
  if (isOver) list.refresh();
}

function beat() {
  tick();
  beats += 1;
  if (cards().length && beats % RING_EVERY === 0) notify.ring(RING);
}

async function answer(card, act, body = {}) {
  const { conversation: id, kind } = card.dataset;
  const what = kind === "queue" ? `offer/${act === "refuse" ? "decline" : act}` : `transfer/${act}`;
  $$("button", card).forEach((button) => { button.disabled = true; });
  try {
    await request("POST", apiOf(id, what), body);
    card.remove();
    if (act === "accept") {
      list.showTab("mine");
      chat.open(id);
    } else toast("已拒绝");
  } catch (error) {
    failed(error);
    $$("button", card).forEach((button) => { button.disabled = false; });
  }
  list.refresh();
}

async function refuse(card) {
  if (card.dataset.kind === "queue") return answer(card, "refuse");
  const reason = await ask({
    title: "拒绝转接？", words: "会话仍由原坐席接待。", label: "原因（选填，对方可见）", yes: "拒绝转接",
  });
  if (reason !== null) answer(card, "refuse", { reason });
}

/** Takes the first that waits. */
export function acceptFirst() {
  const card = cards()[0];
  if (card && !$("[data-offer=accept]", card).disabled) answer(card, "accept");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-offer]");
  if (!button) return;
  event.preventDefault();
  const card = button.closest(".offer");
  if (button.dataset.offer === "accept") answer(card, "accept");
  else if (button.dataset.offer === "refuse") refuse(card);
  else chat.open(card.dataset.conversation);
});

export function start() {
  if (agent) settle();
  setInterval(beat, 1000);
}
