/* Writing: text, pictures and files, by keyboard, paste, drop or choice. */
(function (W) {
  "use strict";

  const { h, icon } = W;
  const MAX_TEXT = 4000;

  W.Composer = class {
    /** `host`: {words, send(text), typing(text), files(list)} */
    constructor(host) {
      this.host = host;
      const { words } = host;
      this.input = h("textarea", { class: "input", rows: 1, placeholder: words.placeholder, "aria-label": words.placeholder,
        maxlength: MAX_TEXT, enterkeyhint: "send", "data-testid": "composer", oninput: () => this.changed(),
        onkeydown: (event) => this.key(event), onpaste: (event) => this.paste(event) });
      this.picker = h("input", { type: "file", multiple: true, class: "sr", tabindex: "-1", "aria-hidden": "true",
        "data-testid": "file-input", onchange: () => this.chosen() });
      const attach = h("button", { class: "tool", type: "button", title: words.attach, "aria-label": words.attach,
        "data-testid": "attach", onclick: () => this.picker.click() }, icon("clip"));
      this.button = h("button", { class: "send", type: "button", title: words.send, "aria-label": words.send, disabled: true,
        "data-testid": "send", onclick: () => this.submit() }, icon("send"));
      this.node = h("div", { class: "composer" }, attach, this.input, this.button, this.picker);
    }

    focus() { this.input.focus({ preventScroll: true }); }

    /** Enter sends; not while an input method is composing (229: Safari's way of saying so). */
    key(event) {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    }

    changed() {
      this.button.disabled = !this.input.value.trim();
      this.input.style.height = "auto";
      this.input.style.height = `${Math.min(this.input.scrollHeight, 120)}px`;
      this.host.draft(this.input.value);
    }

    restore(text) {
      this.input.value = text || "";
      this.changed();
    }

    submit() {
      const text = this.input.value.trim();
      if (!text) return;
      this.input.value = "";
      this.changed();
      this.host.send(text);
      this.focus();
    }

    chosen() {
      this.host.files([...this.picker.files]);
      this.picker.value = "";
    }

    paste(event) {
      const files = [...(event.clipboardData ? event.clipboardData.files : [])];
      if (!files.length) return;
      event.preventDefault();
      this.host.files(files);
    }

    /** Lets files be dropped anywhere on `area`. */
    droppable(area) {
      const carries = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
      const mark = (on) => (event) => {
        if (!carries(event)) return;
        event.preventDefault();
        area.classList.toggle("dropping", on);
      };
      area.addEventListener("dragover", mark(true));
      area.addEventListener("dragleave", (event) => area.contains(event.relatedTarget) || area.classList.remove("dropping"));
      area.addEventListener("drop", (event) => {
        mark(false)(event);
        if (carries(event)) this.host.files([...event.dataTransfer.files]);
      });
    }
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
