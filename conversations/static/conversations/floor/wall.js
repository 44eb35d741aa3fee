// The wallboard: figures and warnings only, large, on a screen on the wall. ?wall=1 opens with it.
import { $ } from "./app.js";
import { hideMenu } from "./acts.js";

const button = $("#wall-toggle");
const isOn = () => document.body.classList.contains("wall");

function set(on) {
  document.body.classList.toggle("wall", on);
  button.setAttribute("aria-pressed", String(on));
  const url = new URL(location);
  if (on) url.searchParams.set("wall", "1");
  else url.searchParams.delete("wall");
  history.replaceState(history.state, "", url);
}

export async function toggle() {
  hideMenu();
  const on = !isOn();
  set(on);
  try {
    if (on) await document.documentElement.requestFullscreen();
    else if (document.fullscreenElement) await document.exitFullscreen();
  } catch (error) {
    // A browser that does not allow it still shows the large figures.
  }
}

button.addEventListener("click", toggle);
document.addEventListener("fullscreenchange", () => document.fullscreenElement || set(false));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
  if (event.key === "Escape" && isOn()) set(false);
  if (event.target.closest("input, textarea, select")) return;
  if (event.key === "w" || event.key === "W") toggle();
  if (event.key === "/") {
    event.preventDefault();
    $("#filters [name=q]").focus();
  }
});
if (new URLSearchParams(location.search).has("wall")) set(true);
