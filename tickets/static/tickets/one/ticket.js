// The page of a ticket: dialogs, transitions, the composer, conflicts, keys.
import { $, $$, toast } from "./forms.js";

const dialog = $("#dialog");
const conflict = $("#conflict");
const ticket = $("#ticket");
let refused = null; // the form whose changes met others'

async function open(url) {
  dialog.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: "加载中…" }));
  if (!dialog.open) dialog.showModal();
  await window.htmx.ajax("GET", url, { target: dialog, swap: "innerHTML" });
  $("[autofocus]", dialog)?.focus();
}

async function move(button) {
  button.disabled = true;
  // Without the revision: the workflow says whether the step is still there, which is what matters.
  await window.htmx.ajax("POST", button.dataset.move, { target: ticket, swap: "innerMorph" });
  button.disabled = false;
}

async function askParent(button) {
  const said = window.prompt("上级工单编号（留空为取消）", button.dataset.parent);
  if (said === null) return;
  const url = `/tickets/T${$(".ticket-main").dataset.number}/parent/`;
  await window.htmx.ajax("POST", url, { target: ticket, swap: "innerMorph", values: { parent: said } });
}

const acts = {
  "dialog-close": () => dialog.close(),
  "ask-parent": askParent,
  "conflict-reload": () => location.reload(),
  "conflict-keep": () => {
    conflict.close();
    const revision = refused?.elements.namedItem("revision");
    if (!revision) return;
    revision.value = conflict.dataset.revision;
    refused.requestSubmit();
  },
  copy: async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(`已复制 ${button.dataset.copy}`, "ok");
  },
};

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) return open(opener.dataset.dialog);
  const mover = event.target.closest("[data-move]");
  if (mover) return move(mover);
  const pick = event.target.closest("[data-pick]");
  if (pick) pick.closest("form").elements.target.value = pick.dataset.pick;
  const show = event.target.closest("[data-feed]");
  if (show) return filter(show);
  const act = event.target.closest("[data-act]");
  if (act && acts[act.dataset.act]) acts[act.dataset.act](act);
});

/** Shows all of the timeline, what was said, or what the customer sees. */
function filter(button) {
  $(".feed").dataset.show = button.dataset.feed;
  $$("[data-feed]").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
}

document.addEventListener("ticket:refused", (event) => {
  const { code, fields } = event.detail;
  if (code !== "conflict" || !fields?.revision) return;
  refused = event.target;
  conflict.dataset.revision = fields.revision;
  const list = $("[data-role=changes]", conflict);
  list.replaceChildren(...(fields.changes || []).map(line));
  $("[data-act=conflict-keep]", conflict).hidden = !refused.elements.namedItem("revision");
  conflict.showModal();
});

function line(change) {
  const item = document.createElement("li");
  const told = Object.values(change.changes).map((one) => `${one.label}：${one.from || "—"} → ${one.to || "—"}`);
  item.textContent = `${change.by || "系统"} · ${new Date(change.at).toLocaleString("zh-CN")} · ${told.join("；") || "有新的动态"}`;
  return item;
}

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx.target !== ticket || /^GET$/i.test(ctx.request.method)) return;
  if (dialog.open) dialog.close();
  const composer = $("#composer");
  if (composer && ctx.sourceElement === composer) {
    composer.reset();
    $("[data-role=files]", composer).replaceChildren();
  }
});

ticket.addEventListener("change", (event) => {
  if (event.target.name !== "is_public" || !event.target.closest("#composer")) return;
  $("#composer [data-role=hint]").textContent = event.target.value === "yes" ? "会出现在客户的聊天窗口" : "仅同事可见";
});

dialog.addEventListener("change", (event) => {
  if (event.target.dataset.role !== "group") return;
  const group = event.target.value;
  $$("[data-role=agent] option[value]:not([value=''])", dialog).forEach((option) => {
    option.hidden = Boolean(group) && !option.dataset.groups.includes(group);
  });
});

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
const keys = { e: "[data-testid=edit-open]", a: "[data-testid=assign-open]", w: "[data-testid=watch]", c: "[data-testid=claim]" };

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return event.target.form?.requestSubmit();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || dialog.open) return;
  if (event.key === "r" && $("#composer")) {
    event.preventDefault();
    $("#composer textarea").focus();
  } else if (keys[event.key]) {
    $(keys[event.key])?.click();
  }
});

// Others work on it too: what is new is read when one comes back to the page.
document.addEventListener("visibilitychange", async () => {
  if (document.hidden || dialog.open || $("#composer textarea")?.value) return;
  window.htmx.ajax("GET", ticket.dataset.url, { target: ticket, swap: "innerMorph" });
});
