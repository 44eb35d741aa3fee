// Inputs of declared fields that need a script: dependent selects, and files that are uploaded at once.
// It follows inputs that appear later, in whatever fragment a page loads.
(function () {
  "use strict";

  // -- cascade ---------------------------------------------------------------------------------

  function option(value, label) {
    const made = document.createElement("option");
    made.value = value;
    made.textContent = label;
    return made;
  }

  /** One select for each level down to the first that is open. */
  function cascade(box) {
    const tree = JSON.parse(box.querySelector('script[type="application/json"]').textContent);
    const chosen = [...box.querySelectorAll("[data-chosen]")].map((one) => one.value);
    const names = box.dataset.levels ? box.dataset.levels.split("|") : [];
    box.querySelectorAll("[data-chosen]").forEach((one) => one.remove());

    function draw(path) {
      box.querySelectorAll("select").forEach((one) => one.remove());
      let nodes = tree;
      for (let level = 0; nodes && nodes.length; level += 1) {
        const select = level_(nodes, level, path);
        box.append(select);
        const found = nodes.find((node) => node.v === path[level]);
        nodes = found ? found.c : null;
      }
    }

    function level_(nodes, level, path) {
      const select = document.createElement("select");
      const name = names[level] || `第 ${level + 1} 级`;
      select.className = "fd-input";
      select.name = box.dataset.name;
      select.required = "required" in box.dataset || level > 0;
      select.setAttribute("aria-label", name);
      select.append(option("", names[level] || "请选择"));
      for (const node of nodes) select.append(option(node.v, node.l || node.v));
      select.value = nodes.some((node) => node.v === path[level]) ? path[level] : "";
      select.addEventListener("change", () => {
        draw([...path.slice(0, level), select.value].filter(Boolean));
        box.querySelectorAll("select")[level].focus();
      });
      return select;
    }

    draw(chosen);
  }

  // -- files -----------------------------------------------------------------------------------

  function csrf() {
    const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    return found ? decodeURIComponent(found[1]) : "";
  }

  function file(box) {
    const input = box.querySelector('input[type="file"]');
    const value = box.querySelector('input[type="hidden"]');
    const name = box.querySelector("[data-file-name]");
    const clear = box.querySelector("[data-file-clear]");
    const error = box.querySelector("[data-file-error]");

    function show(id, text) {
      value.value = id;
      name.textContent = text;
      clear.hidden = !id;
    }

    async function upload(chosen) {
      const body = new FormData();
      body.append("file", chosen);
      name.textContent = "上传中…";
      error.hidden = true;
      try {
        const answer = await fetch(box.dataset.upload, {
          method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": csrf(), Accept: "application/json" },
        });
        const said = await answer.json().catch(() => ({}));
        if (!answer.ok) throw new Error(said.detail || "上传失败，请重试");
        show(said.id, said.name);
      } catch (reason) {
        show("", "未选择文件");
        error.textContent = reason instanceof TypeError ? "网络连接失败，请重试" : reason.message;
        error.hidden = false;
      }
      input.value = "";
    }

    input.addEventListener("change", () => input.files[0] && upload(input.files[0]));
    clear.addEventListener("click", () => show("", "未选择文件"));
  }

  // -- whatever appears ------------------------------------------------------------------------

  function begin(root) {
    for (const [what, how] of [["[data-cascade]", cascade], ["[data-file]", file]]) {
      const found = [...root.querySelectorAll(what)];
      if (root.matches && root.matches(what)) found.push(root);
      for (const box of found) {
        if (box.dataset.begun) continue;
        box.dataset.begun = "1";
        how(box);
      }
    }
  }

  function start() {
    begin(document.body);
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) if (node instanceof Element) begin(node);
      }
    }).observe(document.body, { childList: true, subtree: true });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
