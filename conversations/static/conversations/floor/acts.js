// What a supervisor does: menus, dialogs, requests. The floor shows the outcome when it comes back.
import { $, $$, clone, config, failed, may, request, toast, words, write } from "./app.js";
import { rowOf } from "./list.js";
import { tables } from "./store.js";

const dialog = $("#dialog");
const menu = $("#act-menu");

async function post(url, data, done) {
  const body = new FormData();
  for (const [name, value] of Object.entries(data)) body.append(name, value);
  await request("POST", `/floor/${url}`, body);
  toast(done, "ok");
}

/** Stepping into a conversation: the same call as in the workbench. */
async function supervise(talk, action, reason, done) {
  await request("POST", `/api/v1/agent/conversations/${talk.id}/supervise`, { action, reason });
  toast(done, "ok");
}

async function monitor(talk) {
  try {
    await supervise(talk, "monitor", "", "");
    openTalk(talk);
  } catch (error) {
    failed(error);
  }
}

const openTalk = (talk) => location.assign(`/workbench/?c=${talk.id}`);

/** Shows a dialog; `send` is called with its form, and what goes wrong is said in it. */
function open({ element, slots }, send) {
  dialog.replaceChildren(element);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = $("[type=submit]", element);
    button.disabled = true;
    slots.error.hidden = true;
    try {
      await send(element);
      dialog.close();
    } catch (error) {
      write(slots.error, error.detail || "没有成功，请稍后再试");
      slots.error.hidden = false;
      button.disabled = false;
    }
  });
  dialog.showModal();
}

// -- assigning by hand ---------------------------------------------------------------------------

const ORDER = { ready: 0, busy: 1 };

export function assign(talk) {
  const box = clone("t-assign");
  const { slots, element } = box;
  write(slots.name, talk.name);
  write(slots.group, tables.groups.get(talk.group)?.name || "");
  const agents = [...tables.agents.values()]
    .filter((agent) => agent.groups.includes(talk.group) && agent.status in ORDER)
    .sort((a, b) => ORDER[a.status] - ORDER[b.status] || a.load / a.capacity - b.load / b.capacity || (a.name < b.name ? -1 : 1));
  slots.list.replaceChildren(...agents.map(target));
  slots.none.hidden = agents.length > 0;
  slots.search.addEventListener("input", () => {
    const asked = slots.search.value.trim().toLowerCase();
    for (const one of slots.list.children) one.hidden = !one.dataset.name.includes(asked);
  });
  element.addEventListener("change", () => ($("[type=submit]", element).disabled = false));
  open(box, (form) => post(`c/${talk.id}/assign/`, { agent: new FormData(form).get("agent") || "" }, "已分配"));
}

function target(agent) {
  const { element, slots } = clone("t-target");
  element.dataset.name = agent.name.toLowerCase();
  $("input", element).value = agent.id;
  $(".status-dot", element).classList.add(`status-${agent.status}`);
  write(slots.name, agent.name);
  write(slots.status, words.statuses[agent.status]);
  write(slots.load, `${agent.load}/${agent.capacity}`);
  return element;
}

// -- one question and an answer ------------------------------------------------------------------

function ask({ title, text, label, submit, tone = "primary", type = "text", value = "", required = false }, send) {
  const box = clone("t-ask");
  const { slots } = box;
  write(slots.title, title);
  write(slots.words, text);
  write(slots.label, label);
  write(slots.submit, submit);
  slots.submit.classList.replace("button-primary", `button-${tone}`);
  Object.assign(slots.input, { type, value, required });
  open(box, () => send(slots.input.value));
  slots.input.select();
}

const TALK_ACTS = {
  open: ["打开会话", "chat", openTalk],
  monitor: ["监听 / 悄悄话", "eye", monitor],
  assign: ["分配给坐席…", "user", assign],
  priority: ["调整优先级…", "zap", (talk) =>
    ask({ title: "调整优先级", text: `${talk.name}：数字越大越靠前，0 为普通。`, label: `优先级（-${config.priority} 到 ${config.priority}）`, submit: "保存", type: "number", value: talk.priority },
      (priority) => post(`c/${talk.id}/priority/`, { priority }, "优先级已调整"))],
  explain: ["为什么？", "route", explain],
  take: ["接管…", "merge", (talk) =>
    ask({ title: "接管会话？", text: `${talk.name} 之后由你接待，原坐席不再接待。`, label: "说明（可选）", submit: "接管" },
      (reason) => supervise(talk, "take_over", reason, "已接管"))],
  end: ["强制结束…", "end", (talk) =>
    ask({ title: "强制结束会话？", text: `${talk.name} 的会话将立即结束，不能恢复。`, label: "原因（必填，记入备注与审计）", submit: "强制结束", tone: "danger", required: true },
      (reason) => supervise(talk, "force_end", reason, "会话已结束"))],
};

function talkActs(talk) {
  const names = ["open"];
  const isOpen = talk.state !== "closed";
  const isServed = isOpen && talk.place === null;
  if (may.supervise && isServed) names.push("monitor");
  if (may.supervise && talk.state === "waiting") names.push("assign", "priority");
  if (may.explain && isOpen) names.push("explain");
  if (may.supervise && isServed) names.push("take");
  if (may.supervise && isOpen) names.push("end");
  return names.map((name) => TALK_ACTS[name]);
}

const setStatus = (status) => (agent) =>
  ask({ title: `设为${words.statuses[status]}？`, text: `${agent.name} 现在是${words.statuses[agent.status]}，手上有 ${agent.load} 个会话。`, label: "说明（可选，坐席可见）", submit: "确定" },
    (reason) => post(`agents/${agent.id}/status/`, { status, reason }, "状态已更改"));

function agentActs(agent) {
  if (!may.supervise || agent.status === "offline") return [];
  const icons = { busy: "clock", break: "history", offline: "log-out" };
  return Object.keys(icons).filter((status) => status !== agent.status).map((status) => [`设为${words.statuses[status]}…`, icons[status], setStatus(status)]);
}

export async function explain(talk) {
  dialog.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: "加载中…" }));
  dialog.showModal();
  await window.htmx.ajax("GET", `/workbench/c/${talk.id}/explain/`, { target: dialog, swap: "innerHTML" });
}

// -- the menu ------------------------------------------------------------------------------------

function showMenu(button, acts, row) {
  const sprite = $("svg use").getAttribute("href").split("#")[0];
  const items = acts.map(([label, icon, act]) => {
    const item = document.createElement("button");
    item.type = "button";
    item.className = "menu-item";
    item.setAttribute("role", "menuitem");
    const svg = $(".icon", button).cloneNode(true);
    $("use", svg).setAttribute("href", `${sprite}#${icon}`);
    item.append(svg, label);
    item.addEventListener("click", () => (hideMenu(), act(row)));
    return item;
  });
  if (!items.length) items.push(Object.assign(document.createElement("p"), { className: "menu-title", textContent: "没有可用的操作" }));
  menu.replaceChildren(...items);
  menu.hidden = false;
  menu.owner = button;
  button.setAttribute("aria-expanded", "true");
  const box = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.right - size.width, innerWidth - size.width - 8))}px`;
  menu.style.top = `${box.bottom + size.height + 8 > innerHeight ? Math.max(8, box.top - size.height - 4) : box.bottom + 4}px`;
  $("button", menu)?.focus();
}

export function hideMenu() {
  if (menu.hidden) return;
  menu.hidden = true;
  menu.owner?.setAttribute("aria-expanded", "false");
  menu.owner?.focus({ preventScroll: true });
}

menu.addEventListener("keydown", (event) => {
  const items = $$("button", menu);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") hideMenu();
});
addEventListener("scroll", hideMenu, { passive: true });

// -- what was clicked ----------------------------------------------------------------------------

async function decide(agent, decision, note = "") {
  await post(`breaks/${agent.ask.id}/`, { decision, note }, decision === "approve" ? "已同意小休" : "已拒绝小休");
}

const DO = {
  agents: {
    menu: (agent, button) => showMenu(button, agentActs(agent), agent),
    approve: (agent) => agent.ask && decide(agent, "approve").catch(failed),
    reject: (agent) => agent.ask && ask({ title: "拒绝小休申请？", text: `${agent.name} 申请：${agent.ask.reason}`, label: "理由（坐席可见）", submit: "拒绝" }, (note) => decide(agent, "reject", note)),
  },
  talks: { menu: (talk, button) => showMenu(button, talkActs(talk), talk), assign, explain },
};
const ROWS = { agents: tables.agents, talks: tables.conversations };

document.addEventListener("click", (event) => {
  if (event.target.matches("dialog") || event.target.closest("[data-close-dialog]")) return dialog.close();
  const button = event.target.closest("[data-do]");
  if (!menu.hidden && !event.target.closest("#act-menu")) {
    const owner = menu.owner;
    hideMenu();
    if (button === owner) return;
  }
  const list = button?.closest("#agents, #talks");
  const row = list && rowOf(event, ROWS[list.id]);
  if (row) DO[list.id][button.dataset.do]?.(row, button);
});
