// What is wrong, in words.

import { h, icon } from "./dom.js";

/** What is wrong, as items of a list; on its card, a rule's number need not be said. */
export function problemList(problems) {
  return problems.map((problem) => h("li", { class: `is-${problem.level}` },
    icon(problem.level === "error" ? "error" : "warning"), h("span", { text: problem.message.replace(/^第 \d+ 条：/, "") })));
}
