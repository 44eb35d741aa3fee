// What is shown, and in which order. Kept in the browser.
import { $, memory } from "./app.js";
import { concerns, isWarned, tables, warned } from "./store.js";

const form = $("#filters");
const DEFAULTS = { q: "", group: "", status: "", sort: "attention", warned: false };
export const chosen = { ...DEFAULTS, ...memory.get("filters", {}), q: "" };
const listeners = [];
export const onFilter = (call) => listeners.push(call);

function changed() {
  memory.set("filters", { ...chosen, q: "" });
  draw();
  listeners.forEach((call) => call());
}

export function setGroup(id) {
  chosen.group = chosen.group === id ? "" : id;
  changed();
}

/** The form as chosen; the groups one may choose from are those there are. */
export function draw() {
  const select = form.elements.group;
  const groups = [...tables.groups.values()].sort((a, b) => a.name.localeCompare(b.name, "zh"));
  const known = groups.map((group) => `${group.id}${group.name}`).join();
  if (select.dataset.known !== known) {
    select.dataset.known = known;
    select.replaceChildren(new Option("全部技能组", ""), ...groups.map((group) => new Option(group.name, group.id)));
  }
  if (chosen.group && !tables.groups.has(chosen.group)) chosen.group = "";
  for (const name of ["group", "status", "sort"]) form.elements[name].value = chosen[name];
  form.elements.warned.checked = chosen.warned;
  $("#clear").hidden = Object.entries(DEFAULTS).every(([name, value]) => name === "sort" || chosen[name] === value);
}

form.addEventListener("input", () => {
  for (const name of ["q", "group", "status", "sort"]) chosen[name] = form.elements[name].value;
  chosen.warned = form.elements.warned.checked;
  changed();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  Object.assign(chosen, { ...DEFAULTS, sort: chosen.sort });
  form.elements.q.value = "";
  changed();
});

const nameOf = (table, id) => (id && table.get(id)?.name) || "";
const has = (...texts) => {
  const asked = chosen.q.trim().toLowerCase();
  return !asked || texts.some((text) => text.toLowerCase().includes(asked));
};
const inGroup = (ids) => !chosen.group || ids.includes(chosen.group);

export function shownGroups() {
  const rows = [...tables.groups.values()];
  return rows.filter((group) => !chosen.q || has(group.name) || group.id === chosen.group).sort(byWait);
}
const byWait = (a, b) => b.waiting - a.waiting || (a.oldest ?? Infinity) - (b.oldest ?? Infinity) || a.name.localeCompare(b.name, "zh");

export function shownAgents() {
  const rows = [...tables.agents.values()].filter(
    (agent) =>
      inGroup(agent.groups) &&
      (!chosen.status || agent.status === chosen.status) &&
      (!chosen.warned || isWarned(agent)) &&
      has(agent.name, ...agent.groups.map((id) => nameOf(tables.groups, id))),
  );
  const weights = new Map(rows.map((agent) => [agent.id, weight(agent)]));
  const orders = {
    attention: (a, b) => weights.get(b.id) - weights.get(a.id),
    load: (a, b) => b.load / b.capacity - a.load / a.capacity || b.load - a.load,
    status: (a, b) => (a.since ?? Infinity) - (b.since ?? Infinity),
    served: (a, b) => b.served - a.served,
    name: () => 0,
  };
  const order = orders[chosen.sort] || orders.attention;
  return rows.sort((a, b) => order(a, b) || (a.name < b.name ? -1 : 1));
}

const STATUS = { ready: 3, busy: 2, break: 1, offline: 0 };
/** Requests first, then what is wrong, then who is there. */
function weight(agent) {
  const found = concerns(agent);
  return found.ask * 64 + found.overdue * 32 + found.late * 16 + found.missed * 8 + STATUS[agent.status];
}

export function shownTalks() {
  const rows = [...tables.conversations.values()].filter((talk) => {
    const wrong = warned(talk);
    const waits = talk.place !== null;
    return (
      inGroup([talk.group]) &&
      (wrong.length || (waits && !chosen.warned)) &&
      has(talk.name, talk.text, talk.who, nameOf(tables.groups, talk.group))
    );
  });
  const key = (talk) => urgency(warned(talk));
  return rows.map((talk) => [talk, key(talk)]).sort(([a, x], [b, y]) => y - x || (a.since ?? Infinity) - (b.since ?? Infinity) || (a.id < b.id ? -1 : 1)).map(([talk]) => talk);
}

const URGENT = { sensitive: 16, waiting: 8, unanswered: 4, rating: 2, vip: 1 };
const urgency = (warnings) => warnings.reduce((sum, one) => sum + URGENT[one.kind], 0);
