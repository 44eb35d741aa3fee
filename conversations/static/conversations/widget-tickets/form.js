/* The form of a public type: inputs as its definitions say; what is wrong stands beside the field. */
(function (W) {
  "use strict";

  const { h } = W;
  const INPUTS = { number: "number", money: "number", date: "date", datetime: "datetime-local" };

  W.TicketForm = class {
    constructor(desk, forms) {
      Object.assign(this, { desk, t: desk.t, forms, files: [], key: LingxiClient.uuid() });
      this.body = h("div", { class: "fields" });
      this.node = h("form", { class: "fields", novalidate: true, "data-testid": "ticket-form", onsubmit: (event) => this.submit(event) },
        forms.length > 1 && this.kinds(), this.body);
      this.draw(forms[0]);
    }

    kinds() {
      const select = h("select", { "data-testid": "ticket-kind", onchange: () => this.draw(this.forms[select.selectedIndex]) },
        this.forms.map(({ type, name }) => h("option", { value: type }, name)));
      return h("label", {}, this.t.kind, select);
    }

    draw(form) {
      const { t } = this;
      this.form = form;
      this.inputs = {};
      this.button = h("button", { class: "solid", type: "submit", "data-testid": "ticket-submit" }, t.submit);
      this.body.replaceChildren(...[form.description && h("p", { class: "hint" }, form.description),
        this.field({ key: "title", type: "text", label: t.title, required: true, max_length: 200 }, "title"),
        this.field({ key: "description", type: "long_text", label: t.detail, max_length: 5000 }, "description"),
        ...form.fields.map((one) => this.field(one, `fields.${one.key}`)), this.upload(), this.button].filter(Boolean));
    }

    /** A label with its input; `read()` is the value as the API takes it. */
    field(one, name) {
      const wrong = h("span", { class: "wrong", role: "alert", id: `lx-t-${name}` });
      const made = this.control(one, wrong.id);
      this.inputs[name] = { ...made, wrong };
      const group = made.node.tagName === "FIELDSET";
      const label = [W.said.lang === "en" && one.label_en ? one.label_en : one.label, one.required ? h("i", { title: this.t.fill }, " *") : ""];
      const parts = [made.node, one.help && h("small", {}, one.help), wrong];
      if (group) made.node.prepend(h("legend", {}, label));
      return group ? h("div", { class: "field" }, parts) : h("label", { class: "field" }, h("span", {}, label), parts);
    }

    control(one, described) {
      const props = { "data-testid": `ticket-${one.key}`, "aria-describedby": described, "aria-required": String(Boolean(one.required)) };
      if (one.type === "choice" || one.type === "boolean") return this.choice(one, props);
      if (one.type === "multi_choice") return this.many(one, props);
      if (one.type === "cascade") return this.cascade(one, props);
      const long = one.type === "long_text";
      const node = h(long ? "textarea" : "input", { ...props, ...(long ? { rows: 3 } : { type: INPUTS[one.type] || "text" }), maxlength: one.max_length,
        step: one.decimals ? 10 ** -one.decimals : one.type === "money" ? 0.01 : null, min: one.min, max: one.max, value: one.default ?? "" });
      return { node, read: () => node.value.trim() };
    }

    select(options, props, chosen) {
      return h("select", props, h("option", { value: "" }, this.t.choose), options.map(({ value, label }) => h("option", { value, selected: value === chosen }, label)));
    }

    choice(one, props) {
      const yesno = [{ value: "true", label: this.t.yes }, { value: "false", label: this.t.no }];
      const node = this.select(one.options || yesno, props, one.default === undefined ? "" : String(one.default));
      return { node, read: () => (one.type === "boolean" && node.value ? node.value === "true" : node.value) };
    }

    many(one, props) {
      const boxes = one.options.map(({ value }) => h("input", { type: "checkbox", value, checked: (one.default || []).includes(value) }));
      const node = h("fieldset", props, one.options.map(({ label }, index) => h("label", { class: "tick" }, boxes[index], label)));
      return { node, read: () => boxes.filter((box) => box.checked).map((box) => box.value) };
    }

    /** One list below the other, as far as the choice goes. */
    cascade(one, props) {
      const node = h("fieldset", props);
      const chosen = () => [...node.querySelectorAll("select")].map((select) => select.value).filter(Boolean);
      const add = (options, level) => {
        const name = (one.level_names || [])[level] || one.label;
        const select = this.select(options, { "aria-label": name });
        select.onchange = () => {
          while (select.nextSibling) select.nextSibling.remove();
          const { children } = options.find(({ value }) => value === select.value) || {};
          if (children) add(children, level + 1);
        };
        node.append(select);
      };
      add(one.levels || [], 0);
      return { node, read: chosen };
    }

    upload() {
      const { desk, t } = this;
      const kept = h("span", { class: "hint", "aria-live": "polite" });
      const names = [];
      const input = h("input", { type: "file", multiple: true, "data-testid": "ticket-files", onchange: async () => {
        kept.textContent = t.uploading;
        for (const file of [...input.files].slice(0, 10 - this.files.length)) {
          const form = new FormData();
          form.append("file", file);
          const stored = await desk.request("POST", "attachments", form).catch((error) => (desk.tell(error), null));
          if (stored) this.files.push(stored.id), names.push(stored.name);
        }
        input.value = "";
        kept.textContent = names.join(", ");
      } });
      return h("label", { class: "field" }, h("span", {}, t.files), input, kept);
    }

    /** Shows what is wrong, field by field; true when nothing of it could be shown. */
    told(wrongs) {
      let first = null;
      for (const [name, { node, wrong }] of Object.entries(this.inputs)) {
        wrong.textContent = wrongs[name] ? [].concat(wrongs[name]).join(" ") : "";
        node.setAttribute("aria-invalid", String(Boolean(wrongs[name])));
        if (wrongs[name] && !first) first = node.querySelector("input, select") || node;
      }
      if (first) first.focus();
      return !first;
    }

    async submit(event) {
      event.preventDefault();
      const { desk, t } = this;
      const value = (name) => this.inputs[name].read();
      if (!this.told(value("title") ? {} : { title: t.fill })) return;
      const given = this.form.fields.map(({ key }) => [key, value(`fields.${key}`)]).filter(([, one]) => one !== "" && !(Array.isArray(one) && !one.length));
      this.button.disabled = true;
      try {
        const one = await desk.request("POST", "tickets", { type: this.form.type, title: value("title"), description: value("description"),
          fields: Object.fromEntries(given), files: this.files, client_id: this.key });
        desk.number = one.number;
        desk.drawOne(one);
        desk.notice.textContent = t.made(one.number);
      } catch (error) {
        if (this.told(error.fields || {})) desk.tell(error);
      }
      this.button.disabled = false;
    }
  };
})(LingxiClient.widget);
