// The board: dragging, keys, tabs on a phone. The server says which moves are allowed.
const { csrf, failed, request, toast } = window.Lingxi;
const place = document.getElementById("board");
const dialog = document.getElementById("dialog");
const form = document.getElementById("filters");
let shown = null;

const columns = () => [...place.querySelectorAll(".board-column")];
const cardsIn = (column) => [...column.querySelectorAll(".ticket-card")];
const say = (text) => (document.getElementById("said").textContent = text);

async function load(url, push) {
  const response = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (!response || !response.ok) return failed(response && { status: response.status });
  const focused = document.activeElement?.id;
  await window.htmx.swap({ target: place, swap: "innerMorph", text: await response.text() });
  if (push) history.pushState({}, "", url);
  if (focused) document.getElementById(focused)?.focus();
  return showTab();
}

function showTab(key = shown) {
  const all = columns();
  const column = all.find((one) => one.dataset.column === key) || all[0];
  shown = column.dataset.column;
  all.forEach((one) => one.classList.toggle("is-shown", one === column));
  place.querySelectorAll("[data-tab]").forEach((tab) => tab.setAttribute("aria-selected", String(tab.dataset.tab === shown)));
}

/** Moves a card at once, and back when the server refuses. */
async function move(card, column) {
  const from = card.parentElement;
  const next = card.nextElementSibling;
  if (from === column.querySelector("[data-role=cards]")) return;
  const back = () => (next && next.parentElement === from ? next.before(card) : from.append(card));
  column.querySelector("[data-role=cards]").prepend(card);
  card.classList.add("is-moving");
  const body = new FormData();
  body.append("ticket", card.dataset.id);
  body.append("column", column.dataset.column);
  body.append("by", place.querySelector(".board").dataset.by);
  try {
    const { ask } = await request("POST", "/tickets/board/move/", body);
    if (ask) await open(ask, back);
    else {
      say(`已移到${column.getAttribute("aria-label")}`);
      await load(location.href, false);
    }
  } catch (error) {
    back();
    failed(error);
    say(error.detail || "");
  }
  card.classList.remove("is-moving");
  document.getElementById(card.id)?.focus();
}

async function open(url, back) {
  const response = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!response.ok) {
    back();
    return failed({ status: response.status });
  }
  dialog.innerHTML = await response.text();
  dialog.dataset.url = url;
  dialog.addEventListener("close", back, { once: true });
  dialog.showModal();
  return document.dispatchEvent(new CustomEvent("lingxi:fields"));
}

// The dialog of a transition is the one of the ticket's page; here the board follows, not the page.
document.addEventListener("submit", async (event) => {
  if (event.target === form) {
    event.preventDefault();
    filter();
  }
  if (!dialog.contains(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const response = await fetch(dialog.dataset.url, {
    method: "POST", body: new FormData(event.target), credentials: "same-origin",
    headers: { "X-CSRFToken": csrf(), "HX-Request": "true", Accept: "application/json, text/html" },
  }).catch(() => null);
  if (response && response.ok) {
    dialog.close();
    toast("已完成", "ok");
    await load(location.href, false);
    return;
  }
  const said = response ? await response.json().catch(() => ({})) : {};
  const more = Object.values(said.fields || {}).flat().filter((one) => typeof one === "string");
  toast([said.detail || "操作失败，请稍后再试", ...more].join("；"), "danger");
}, true);

function filter() {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
  load(query ? `/tickets/board/?${query}` : "/tickets/board/", true);
}

let typing = 0;
form.addEventListener("input", (event) => {
  if (event.target.type !== "search") return;
  clearTimeout(typing);
  typing = setTimeout(filter, 350);
});
form.addEventListener("change", (event) => event.target.type === "checkbox" && filter());
window.addEventListener("popstate", () => location.reload());

let dragged = null;
place.addEventListener("dragstart", (event) => {
  dragged = event.target.closest(".ticket-card");
  if (!dragged) return;
  event.dataTransfer.setData("text/plain", dragged.dataset.id);
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("is-dragged");
});
place.addEventListener("dragover", (event) => {
  const column = event.target.closest(".board-column");
  if (!dragged || !column) return;
  event.preventDefault();
  columns().forEach((one) => one.classList.toggle("is-over", one === column));
});
place.addEventListener("drop", (event) => {
  const column = event.target.closest(".board-column");
  if (!dragged || !column) return;
  event.preventDefault();
  move(dragged, column);
});
place.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  columns().forEach((one) => one.classList.remove("is-over"));
});

place.addEventListener("click", async (event) => {
  const tab = event.target.closest("[data-tab]");
  if (tab) showTab(tab.dataset.tab);
  const more = event.target.closest("[data-more]");
  if (!more) return;
  more.disabled = true;
  const response = await fetch(more.dataset.more, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (!response || !response.ok) {
    more.disabled = false;
    return failed(response && { status: response.status });
  }
  return more.closest("li").replaceWith(document.createRange().createContextualFragment(await response.text()));
});
place.addEventListener("dblclick", (event) => event.target.closest(".ticket-card")?.querySelector("a").click());
dialog.addEventListener("click", (event) => event.target.closest("[data-act=dialog-close]") && dialog.close());

function step(card, key) {
  const column = card.closest(".board-column");
  const all = columns();
  const at = all.indexOf(column);
  const row = cardsIn(column).indexOf(card);
  if (key === "ArrowDown") return cardsIn(column)[row + 1];
  if (key === "ArrowUp") return cardsIn(column)[row - 1];
  for (let to = at + (key === "ArrowRight" ? 1 : -1); all[to]; to += key === "ArrowRight" ? 1 : -1) {
    const cards = cardsIn(all[to]);
    if (cards.length) return cards[Math.min(row, cards.length - 1)];
  }
  return null;
}

place.addEventListener("keydown", (event) => {
  const card = event.target.closest(".ticket-card");
  if (!card || event.target !== card) return;
  if (event.key === "Enter") card.querySelector("a").click();
  if (!/^Arrow/.test(event.key)) return;
  event.preventDefault();
  if (event.shiftKey && /Left|Right/.test(event.key)) {
    const all = columns();
    const to = all[all.indexOf(card.closest(".board-column")) + (event.key === "ArrowRight" ? 1 : -1)];
    if (to && place.querySelector(".board").dataset.may) move(card, to);
  } else step(card, event.key)?.focus();
});
showTab();
place.dataset.ready = "true";
