// Elements from plain values. Text is always text: nothing here parses HTML.

/**
 * An element. `props`: `class`, `text`, `data` (dataset), `on` (listeners by event), and anything
 * else as a property where the element has one, as an attribute where it has not.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === undefined || value === null) return;
  if (name === "class") element.className = value;
  else if (name === "text") element.textContent = value;
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name === "on") Object.entries(value).forEach(([event, listener]) => element.addEventListener(event, listener));
  else if (name in element && !name.includes("-")) element[name] = value;
  else element.setAttribute(name, value);
}

/** A symbol of the admin's icon font, unseen by screen readers. */
export function icon(name) {
  return h("span", { class: "material-symbols-outlined", text: name, "aria-hidden": "true" });
}

/** A button with an icon alone; `label` is its name and its tip. */
export function iconButton(name, label, click, props = {}) {
  return h("button", { type: "button", class: "st-icon", title: label, "aria-label": label, on: { click }, ...props }, icon(name));
}

/** A button with words, and an icon before them if given. */
export function button(label, click, { symbol, ...props } = {}) {
  return h("button", { type: "button", class: "st-button", on: { click }, ...props }, symbol && icon(symbol), label);
}

let last = 0;

/** An id no other element of this page has. */
export function uid(prefix = "st") {
  last += 1;
  return `${prefix}-${last}`;
}

/** The value of a `json_script` element. */
export function json(id) {
  return JSON.parse(document.getElementById(id).textContent);
}
