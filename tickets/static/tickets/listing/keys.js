// The list by keyboard.
import { ask, setHere } from "./bulk.js";
import { clearChoice, toggle } from "./choosing.js";

let root = null;
let at = -1;
const rows = () => [...root.querySelectorAll("#rows .row")];
const current = () => rows()[at] || null;

function move(step) {
  const all = rows();
  if (!all.length) return;
  at = Math.min(Math.max(at + step, 0), all.length - 1);
  all.forEach((row, place) => row.classList.toggle("is-here", place === at));
  all[at].scrollIntoView({ block: "nearest" });
  all[at].querySelector(".row-link").focus({ preventScroll: true });
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  x: (event) => current() && toggle(current(), { range: event.shiftKey }),
  X: () => current() && toggle(current(), { range: true }),
  o: () => current() && location.assign(current().dataset.url),
  Enter: () => current() && location.assign(current().dataset.url),
  a: () => ask("assign"),
  e: () => ask("move"),
  m: () => ask("move"),
  p: () => ask("priority"),
  t: () => ask("tags"),
  w: () => ask("watch"),
  "]": () => root.querySelector("[rel=next]")?.click(),
  "[": () => root.querySelector("[rel=prev]")?.click(),
  "/": () => document.querySelector("[name=q]").select(),
  c: () => document.querySelector(".subnav-new")?.click(),
  "?": () => document.getElementById("help").showModal(),
  Escape: () => clearChoice(),
};

const busy = (element) => element instanceof Element && (element.matches("input:not([type=checkbox]), textarea, select, [contenteditable]") || element.closest("dialog, .menu-panel"));

export function bindKeys(element) {
  root = element;
  setHere(current);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (busy(event.target)) {
      if (event.key === "Escape" && event.target.name === "q") event.target.blur();
      return;
    }
    const act = keys[event.key];
    if (!act || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (event.key === "a" && !document.getElementById("bulk")) return;
    event.preventDefault();
    act(event);
  });
  window.addEventListener("tickets:shown", () => {
    at = Math.min(at, rows().length - 1);
    rows().forEach((row, place) => row.classList.toggle("is-here", place === at));
  });
}
