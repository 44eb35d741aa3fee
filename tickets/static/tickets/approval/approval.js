// Keys of 我的审批, and the list of colleagues to delegate to. Keys only move the cursor: what is
// irreversible is done with Enter.
const cards = () => [...document.querySelectorAll(".approval-card")];
const current = () => document.activeElement?.closest?.(".approval-card");

function step(by) {
  const all = cards();
  const next = all[Math.min(Math.max(all.indexOf(current()) + by, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function reach(key) {
  const card = current() || cards()[0];
  const target = card?.querySelector(`[data-key="${key}"]`);
  if (!target) return;
  if (target.matches("summary")) {
    target.parentElement.open = true;
    return;
  }
  const reason = card.querySelector("[name=reason]");
  const needsReason = key !== "a" && !reason.value.trim();
  (needsReason ? reason : target).focus();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  o: () => (current() || cards()[0])?.querySelector("[data-role=open]")?.click(),
};

// Whoever opens the list of colleagues wants to search it; that is what fills it.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (menu.open && menu.matches(".approval-delegate")) menu.querySelector("input").focus();
}, true);

document.addEventListener("keydown", (event) => {
  if (!cards().length) return; // on the page of a ticket, whose keys are its own
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && current()) {
    current().focus();
    return;
  }
  if (event.target.matches("input, textarea, select")) return;
  const key = event.key.toLowerCase();
  if ("abrd".includes(key) && key.length === 1) reach(key);
  else if (keys[key]) keys[key]();
  else return;
  event.preventDefault();
});
