/* Writing: text, pictures and files, by keyboard, paste, drop or choice. */
(function (W) {
  "use strict";

  const { h, icon } = W;
  const MAX_TEXT = 4000;

  W.Composer = class {
    /** `host`: {words, send(text, about), draft(text), files(list), editLast()} */
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
      this.bar = h("div", { class: "about", hidden: true, "data-testid": "about" }, h("b"), h("span"),
        h("button", { type: "button", title: words.drop, "aria-label": words.drop, onclick: () => this.drop() }, icon("close")));
      this.node = h("div", { class: "composer" }, this.bar, attach, this.input, this.button, this.picker);
    }

    focus() { this.input.focus({ preventScroll: true }); }

    /** Enter sends; not while an input method is composing (229: Safari's way of saying so). */
    key(event) {
      if (event.key === "ArrowUp" && !this.input.value) this.host.editLast();
      if (event.key === "Escape" && this.drop()) event.stopPropagation();
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.submit();
    }

    changed() {
      this.button.disabled = !this.input.value.trim();
      this.fit();
      if (!this.editing()) this.host.draft(this.input.value);
    }

    /** As high as its words; nothing has a height before the window is open. */
    fit() {
      const { style } = this.input;
      style.height = "";
      const { scrollHeight, clientHeight } = this.input;
      if (scrollHeight > clientHeight) style.height = `${Math.min(scrollHeight, 120)}px`;
    }

    editing() { return this.about && this.about.name === "edit"; }

    /** The next words answer a message or, by "edit", take its place. */
    take(about, line, text) {
      this.drop();
      const aside = this.input.value;
      this.about = { ...about, aside };
      if (this.editing()) this.restore(text);
      this.bar.hidden = false;
      this.bar.firstChild.textContent = this.host.words[about.name];
      this.bar.children[1].textContent = line;
      this.focus();
    }

    /** Back to plain writing; false when it was that. */
    drop() {
      const { about } = this;
      if (!about) return false;
      const text = this.editing() ? about.aside : this.input.value;
      this.about = undefined;
      this.bar.hidden = true;
      this.restore(text);
      return true;
    }

    restore(text) {
      this.input.value = text || "";
      this.changed();
    }

    submit() {
      const text = this.input.value.trim();
      if (!text) return;
      const { about } = this;
      if (!this.editing()) this.restore();
      this.drop();
      this.host.send(text, about);
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
