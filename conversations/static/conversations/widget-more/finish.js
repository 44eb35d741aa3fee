/* What moves a conversation on: a person instead of the bot, the end, the rating, a new one. */
(function (W) {
  "use strict";

  W.Finish = class {
    constructor(widget) { this.widget = widget; }

    post(action, body) {
      const { client, id } = this.widget;
      return client.request("POST", `/api/v1/visitor/conversations/${id}/${action}`, body);
    }

    /** From the bot to a person. */
    handoff() {
      const { shell, words } = this.widget;
      return this.post("handoff", {}).catch((error) => shell.tell(error.detail || words.endFailed));
    }

    async end() {
      const { shell, words } = this.widget;
      try {
        await this.post("close", {});
      } catch (error) {
        if (error.code !== "conversation_closed" && error.code !== "transition_not_allowed") shell.tell(error.detail || words.endFailed);
      }
      this.widget.ask(null);
    }

    async rate(rating) {
      const { widget } = this;
      await this.post("rating", rating);
      widget.session.set("conversation", (widget.kept = { ...widget.kept, done: true, mine: widget.log.mine }));
      widget.emit("rated", { id: widget.id, ...rating });
    }

    /** A fresh conversation; what could not be sent into the old one goes along. */
    restart() {
      const { widget } = this;
      const { client } = widget;
      const left = client.pending(widget.id).filter((entry) => entry.status === "failed");
      widget.forget(true);
      widget.ended = false;
      widget.messages.clear();
      left.forEach((entry) => client.retry(entry.client_msg_id, { conversation: null }));
      widget.draw();
      setTimeout(() => widget.composer.focus(), 10);
    }
  };
})(LingxiClient.widget);
