// The calendar: days by arrow keys, months without loading the page anew.
const place = document.getElementById("calendar");

async function go(url, push = true) {
  const response = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (!response || !response.ok || response.redirected) return location.assign(url);
  await window.htmx.swap({ target: place, swap: "innerHTML", text: await response.text() });
  if (push) history.pushState({}, "", url);
  return place.querySelector(".day-link[aria-current]")?.focus({ preventScroll: true });
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, h: -1, l: 1, k: -7, j: 7 };

function by(days) {
  const here = place.querySelector(".day-link[aria-current]");
  const at = new Date(`${here.dataset.day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  const url = new URL(here.href);
  url.searchParams.set("day", at.toISOString().slice(0, 10));
  go(url.pathname + url.search);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-calendar]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog, .menu")) return;
  if (STEPS[event.key]) {
    event.preventDefault();
    by(STEPS[event.key]);
  } else if (event.key === "t") place.querySelector("[data-today]").click();
  else if (event.key === "PageUp" || event.key === "[") place.querySelector("[rel=prev]").click();
  else if (event.key === "PageDown" || event.key === "]") place.querySelector("[rel=next]").click();
});
window.addEventListener("popstate", () => go(location.href, false));
place.dataset.ready = "true";
