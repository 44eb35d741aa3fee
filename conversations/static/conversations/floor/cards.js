// How a group, an agent and a conversation are written into their elements.
import { chip, config, may, setSince, words, write } from "./app.js";
import { chosen } from "./filters.js";
import { concerns, isLate, isWarned, tables, warned } from "./store.js";

const TONES = { waiting: "warn", unanswered: "warn", sensitive: "danger", vip: "info", rating: "danger" };
const percent = (load, capacity) => (capacity ? Math.min(100, Math.round((100 * load) / capacity)) : 0);
const colorOf = (color) => (/^#[0-9a-f]{6}$/i.test(color) ? color : "#0e7a67");

export function fillGroup(slots, group, element) {
  write(slots.name, group.name);
  write(slots.picking, ["claim", "manual"].includes(group.picking) ? words.picking[group.picking] : "");
  write(slots.waiting, group.waiting);
  setSince(slots.oldest, group.oldest);
  for (const status of ["ready", "busy", "break", "offline"]) write(slots[status], group[status]);
  slots.fill.value = percent(group.load, group.capacity);
  write(slots.load, `${group.load}/${group.capacity}`);
  write(slots.served, `今日 ${group.served}`);
  element.style.setProperty("--group", colorOf(group.color));
  element.dataset.tone = isLate(group) ? "danger" : group.waiting ? "warn" : "";
  element.toggleAttribute("data-unserved", group.waiting > 0 && group.ready + group.busy === 0);
  element.querySelector(".group-name").setAttribute("aria-pressed", String(chosen.group === group.id));
}

export function fillAgent(slots, agent, element) {
  const found = concerns(agent);
  write(slots.initial, agent.name.slice(0, 1));
  write(slots.name, agent.name);
  write(slots.status, agent.reason && agent.status !== "ready" ? `${words.statuses[agent.status]} · ${agent.reason}` : words.statuses[agent.status]);
  setSince(slots.since, agent.since);
  slots.fill.value = percent(agent.load, agent.capacity);
  write(slots.load, `${agent.load}/${agent.capacity}`);
  write(slots.served, `今日 ${agent.served}`);
  write(slots.groups, agent.groups.map((id) => tables.groups.get(id)?.name).filter(Boolean).join("、"));
  slots.waits.replaceChildren(...waits(agent, found.late));
  slots.marks.replaceChildren(...marks(agent, found));
  slots.ask.hidden = !agent.ask;
  if (agent.ask) {
    write(slots["ask-reason"], agent.ask.reason);
    setSince(slots["ask-at"], agent.ask.at);
    slots.ask.querySelector(".agent-ask-acts").hidden = !may.approve;
  }
  element.dataset.status = agent.status;
  element.dataset.warned = isWarned(agent);
  element.dataset.full = agent.load >= agent.capacity;
}

function waits(agent, late) {
  const shown = agent.waits.map((since, place) => chip(late && place === 0 ? "warn" : "plain", "", since));
  if (agent.unanswered > shown.length) shown.push(chip("plain", `共 ${agent.unanswered}`));
  return shown.length ? [document.createTextNode("待回复 "), ...shown] : [];
}

function marks(agent, found) {
  const shown = [];
  if (found.overdue) shown.push(chip("danger", "小休超时", agent.overdue));
  if (found.missed) shown.push(chip("warn", `连续未接 ${agent.missed}`));
  return shown;
}

export function fillTalk(slots, talk, element) {
  const wrong = warned(talk);
  const waits = talk.place !== null;
  write(slots.name, talk.name);
  write(slots.state, stateOf(talk));
  setSince(slots.since, talk.since ?? (wrong.length ? wrong[0].at : null));
  slots.marks.replaceChildren(...wrong.map((one) => chip(TONES[one.kind] || "plain", label(one), isAged(one) ? one.at : null)));
  write(slots.text, talk.text);
  write(slots.where, [tables.groups.get(talk.group)?.name, talk.channel, priority(talk)].filter(Boolean).join(" · "));
  slots.link.href = `/workbench/?c=${talk.id}`;
  element.dataset.state = talk.state;
  element.dataset.tone = wrong.some((one) => TONES[one.kind] === "danger") ? "danger" : wrong.some((one) => one.kind !== "vip") ? "warn" : "";
  const act = (name) => element.querySelector(`[data-do=${name}]`);
  act("assign").hidden = !may.supervise || !waits || talk.state !== "waiting";
  act("explain").hidden = !may.explain || talk.state === "closed";
}

/** Warnings that say by themselves since when carry no age of their own. */
const isAged = (one) => ["sensitive", "rating"].includes(one.kind);
const priority = (talk) => (talk.priority ? `优先级 ${talk.priority > 0 ? "+" : ""}${talk.priority}` : "");

function label(one) {
  const name = config.words.kinds[one.kind] || one.kind;
  if (one.kind === "rating") return `${name} ${"★".repeat(Number(one.text) || 0)}`;
  if (one.kind === "sensitive") return `${name}：${one.text}`;
  if (one.kind === "vip") return one.text;
  return name;
}

function stateOf(talk) {
  if (talk.state === "waiting") return `第 ${talk.place} 位`;
  if (talk.state === "offered") return `等待 ${talk.who || "坐席"} 应答`;
  return [talk.who, words.states[talk.state] || talk.state].filter(Boolean).join(" · ");
}
