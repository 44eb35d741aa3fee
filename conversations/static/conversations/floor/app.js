// What all parts of the floor share: settings, the server's clock, elements, memory.
const read = (id) => JSON.parse(document.getElementById(id).textContent);

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const config = read("floor-config");
export const first = read("floor-data");
export const { words, may } = config;
export const { request, toast, failed } = window.Lingxi;

let skew = config.now - Date.now();
/** The server's clock. */
export const now = () => Date.now() + skew;
/** The server said what time it is; a frame that came late must not turn the clock back. */
export function setClock(serverTime) {
  const said = Date.parse(serverTime) - Date.now();
  if (Number.isFinite(said) && Math.abs(said - skew) > 1000) skew = said;
}

/** A copy of a template, with its slots by name. */
export function clone(id) {
  const element = $(`#${id}`).content.firstElementChild.cloneNode(true);
  const slots = {};
  for (const slot of $$("[data-f]", element)) slots[slot.dataset.f] = slot;
  return { element, slots };
}

/** Text of a slot, written only when it is another one. */
export function write(slot, text) {
  const said = String(text ?? "");
  if (slot.textContent !== said) slot.textContent = said;
}

/** A small mark: chip("danger", "敏感词", 1700000000000) with its age behind it. */
export function chip(tone, text, since = null, format = "wait") {
  const mark = document.createElement("span");
  mark.className = `chip chip-${tone}`;
  mark.append(text);
  if (since !== null) {
    const age = document.createElement("time");
    age.className = "nums";
    setSince(age, since, format);
    mark.append(" ", age);
  }
  return mark;
}

/** From now on the element shows how long ago `since` was; null: nothing. */
export function setSince(element, since, format = element.dataset.format) {
  element.dataset.format = format;
  if (since === null || since === undefined) {
    delete element.dataset.since;
    write(element, "");
  } else {
    element.dataset.since = since;
    write(element, age(since, format));
  }
}

/** How long ago, as people read it. "wait": 0:45, 12:03, 2:05:00; "span": 刚刚, 12 分, 3 时 5 分. */
export function age(since, format) {
  const seconds = Math.max(0, Math.floor((now() - since) / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (format === "span") {
    if (hours >= 48) return `${Math.floor(hours / 24)} 天`;
    if (hours) return `${hours} 时 ${minutes} 分`;
    return minutes ? `${minutes} 分` : "刚刚";
  }
  if (hours >= 48) return `${Math.floor(hours / 24)} 天`;
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Values that outlive the page; a browser that forbids it forgets them. */
export const memory = {
  get(key, otherwise = null) {
    try {
      return JSON.parse(localStorage.getItem(`lingxi:floor:${key}`)) ?? otherwise;
    } catch (error) {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`lingxi:floor:${key}`, JSON.stringify(value));
    } catch (error) {
      // Full or forbidden.
    }
  },
};

/** Every second, what is in sight ages. */
setInterval(() => {
  for (const element of $$("[data-since]")) write(element, age(Number(element.dataset.since), element.dataset.format));
}, 1000);
