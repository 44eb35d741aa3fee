// One input for each kind of value. Each gets {value, change, label} and gives an element.

import { h, icon, uid } from "./dom.js";

const MANY = 30; // from so many choices on, they can be searched

function known(choices, value) {
  return choices.some((choice) => choice.value === value);
}

function options(choices, value, empty) {
  const none = value === null || value === undefined || value === "";
  const list = choices.map((choice) => h("option", { value: choice.value, text: choice.label, selected: choice.value === value }));
  if (!none && !known(choices, value)) list.unshift(h("option", { value, text: "（已不存在）", selected: true }));
  if (empty !== undefined) list.unshift(h("option", { value: "", text: empty, selected: none }));
  return list;
}

/** A drop-down; `choices` is [{value, label}]. Where there are many, a box to search in comes before. */
export function select({ choices, value, change, label, empty, ...props }) {
  const box = h("select", { class: "st-input", "aria-label": label, ...props, on: { change: () => change(box.value) } });
  box.append(...options(choices, value, empty));
  if (choices.length < MANY) return box;
  const search = h("input", {
    class: "st-input st-search", type: "search", placeholder: "搜索…", "aria-label": `搜索${label}`,
    on: { input: () => box.replaceChildren(...options(matching(choices, search.value, box.value), box.value, empty)) },
  });
  return h("span", { class: "st-searched" }, search, box);
}

function matching(choices, words, value) {
  const wanted = words.trim().toLowerCase();
  return choices.filter((choice) => choice.value === value || choice.label.toLowerCase().includes(wanted));
}

function affixed(input, unit) {
  return unit ? h("span", { class: "st-affixed" }, input, h("span", { class: "st-unit", text: unit })) : input;
}

function number({ spec, value, change, label }) {
  const input = h("input", {
    class: "st-input st-number", type: "number", inputMode: "numeric", value: value ?? "", "aria-label": label,
    min: spec.min ?? undefined, max: spec.max ?? undefined, step: spec.step ?? "any", placeholder: spec.placeholder,
    on: { input: () => change(input.value === "" ? null : Number(input.value)) },
  });
  return affixed(input, spec.unit);
}

function pair({ value, change, label }, one) {
  const now = Array.isArray(value) ? [...value] : [null, null];
  const part = (index, name) => one({ value: now[index], label: `${label}${name}`, change: (found) => {
    now[index] = found;
    change([...now]);
  } });
  return h("span", { class: "st-pair" }, part(0, "（从）"), h("span", { text: "到" }), part(1, "（到）"));
}

function time({ value, change, label }) {
  const input = h("input", {
    class: "st-input", type: "time", value: value ?? "", "aria-label": label, on: { input: () => change(input.value) },
  });
  return input;
}

function date({ value, change, label }) {
  const input = h("input", {
    class: "st-input", type: "date", value: value ?? "", "aria-label": label, on: { input: () => change(input.value) },
  });
  return input;
}

const YES = [{ value: "true", label: "是" }, { value: "false", label: "否" }];

function yes({ value, change, label }) {
  const said = typeof value === "boolean" ? String(value) : "";
  return select({ choices: YES, value: said, empty: "请选择", label, change: (found) => change(found === "" ? null : found === "true") });
}

function text({ spec, value, change, label }) {
  const input = h("input", {
    class: "st-input", type: "text", value: value ?? "", "aria-label": label, placeholder: spec.placeholder,
    maxLength: spec.max_length ?? 500, on: { input: () => change(input.value) },
  });
  return input;
}

function area({ spec, value, change, label }) {
  const input = h("textarea", {
    class: "st-input", value: value ?? "", rows: 2, "aria-label": label, placeholder: spec.placeholder,
    maxLength: spec.max_length ?? 1000, on: { input: () => change(input.value) },
  });
  return input;
}

function checks({ spec, value, change, label }) {
  const chosen = new Set(value || []);
  const flip = (one, on) => {
    chosen[on ? "add" : "delete"](one);
    change(spec.choices.map((choice) => choice.value).filter((item) => chosen.has(item)));
  };
  const boxes = spec.choices.map((choice) => {
    const box = h("input", { type: "checkbox", checked: chosen.has(choice.value), on: { change: () => flip(choice.value, box.checked) } });
    return h("label", { class: "st-check" }, box, h("span", { text: choice.label }));
  });
  return h("span", { class: "st-checks", role: "group", "aria-label": label }, boxes);
}

function chips(values, name, drop) {
  return values.map((value) => h("span", { class: "st-chip" }, h("span", { text: name(value) }),
    h("button", { type: "button", "aria-label": `去掉 ${name(value)}`, on: { click: () => drop(value) } }, icon("close"))));
}

/** Picked one after the other; each can be dropped. `entry(add)` is what picks. */
function picked({ value, change, label }, name, entry) {
  let now = [...(value || [])];
  const list = h("span", { class: "st-chips" });
  const update = (next) => {
    now = next;
    list.replaceChildren(...chips(now, name, (gone) => update(now.filter((item) => item !== gone))));
    change([...now]);
  };
  list.append(...chips(now, name, (gone) => update(now.filter((item) => item !== gone))));
  const add = (found) => found !== "" && !now.includes(found) && update([...now, found]);
  return h("span", { class: "st-picked", role: "group", "aria-label": label }, list, entry(add));
}

function choices(given) {
  if (given.spec.choices.length <= 8) return checks(given);
  const name = (value) => given.spec.choices.find((choice) => choice.value === value)?.label ?? "（已不存在）";
  return picked(given, name, (add) => {
    const box = select({
      choices: given.spec.choices, value: "", empty: "添加…", label: `${given.label}：添加`,
      change: (found) => {
        add(found);
        (box.matches("select") ? box : box.querySelector("select")).value = "";
      },
    });
    return box;
  });
}

function tags(given) {
  return picked(given, (value) => value, (add) => {
    const list = uid("st-list");
    const take = () => {
      input.value.split(/[,，、;；\n]/).forEach((word) => add(word.trim()));
      input.value = "";
    };
    const input = h("input", {
      class: "st-input", type: "text", placeholder: given.spec.placeholder || "输入后按回车", "aria-label": `${given.label}：添加`,
      maxLength: 60, on: { change: take, keydown: (event) => event.key === "Enter" && (event.preventDefault(), take()) },
    });
    if (!given.spec.choices?.length) return input;
    input.setAttribute("list", list);
    return h("span", {}, input, h("datalist", { id: list }, given.spec.choices.map((choice) => h("option", { value: choice.value, text: choice.label }))));
  });
}

const WIDGETS = {
  none: () => h("span", {}),
  text, area, number, choices, tags, checks,
  choice: ({ spec, ...given }) => select({ choices: spec.choices, empty: spec.empty ?? "请选择", ...given }),
  range: (given) => pair(given, (one) => number({ spec: given.spec, ...one })),
  date, time, yes,
  time_range: (given) => pair(given, time),
};

/** The input for `spec.kind`. `change(value)` is called with each new value. */
export function field(spec, { value, change, label }) {
  return (WIDGETS[spec.kind] || text)({ spec, value, change, label });
}

/** What a field of that kind starts with. */
export function blank(spec) {
  if (spec.default !== undefined && spec.default !== null) return structuredClone(spec.default);
  if (spec.kind === "choice") return spec.required !== false && spec.choices.length === 1 ? spec.choices[0].value : "";
  if (["choices", "tags", "checks"].includes(spec.kind)) return [];
  if (spec.kind === "range") return [null, null];
  if (spec.kind === "time_range") return ["09:00", "18:00"];
  return ["number", "none", "yes"].includes(spec.kind) ? null : "";
}
