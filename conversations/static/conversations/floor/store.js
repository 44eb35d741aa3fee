// All rows by id, as the server last said, and what is wrong with each at this moment.
import { first, now } from "./app.js";

export const tables = { groups: new Map(), agents: new Map(), conversations: new Map() };
export const state = { version: first.version };
const listeners = [];
let waiting = null;

/** `call(names)` after every change; `names` is true when what others show of a row changed too. */
export const onChange = (call) => listeners.push(call);
const tell = (names = false) => listeners.forEach((call) => call(names));

/** The difference of a frame, or everything. */
export function apply({ version, tables: changed, whole }) {
  let names = whole;
  for (const [name, { set, gone }] of Object.entries(changed)) {
    const table = tables[name];
    const kept = whole ? new Set(set.map((row) => row.id)) : null;
    if (kept) for (const id of [...table.keys()]) if (!kept.has(id)) table.delete(id);
    for (const id of gone) table.delete(id);
    for (const row of set) {
      const before = table.get(row.id);
      names = names || (name !== "conversations" && (!before || before.name !== row.name));
      table.set(row.id, row);
    }
    names = names || (gone.length > 0 && name !== "conversations");
  }
  state.version = version;
  tell(names);
  wait();
}

/** The warnings of a conversation whose time has come. */
export const warned = (talk) => talk.warnings.filter((one) => one.at <= now());

/** What a supervisor should look at, of an agent. */
export function concerns(agent) {
  const late = lateAfter(agent);
  return {
    ask: Boolean(agent.ask),
    overdue: agent.overdue !== null && agent.overdue <= now(),
    missed: agent.missed > 0,
    late: late !== null && late <= now(),
  };
}
export const isWarned = (agent) => Object.values(concerns(agent)).some(Boolean);

/** When the longest wait of an agent's visitors is too long for one of their groups. */
function lateAfter(agent) {
  if (!agent.waits.length) return null;
  const limits = agent.groups.map((id) => tables.groups.get(id)?.warn_unanswered).filter(Boolean);
  return limits.length ? agent.waits[0] + Math.min(...limits) * 1000 : null;
}

/** Whether the first in a group's queue has waited for too long. */
export const isLate = (group) =>
  group.oldest !== null && group.warn_waiting > 0 && group.oldest + group.warn_waiting * 1000 <= now();

/** Some moments lie ahead: look again when the next of them has come. */
function wait() {
  clearTimeout(waiting);
  const moments = [];
  for (const talk of tables.conversations.values()) for (const one of talk.warnings) moments.push(one.at);
  for (const agent of tables.agents.values()) moments.push(agent.overdue, lateAfter(agent));
  for (const group of tables.groups.values()) {
    if (group.oldest !== null && group.warn_waiting) moments.push(group.oldest + group.warn_waiting * 1000);
  }
  const next = moments.reduce((least, at) => (at !== null && at > now() && at < least ? at : least), Infinity);
  if (next === Infinity) return;
  waiting = setTimeout(() => (tell(true), wait()), Math.min(next - now() + 20, 3600_000));
}

/** Fill the store with what came with the page. */
export function start() {
  apply({ ...first, whole: true });
}
