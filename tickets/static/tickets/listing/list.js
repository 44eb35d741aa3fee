// The list: its address is its state. Choosing, keys and bulk actions stand in modules of their own.
import { bindChoosing, chosen, clearChoice } from "./choosing.js";
import { bindBulk } from "./bulk.js";
import { bindKeys } from "./keys.js";
import { bindViews, loadCounts } from "./views.js";

const root = document.getElementById("tickets");
const form = () => document.getElementById("filters");
let asked = 0;

/** Brings the list into the state of an address. */
export async function go(url, { push = true, keep = false } = {}) {
  const mine = ++asked;
  root.classList.add("is-loading");
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (response.redirected || !response.ok) throw Object.assign(new Error(), { status: response.status });
    const text = await response.text();
    if (mine !== asked) return;
    await show(text);
    if (push) history.pushState({}, "", url);
    if (!keep) clearChoice();
    loadCount();
  } catch (error) {
    if (error.status === 200 || error.status === undefined) location.assign(url);
    else window.Lingxi.failed(error);
  } finally {
    if (mine === asked) root.classList.remove("is-loading");
  }
}

/** Puts the list that the server answered in the place of the one there is, keeping the focus. */
export async function show(text) {
  const open = document.getElementById("further")?.hidden === false;
  const typed = document.activeElement;
  const place = typed && root.contains(typed) && typed.name ? [typed.name, typed.value, typed.selectionStart] : null;
  const picks = [...root.querySelectorAll("details[open]")].map((one) => one.id);
  const side = root.querySelector(".views").scrollTop;
  await window.htmx.swap({ target: root, swap: "innerMorph", text });
  root.querySelector(".views").scrollTop = side;
  picks.forEach((id) => (document.getElementById(id)?.setAttribute("open", "")));
  if (open && document.getElementById("further")) toggleFurther(true);
  const again = place && root.querySelector(`input[name="${CSS.escape(place[0])}"]:not([type=checkbox])`);
  if (again && again.type !== "hidden") {
    if (again.value !== place[1]) again.value = place[1];
    again.focus();
    if (place[2] !== null && again.type === "search") again.setSelectionRange(place[2], place[2]);
  }
  window.dispatchEvent(new CustomEvent("tickets:shown"));
}

/** The address that the filter form spells: from the first page on. */
function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form())) {
    if (!value || (name === "sort" && value === "-updated")) continue;
    query.append(name, value);
  }
  const text = query.toString();
  return text ? `/tickets/?${text}` : "/tickets/";
}

async function loadCount() {
  const place = document.getElementById("count");
  if (!place) return;
  const { query } = place.dataset;
  const response = await fetch(`/tickets/count/?${query}`, { credentials: "same-origin" }).catch(() => null);
  if (!response || !response.ok || document.getElementById("count")?.dataset.query !== query) return;
  const text = (await response.text()).trim();
  document.getElementById("count").textContent = text;
  const every = document.querySelector("[data-role=every]");
  if (every) every.textContent = text.replace(" 条", "");
}

function toggleFurther(on) {
  const box = document.getElementById("further");
  box.hidden = !on;
  document.querySelector("[data-act=further]").setAttribute("aria-expanded", String(on));
}

async function keepTaste(body) {
  const response = await fetch(`/tickets/taste/${location.search}`, {
    method: "POST", body, credentials: "same-origin",
    headers: { "HX-Request": "true", "X-CSRFToken": window.Lingxi.csrf() },
  });
  if (!response.ok) return window.Lingxi.failed({ status: response.status });
  await show(await response.text());
  return loadCount();
}

function keepColumns(names) {
  const body = new FormData();
  for (const name of names.length ? names : [""]) body.append("columns", name);
  keepTaste(body);
}

const acts = {
  further: () => toggleFurther(document.getElementById("further").hidden),
  density: (button) => {
    const body = new FormData();
    body.append("density", button.dataset.density);
    keepTaste(body);
  },
  "columns-usual": () => keepColumns([]),
  help: () => document.getElementById("help").showModal(),
  "help-close": () => document.getElementById("help").close(),
  "dialog-close": () => document.getElementById("dialog").close(),
};

let typing = 0;
root.addEventListener("input", (event) => {
  const { target } = event;
  if (target.dataset.role === "pick-search") {
    const words = target.value.trim().toLowerCase();
    for (const item of target.parentElement.querySelectorAll(".pick-list > li")) item.hidden = !item.textContent.toLowerCase().includes(words);
    return;
  }
  if (!target.form || target.form !== form() || !/^(search|text|number)$/.test(target.type)) return;
  clearTimeout(typing);
  typing = setTimeout(() => go(address()), 350);
});

root.addEventListener("change", (event) => {
  const { target } = event;
  if (target.dataset.column) {
    keepColumns([...root.querySelectorAll("[data-column]:checked")].map((one) => one.dataset.column));
  } else if (target.dataset.role === "sort") {
    form().elements.namedItem("sort").value = target.value;
    go(address());
  } else if (target.form === form() && (target.matches("select, [type=checkbox], [type=date], [type=datetime-local]"))) {
    go(address());
  }
});

root.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  clearTimeout(typing);
  go(address());
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-list]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    go(link.getAttribute("href")).then(() => window.scrollTo({ top: 0 }));
    return;
  }
  const button = event.target.closest("[data-act]");
  if (button && acts[button.dataset.act]) acts[button.dataset.act](button);
});

window.addEventListener("popstate", () => go(location.href, { push: false }));

bindChoosing(root);
bindBulk({ again: () => go(location.href, { push: false }) });
bindKeys(root);
bindViews({ root, go, again: () => go(location.href, { push: false, keep: chosen().length > 0 }) });
loadCount();
loadCounts();
root.dataset.ready = "true";
