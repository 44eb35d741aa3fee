/* What is said, and what can be done with what was: quoting, editing, recalling. */
(function (W) {
  "use strict";

  /** Whether the words themselves were not accepted: sending them again would not help. */
  W.refused = ({ reason, content }) => (reason === "invalid" || reason === "too_long") && content.text;

  W.Changes = class {
    constructor(widget) { this.widget = widget; }

    /** `about` is {name: "quote" | "edit", id}, or nothing. */
    say(text, { name, id } = {}) {
      const { widget } = this;
      if (name === "edit") this.send(name, { message: id, text });
      else widget.client.send(widget.id, "text", { text }, { reply_to: id });
      widget.draw(true);
    }

    send(name, content) { this.widget.client.send(this.widget.id, name, content); }

    act(name, { id, content }) {
      const { composer, messages } = this.widget;
      if (name !== "recall") return composer.take({ name, id }, messages.line(id), content.text);
      messages.said.set(id, content.text);
      return this.send(name, { message: id });
    }

    /** The visitor's last words, while they can be changed. */
    editLast() {
      const { messages } = this.widget;
      const last = messages.events.filter((event) => event.content.text && event.kind === "message" && messages.own(event)).pop();
      if (last && messages.left(last) > 0) this.act("edit", last);
    }

    rewrite(text) {
      const { composer } = this.widget;
      composer.restore(`${composer.input.value}\n${text}`.trim());
      composer.focus();
    }

    /** A change that was refused is given up; its words are not lost. */
    told({ kind, status, client_msg_id, detail, content }) {
      const { client, shell, words } = this.widget;
      this.widget.draw();
      if (status !== "failed" || !content.message) return;
      client.discard(client_msg_id);
      shell.tell(detail || words.endFailed);
      if (kind === "edit") this.rewrite(content.text);
    }
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
