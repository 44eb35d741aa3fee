// What a reply quotes: its author and first line, taken from the log as it is on the screen.
import { $, $$ } from "./app.js";

export const entryOf = (log, id) => $(`.entry[data-id="${CSS.escape(id)}"]`, log);

/** One line for an entry. */
export function lineOf(entry) {
  if ($(".recalled", entry)) return "消息已撤回";
  if ($(".picture", entry)) return "[图片]";
  if ($(".attachment", entry)) return `[文件] ${$(".attachment bdi", entry).textContent}`;
  return $(".words", entry).textContent.trim().split("\n")[0].slice(0, 120);
}

export const authorOf = (entry) => $(".meta bdi", entry).textContent;

/** Shows in the quotes under `root` what they quote, as it is now; only what is loaded can be shown. */
export function fill(log, root = log) {
  for (const quoted of $$("[data-reply]", root)) {
    const entry = entryOf(log, quoted.dataset.reply);
    quoted.disabled = !entry;
    quoted.textContent = entry ? `${authorOf(entry)}：${lineOf(entry)}` : "原消息";
  }
}

document.addEventListener("click", (event) => {
  const quoted = event.target.closest("[data-reply]");
  const entry = quoted && entryOf(quoted.closest(".log"), quoted.dataset.reply);
  if (!entry) return;
  entry.scrollIntoView({ block: "center" });
  entry.classList.remove("flash");
  requestAnimationFrame(() => entry.classList.add("flash"));
});

document.addEventListener("htmx:after:swap", () => $("#dialog .log") && fill($("#dialog .log")));
