/* The bubble that invites to talk. It takes no focus; it says itself to screen readers. */
(function (W) {
  "use strict";

  const { h, icon } = W;

  W.bubble = function (widget, invitation) {
    const { session, shell, words } = widget;
    const { id, text, again_hours } = invitation;
    const told = (outcome) => session.post(`/api/v1/visitor/invitations/${id}`, { outcome }).catch(() => {});
    const answered = () => session.set("invited", { ...session.get("invited"), [id]: Date.now() + again_hours * 36e5 });
    const gone = () => {
      node.remove();
      widget.bubble = null;
      answered();
    };
    const decline = () => {
      const inside = shell.shadow.activeElement && node.contains(shell.shadow.activeElement);
      gone();
      told("declined");
      if (inside) shell.launcher.focus({ preventScroll: true });
    };
    const accept = () => {
      told("accepted");
      widget.open();
    };
    const node = h("div", { class: "invite", role: "complementary", "aria-label": words.invitation, "data-testid": "invitation",
      onkeydown: (event) => event.key === "Escape" && decline() },
      h("div", { class: "top" }, h("p", { role: "status" }, text),
        h("button", { type: "button", title: words.decline, "aria-label": words.decline, "data-testid": "invitation-close", onclick: decline }, icon("close"))),
      h("button", { class: "solid", type: "button", "data-testid": "invitation-accept", onclick: accept }, words.accept));
    shell.root.prepend(node);
    widget.bubble = gone;
    const visit = `${id} ${session.began}`; // counted once a visit, however many pages show it
    if (session.get("shown") === visit) return;
    session.set("shown", visit);
    told("shown");
  };
})(LingxiClient.widget);
