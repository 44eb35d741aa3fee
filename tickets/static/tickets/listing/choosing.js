// Choosing rows: a click, a range with Shift, the whole page, or all that the filter finds.
let root = null;
let anchor = null;
export let every = false;

const boxes = () => [...root.querySelectorAll("#rows input[name=ids]")];
/** The ids that are chosen on this page. */
export const chosen = () => (root ? boxes().filter((box) => box.checked).map((box) => box.value) : []);

/** Nothing is chosen any more. */
export function clearChoice() {
  every = false;
  boxes().forEach((box) => (box.checked = false));
  tell();
}

/** Chooses all that the filter finds. */
export function chooseEvery() {
  boxes().forEach((box) => (box.checked = true));
  every = true;
  tell();
}

/** Chooses a row, or takes the choice back. */
export function toggle(row, { range = false } = {}) {
  const box = row.querySelector("input[name=ids]");
  box.checked = !box.checked;
  every = false;
  if (range) fill(box);
  anchor = box;
  tell();
}

function fill(box) {
  const all = boxes();
  const from = all.indexOf(anchor);
  if (from < 0) return;
  const [low, high] = [from, all.indexOf(box)].sort((a, b) => a - b);
  all.slice(low, high + 1).forEach((one) => (one.checked = box.checked));
}

function tell() {
  const ids = chosen();
  const bar = document.getElementById("bulk");
  for (const box of boxes()) box.closest(".row").classList.toggle("is-chosen", box.checked);
  const head = document.getElementById("pick-all");
  if (head) {
    head.checked = ids.length > 0 && ids.length === boxes().length;
    head.indeterminate = ids.length > 0 && !head.checked;
  }
  if (!bar) return;
  bar.hidden = ids.length === 0;
  const total = bar.querySelector("[data-role=every]").textContent;
  bar.querySelector("[data-role=chosen]").textContent = every ? total : ids.length;
  const more = document.querySelector(".pager a") !== null;
  bar.querySelector("[data-act=choose-every]").hidden = every || !more || ids.length < boxes().length;
}

export function bindChoosing(element) {
  root = element;
  root.addEventListener("click", (event) => {
    const box = event.target.closest("#rows input[name=ids]");
    if (box) {
      every = false;
      if (event.shiftKey) fill(box);
      anchor = box;
      tell();
    } else if (event.target.id === "pick-all") {
      every = false;
      boxes().forEach((one) => (one.checked = event.target.checked));
      tell();
    } else if (event.target.closest("[data-act=choose-every]")) chooseEvery();
    else if (event.target.closest("[data-act=choose-none]")) clearChoice();
  });
  window.addEventListener("tickets:shown", tell);
}
