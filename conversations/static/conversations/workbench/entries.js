// Log entries as elements; the same markup as templates/workbench/_entry.html.
import { $$, agent, config, h, icon } from "./app.js";

const LONG = 700;
const TOGETHER = 3 * 60 * 1000;
const TITLES = { bot: "机器人", system: "系统", agent: "客服" };
const hours = new Intl.DateTimeFormat("zh-CN", {
  timeZone: config.timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

/** The time of day where the business is, as the server writes it. */
export function clock(at) {
  return hours.format(new Date(at));
}

const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

/** One line for an event; empty when another line says it already. */
export function lineOf({ kind, content }) {
  const { states, reasons, lines } = config.words;
  if (kind === "state") return reasons[content.reason] ?? fill(lines.state, { state: states[content.state] || content.state });
  if (kind === "assignment") return fill(lines.assignment, { agent: content.agent?.name, group: content.group?.name });
  if (kind === "transfer") return moveOf(content, lines);
  if (kind === "join" || kind === "leave") {
    return fill((lines[`${kind}_${content.role}`] || lines[kind]) + (content.note ? lines.note : ""), namesOf(content));
  }
  if (kind === "rating") return ratingOf(content, lines);
  if (kind === "edit" || kind === "recall") return ""; // the message they speak of shows them
  return content.text || "";
}

/** Of what has a name, the name. */
function namesOf(content) {
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, value?.name ?? value ?? ""]));
}

function moveOf(content, lines) {
  const { status = "", note, reason } = content;
  const hasNote = note && ["", "offered", "taken_over"].includes(status);
  const line = lines[`transfer_${status}`] || lines.transfer;
  return fill(line + (hasNote ? lines.note : "") + (reason ? lines.reason : ""), namesOf(content));
}

function ratingOf({ score = 0, resolved, comment }, lines) {
  const stars = "★".repeat(score) + "☆".repeat(5 - score);
  const parts = [fill(lines.rating, { stars, score })];
  if (resolved !== null && resolved !== undefined) parts.push(resolved ? lines.resolved : lines.unresolved);
  if (comment) parts.push(`“${comment}”`);
  return parts.join(" · ");
}

const nameOf = (author, visitor) => (author.type === "visitor" ? visitor : author.name || TITLES[author.type] || "");
const time = (at) => h("time", { datetime: at }, clock(at));

const INNER = ["note", "whisper"]; // for colleagues only

function marks(inner) {
  if (inner === "note") return [icon("note")];
  return inner ? [icon("eye"), h("span", { class: "whisper-mark" }, "悄悄话 · 仅坐席可见")] : [];
}

/** The element of an entry, or null when it says nothing. `visitor` is the customer's name. */
export function build(event, visitor) {
  const inner = INNER.find((kind) => event.kind === kind || event.content.type === kind);
  if (event.kind !== "message" && !inner) return buildLine(event);
  const side = event.author.type === "visitor" ? "in" : "out";
  const name = nameOf(event.author, visitor);
  const own = side === "out" && !inner && agent && event.author.id === agent.id;
  return h("article", {
    class: `entry side-${side}${inner ? ` entry-${inner}` : ""}`, "data-testid": "message",
    "data-kind": inner || "message", "data-id": event.id, "data-own": own ? "true" : null, tabindex: -1,
    "data-seq": event.seq, "data-client": event.client_msg_id,
    "data-status": event.status || (own ? "queued" : null), "data-at": Date.parse(event.created_at),
  },
  h("div", { class: "meta" }, ...marks(inner), h("bdi", { class: "clip" }, name), time(event.created_at)),
  ...bubble(event.content),
  side === "out" && !inner ? h("span", { class: "delivery", "data-testid": "delivery" }) : null);
}

/** The message shows what a recall or an edit made of it. */
export function revise(node, { kind, content: { text } }) {
  const quoted = node.querySelector(".quoted");
  const old = node.querySelector(".bubble");
  const content = kind === "recall" ? { type: "recalled" } : { type: "text", text, edited: true };
  node.querySelector(".unfold")?.remove();
  node.classList.remove("changing");
  old.replaceWith(...bubble({ ...content, reply_to: quoted && kind === "edit" ? quoted.dataset.reply : null }));
}

function bubble(content) {
  const text = content.text || "";
  const long = text.length > LONG || text.split("\n").length > 25;
  const recalled = content.type === "recalled";
  const quoted = content.reply_to && h("button", {
    type: "button", class: "quoted clip", "data-reply": content.reply_to, "data-testid": "quoted", disabled: true,
  }, "原消息");
  return [
    h("div", { class: `bubble${long ? " folded" : ""}${recalled ? " recalled" : ""}` }, quoted || null,
      recalled ? "消息已撤回" : body(content, text), content.edited ? h("small", { class: "edited" }, "已修改") : null),
    ...(long ? [h("button", { type: "button", class: "unfold", "data-act": "unfold" }, "展开全文")] : []),
  ];
}

function buildLine(event) {
  const line = lineOf(event);
  if (!line) return null;
  return h("p", { class: `line line-${event.kind}`, "data-seq": event.seq }, h("bdi", {}, line), " ", time(event.created_at));
}

/** Only our own addresses are opened; anything else a content might carry is not a link. */
const local = (url) => (typeof url === "string" && url.startsWith("/") && !url.startsWith("//") ? url : null);

function body(content, text) {
  const url = local(content.url);
  if (content.type === "image") {
    const picture = h("img", {
      src: local(content.thumbnail) || url, alt: content.name || "", width: content.width, height: content.height,
    });
    return h("a", { class: "picture", href: url, target: "_blank", rel: "noopener" }, picture);
  }
  if (content.type === "file") {
    const name = h("span", { class: "attachment-name" }, h("bdi", { class: "clip" }, content.name || "文件"), h("small", {}, size(content.size)));
    return h("a", { class: "attachment", href: url, download: true }, icon("file"), name);
  }
  const words = h("span", { class: "words", dir: "auto" }, text);
  return content.type === "ticket" ? h("div", {}, words, card(content.ticket)) : words;
}

/** The ticket as it was then, with the way to it. */
function card({ number, title, status }) {
  if (!/^T\d+$/.test(number)) return null;
  return h("a", { class: "attachment ticket-card", href: `/tickets/${number}/`, target: "_blank", rel: "noopener", "data-testid": "ticket-card" },
    icon("ticket"), h("span", { class: "attachment-name" }, h("bdi", { class: "clip" }, title), h("small", {}, `${number} · ${status}`)));
}

export function size(bytes = 0) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Whether `node` goes on where `above` stopped: same side, same kind, within minutes. */
export function follows(above, node) {
  if (!above || !above.matches(".entry") || !node.matches(".entry")) return false;
  const kind = (one) => `${one.classList.contains("side-out")} ${one.dataset.kind} ${one.querySelector(".meta bdi").textContent}`;
  const at = (one) => Date.parse(one.querySelector("time").getAttribute("datetime"));
  return kind(above) === kind(node) && at(node) - at(above) < TOGETHER;
}

/** The delivery word stands under the last message of our side only. */
export function markLast(log) {
  const own = $$(".side-out[data-status]", log);
  own.forEach((node, index) => node.classList.toggle("last-own", index === own.length - 1));
}

/** Shows how far a message has come; one that failed can be sent again or dropped. */
export function setStatus(node, { status, detail }) {
  node.dataset.status = status;
  const box = node.querySelector(".delivery");
  if (!box) return;
  box.replaceChildren();
  if (status !== "failed") return;
  box.append(
    h("span", {}, `未发送${detail ? `：${detail}` : ""}`),
    h("button", { type: "button", "data-act": "retry" }, "重试"),
    h("button", { type: "button", "data-act": "discard" }, "删除"),
  );
}
