// Starts the floor: the parts are wired here and nowhere else.
import { $, config } from "./app.js";
import "./acts.js";
import { fillAgent, fillGroup, fillTalk } from "./cards.js";
import * as filters from "./filters.js";
import { count, List, rowOf } from "./list.js";
import * as socket from "./socket.js";
import * as sound from "./sound.js";
import { onChange, start, tables } from "./store.js";
import * as totals from "./totals.js";
import "./wall.js";

const groups = new List($("#groups"), "t-group", fillGroup, Infinity);
const agents = new List($("#agents"), "t-agent", fillAgent, 120, $("#agents-more"));
const talks = new List($("#talks"), "t-talk", fillTalk, 80, $("#talks-more"));
const MANY = 16; // groups, from which on they are shown smaller
let planned = null;
let again = false;

/** Many changes of one moment are drawn once. */
function plan(names) {
  again = again || names;
  planned = planned || requestAnimationFrame(draw);
}

function draw() {
  const anew = again;
  [planned, again] = [null, false];
  filters.draw();
  const rows = { groups: filters.shownGroups(), agents: filters.shownAgents(), talks: filters.shownTalks() };
  $("#groups").toggleAttribute("data-many", tables.groups.size > MANY);
  groups.show(rows.groups, anew);
  agents.show(rows.agents, anew);
  talks.show(rows.talks, anew);
  count("#groups-count", rows.groups.length, tables.groups.size);
  count("#agents-count", rows.agents.length, tables.agents.size);
  count("#attention-count", rows.talks.length);
  for (const [name, found] of Object.entries(rows)) $(`#${name}-none`).hidden = found.length > 0;
  const queued = [...tables.groups.values()].some((group) => group.waiting > config.listed);
  $("#talks-listed").hidden = !queued && rows.talks.length < config.listed;
  totals.draw();
}

onChange((names) => {
  plan(names);
  sound.look(); // also where nothing is drawn: in a tab behind others
});
filters.onFilter(() => plan(true));
$("#groups").addEventListener("click", (event) => {
  const group = event.target.closest("[data-do=filter]") && rowOf(event, tables.groups);
  if (group) filters.setGroup(group.id);
});
start();
socket.start();
$("#floor").dataset.ready = "true"; // tests wait for it
