// Saved views: saving, renaming, sharing, ordering, removing with a way back.
let root = null;
let go = () => {};
let again = () => {};
const { request, failed, toast } = window.Lingxi;

let counts = {};
const showCounts = () => document.querySelectorAll("[data-count]").forEach((place) => (place.textContent = counts[place.dataset.count] ?? ""));

/** Numbers beside the views. */
export async function loadCounts() {
  counts = await request("GET", "/tickets/views/counts/").catch(() => counts);
  showCounts();
}

function body(values) {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) [].concat(value).forEach((one) => data.append(name, one));
  return data;
}

/** Asks for name and audience until `act` takes them. */
function ask({ title, name = "", shared = false }, act) {
  const dialog = document.getElementById("dialog");
  dialog.replaceChildren(document.getElementById("view-dialog").content.cloneNode(true));
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("[name=name]").value = name;
  const box = dialog.querySelector("[name=is_shared]");
  if (box) box.checked = shared;
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      await act(form.elements.name.value, box ? (box.checked ? "yes" : "no") : null);
      dialog.close();
    } catch (error) {
      const line = form.querySelector("[data-role=error]");
      line.textContent = error.detail || "网络连接失败，请稍后再试";
      line.hidden = false;
    }
  });
  dialog.showModal();
}

function save() {
  const query = document.getElementById("count").dataset.query;
  ask({ title: "存为视图" }, async (name, shared) => {
    const view = await request("POST", "/tickets/views/", body({ name, query, is_shared: shared || "no" }));
    toast("视图已保存", "ok");
    await go(view.url);
    loadCounts();
  });
}

async function update(id) {
  const query = document.getElementById("count").dataset.query;
  try {
    const view = await request("POST", `/tickets/views/${id}/`, body({ query }));
    toast("视图已更新", "ok");
    await go(view.url);
    loadCounts();
  } catch (error) {
    failed(error);
  }
}

function rename(button) {
  const { id, name, shared } = button.dataset;
  ask({ title: "修改视图", name, shared: shared === "yes" }, async (said, audience) => {
    const values = { name: said };
    if (audience !== null && audience !== shared) values.is_shared = audience;
    await request("POST", `/tickets/views/${id}/`, body(values));
    await again();
  });
}

async function remove(id) {
  try {
    const kept = await request("POST", `/tickets/views/${id}/delete/`, new FormData());
    if (new URLSearchParams(location.search).get("view") === id) await go("/tickets/");
    else await again();
    undo(kept);
  } catch (error) {
    failed(error);
  }
}

function undo(kept) {
  toast(`视图“${kept.name}”已删除`);
  const line = document.querySelector("#toasts .toast:last-child");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button button-sm", textContent: "撤销" });
  button.dataset.testid = "undo";
  button.addEventListener("click", async () => {
    line.remove();
    await request("POST", "/tickets/views/restore/", body(kept)).catch(failed);
    await again();
    loadCounts();
  });
  line.append(button);
}

function menu(button) {
  document.querySelector(".view-popup")?.remove();
  const box = document.createElement("div");
  box.className = "menu-panel view-popup";
  box.setAttribute("role", "menu");
  const add = (text, act) => {
    const item = Object.assign(document.createElement("button"), { type: "button", className: "menu-item", textContent: text });
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", () => {
      box.remove();
      act();
    });
    box.append(item);
  };
  add("重命名、共享…", () => rename(button));
  if (button.dataset.mine === "yes") {
    add("上移", () => shift(button.dataset.id, -1));
    add("下移", () => shift(button.dataset.id, 1));
  }
  add("删除", () => remove(button.dataset.id));
  document.body.append(box);
  const place = button.getBoundingClientRect();
  box.style.insetInline = `${Math.min(place.left, innerWidth - 220)}px auto`;
  box.style.top = `${Math.min(place.bottom + scrollY + 4, scrollY + innerHeight - 170)}px`;
  box.querySelector("button").focus();
}

const lines = () => [...root.querySelectorAll("[data-saved]")];

async function keepOrder() {
  const ids = lines().map((line) => line.dataset.saved);
  await fetch("/tickets/views/order/", { method: "POST", body: body({ ids }), headers: { "X-CSRFToken": window.Lingxi.csrf() }, credentials: "same-origin" }).catch(() => failed(null));
}

function shift(id, step) {
  const line = lines().find((one) => one.dataset.saved === id);
  const other = lines()[lines().indexOf(line) + step];
  if (!other) return;
  if (step < 0) other.before(line);
  else other.after(line);
  keepOrder();
}

function bindDragging() {
  let dragged = null;
  root.addEventListener("dragstart", (event) => (dragged = event.target.closest("[data-saved]")));
  root.addEventListener("dragover", (event) => {
    const line = event.target.closest("[data-saved]");
    if (!dragged || !line) return;
    event.preventDefault();
    lines().forEach((one) => one.classList.toggle("is-over", one === line));
  });
  root.addEventListener("drop", (event) => {
    const line = event.target.closest("[data-saved]");
    if (!dragged || !line) return;
    event.preventDefault();
    line.before(dragged);
    keepOrder();
  });
  root.addEventListener("dragend", () => {
    dragged = null;
    lines().forEach((one) => one.classList.remove("is-over"));
  });
}

export function bindViews(options) {
  ({ root, go, again } = options);
  bindDragging();
  window.addEventListener("tickets:shown", showCounts);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!event.target.closest(".view-popup, [data-act=view-menu]")) document.querySelector(".view-popup")?.remove();
    if (!button) return;
    if (button.dataset.act === "view-save") save();
    else if (button.dataset.act === "view-update") update(button.dataset.id);
    else if (button.dataset.act === "view-menu") menu(button);
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && document.querySelector(".view-popup")?.remove());
}
