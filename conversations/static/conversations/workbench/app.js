// What all parts of the workbench share: settings, the protocol client, the current view.
const read = (id) => JSON.parse(document.getElementById(id).textContent);

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const config = read("workbench-config");
export const replies = read("workbench-replies");
export const agent = config.agent;
export const root = $("#workbench");
export const { request, toast, failed } = window.Lingxi;

const skew = config.now - Date.now();
/** The server's clock. */
export const now = () => Date.now() + skew;
export const urlOf = (id, what = "") => `${root.dataset.pageUrl}c/${id}/${what}`;

/** Values that outlive the page; a browser that forbids it forgets them. */
export const memory = {
  get(key, otherwise = null) {
    try {
      return JSON.parse(localStorage.getItem(`lingxi:workbench:${key}`)) ?? otherwise;
    } catch (error) {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      if (value === null) localStorage.removeItem(`lingxi:workbench:${key}`);
      else localStorage.setItem(`lingxi:workbench:${key}`, JSON.stringify(value));
    } catch (error) {
      // Full or forbidden.
    }
  },
};

/** After a resync: where the log ends now. What it says is rendered by the server. */
async function loadHistory(id) {
  try {
    return await request("GET", urlOf(id, "head/"));
  } catch (error) {
    if (error.status === 404) client.leave(id);
    throw error;
  }
}

/** The protocol client; what only this page knows of is passed on as events of the document. */
class Client extends window.LingxiClient {
  _frame(frame) {
    super._frame(frame);
    if (frame && frame.t === "notice") document.dispatchEvent(new Event("lingxi:notice"));
  }
}

export const client = agent && new Client({
  role: "agent",
  wsPath: "/ws/agent",
  self: { id: agent.id, name: agent.name },
  storage: window.LingxiClient.webStorage(localStorage),
  storageKey: `lingxi:${agent.id}:`,
  loadHistory,
});

/** The open conversation; `chat` keeps it. */
export const current = { id: null };

/** Whether the person can see what comes in. */
export const isWatching = () => document.visibilityState === "visible" && document.hasFocus();
export const isNarrow = () => matchMedia("(max-width: 720px)").matches;

/** Shows a column where not all fit: list, chat or customer. The browser's back button goes back. */
export function show(view) {
  if (root.dataset.view === view) return;
  root.dataset.view = view;
  if (view === "list" || !isNarrow()) return;
  history.pushState({ view }, "");
}

addEventListener("popstate", (event) => {
  root.dataset.view = (event.state && event.state.view) || (isNarrow() ? "list" : "chat");
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-view-to]");
  if (!button) return;
  const to = button.dataset.viewTo;
  const isBack = to === "list" || (to === "chat" && root.dataset.view === "customer");
  if (isBack && isNarrow() && history.state && history.state.view) history.back();
  else show(to === root.dataset.view ? "chat" : to);
});

/** An element: h("p", {class: "x", "data-a": 1}, "text", node, …). Strings become text, never markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const sprite = $("svg use") ? $("svg use").getAttribute("href").split("#")[0] : "/static/lingxi/icons.svg";
/** A picture of the sprite. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
