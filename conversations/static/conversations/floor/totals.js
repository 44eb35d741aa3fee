// The figures on top: of the chosen group, or of everything in sight.
import { $, $$, setSince, write } from "./app.js";
import { chosen } from "./filters.js";
import { isLate, isWarned, tables, warned } from "./store.js";

const slots = {};
for (const slot of $$("#totals [data-f]")) slots[slot.dataset.f] = slot;
const title = document.title;

export function draw() {
  const inGroup = (ids) => !chosen.group || ids.includes(chosen.group);
  const groups = [...tables.groups.values()].filter((group) => inGroup([group.id]));
  const agents = [...tables.agents.values()].filter((agent) => inGroup(agent.groups));
  const talks = [...tables.conversations.values()].filter((talk) => inGroup([talk.group]));
  const there = agents.filter((agent) => agent.status !== "offline");
  const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);
  const waiting = sum(groups, "waiting");
  const oldest = groups.reduce((least, group) => (group.oldest !== null && (least === null || group.oldest < least) ? group.oldest : least), null);
  write(slots.waiting, waiting);
  setSince(slots.oldest, oldest);
  if (oldest === null) write(slots.oldest, "—");
  for (const status of ["ready", "busy", "break", "offline"]) write(slots[status], agents.filter((agent) => agent.status === status).length);
  write(slots.load, sum(there, "load"));
  write(slots.capacity, sum(there, "capacity"));
  write(slots.served, sum(groups, "served"));
  const wrong = talks.filter((talk) => warned(talk).length).length + agents.filter(isWarned).length;
  write(slots.warned, wrong);
  $(".total-waiting").dataset.tone = groups.some(isLate) ? "danger" : waiting ? "warn" : "";
  $(".total-warned").dataset.tone = wrong ? "danger" : "";
  document.title = `${waiting ? `排队 ${waiting} · ` : ""}${title}`;
}
