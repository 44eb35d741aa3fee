// Options of a choice, one by one or pasted; the levels of a cascade as lines.

import { button, h, iconButton } from "../editor/dom.js";

/** A list of options. `change(options)` is called with each new list. */
export function options(given, change) {
  let now = [...given];
  const list = h("div", { class: "sf-options" });

  const told = (next) => {
    now = next;
    change(now);
  };
  const drawn = (next) => {
    told(next);
    draw();
  };

  function row(option, at) {
    const isOld = given.includes(option); // a value that records may have stays what it is
    const label = h("input", {
      class: "st-input", value: option.label || option.value, maxLength: 80, "aria-label": `选项 ${at + 1}`, data: { testid: "option" },
      on: { input: () => {
        option.label = label.value;
        if (!isOld) option.value = label.value.trim();
        told(now);
      } },
    });
    const step = (to) => drawn(now.map((one, place) => (place === at ? now[to] : place === to ? now[at] : one)));
    return h("div", { class: `sf-option${option.retired ? " is-retired" : ""}` }, label, h("span", { class: "sf-option-acts" },
      iconButton("arrow_upward", "上移", () => at && step(at - 1), { disabled: at === 0 }),
      iconButton(option.retired ? "undo" : "block", option.retired ? "恢复选项" : "停用选项：已有的值仍可读", () => {
        option.retired = !option.retired;
        drawn(now);
      }),
      iconButton("close", "删除选项", () => drawn(now.filter((one) => one !== option)))));
  }

  function add(words) {
    const known = new Set(now.map((one) => one.value));
    const fresh = [...new Set(words)].filter((word) => word && !known.has(word));
    drawn([...now, ...fresh.map((word) => ({ value: word, label: word }))]);
  }

  function draw() {
    const entry = h("input", {
      class: "st-input", placeholder: "添加选项，按回车", maxLength: 80, "aria-label": "添加选项", data: { testid: "add-option" },
      on: { keydown: (event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        add([entry.value.trim()]);
        list.querySelector("[data-testid=add-option]").focus();
      }, change: () => entry.value.trim() && add([entry.value.trim()]) },
    });
    list.replaceChildren(...now.map(row), h("div", { class: "sf-option" }, entry), paste(add));
  }

  draw();
  return list;
}

function paste(add) {
  const area = h("textarea", { class: "st-input", rows: 4, placeholder: "每行一个选项", "aria-label": "批量添加，每行一个" });
  return h("details", { class: "sf-paste" }, h("summary", { text: "批量添加" }), area,
    button("添加", () => add(area.value.split("\n").map((line) => line.trim().slice(0, 80)))));
}

/** A tree as lines: 浙江/杭州/西湖区. `change(name, value)` for `levels` and `level_names`. */
export function levels(definition, change) {
  const names = h("input", {
    class: "st-input", value: (definition.level_names || []).join("/"), placeholder: "各级名称，例如 省/市/区", maxLength: 100, "aria-label": "各级名称",
    on: { input: () => change("level_names", parts(names.value)) },
  });
  const area = h("textarea", {
    class: "st-input", rows: 8, value: lines(definition.levels || []).join("\n"), placeholder: "每行一条，例如\n浙江/杭州/西湖区\n北京/海淀区", "aria-label": "各级选项，每行一条", data: { testid: "levels" },
    on: { input: () => change("levels", tree(area.value, definition.levels || [])) },
  });
  return h("div", { class: "sf-options" }, names, area);
}

const parts = (line) => line.split("/").map((part) => part.trim()).filter(Boolean);

function lines(nodes, before = []) {
  return nodes.flatMap((node) => {
    const path = [...before, node.value];
    return node.children?.length ? lines(node.children, path) : [path.join("/")];
  });
}

/** The lines as a tree; labels that differ from their values are kept. */
function tree(text, old) {
  const root = [];
  for (const line of text.split("\n")) {
    let [nodes, known] = [root, old];
    for (const value of parts(line)) {
      const before = (known || []).find((one) => one.value === value);
      let node = nodes.find((one) => one.value === value);
      if (!node) {
        node = { value };
        if (before?.label && before.label !== value) node.label = before.label;
        nodes.push(node);
      }
      node.children ||= [];
      [nodes, known] = [node.children, before?.children];
    }
  }
  return trimmed(root);
}

function trimmed(nodes) {
  return nodes.map(({ children, ...node }) => (children.length ? { ...node, children: trimmed(children) } : node));
}
