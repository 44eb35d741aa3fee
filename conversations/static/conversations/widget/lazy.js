/* What comes when it is wanted: the second and the third file, invitations, news of tickets. */
(function (W) {
  "use strict";

  const insert = (src) => new Promise((resolve, reject) => document.head.append(
    W.h("script", { src, async: true, crossorigin: "anonymous", onload: resolve, onerror: reject })));

  async function fetched(widget, name) {
    while (!W[name]) {
      await insert(widget.base + LingxiClient[name]).catch(() => new Promise((again) => setTimeout(again, 5e3)));
    }
    return W[name](widget);
  }

  /** What the second file adds to `widget`, once it is here; without network that may take a while. */
  W.more = (widget) => (widget.added = widget.added || fetched(widget, "outfit"));

  /** The third file: tickets. */
  W.tickets = (widget) => (widget.desk = widget.desk || fetched(widget, "ticketing"));

  /** What the server said of tickets: the visitor reads of them where they last talked, though that is over. */
  W.news = function (widget, told) {
    if (!told) return;
    widget.shell.ticketsButton.hidden = false;
    if (widget.messages.tickets.size) W.tickets(widget);
    const { conversation } = told;
    const { id, mine, left } = widget.session.get("past") || {};
    if (!conversation || widget.id || (left && id === conversation.id && conversation.seq <= mine)) return;
    widget.follow(conversation, id === conversation.id ? mine : 0);
  };

  /** Tells of the page that is looked at; the answer may have news of tickets. */
  W.pageView = async function (widget) {
    const { href } = location;
    if (widget.page === href) return;
    if (widget.page) widget.configure(); // another page may have another invitation
    widget.page = href;
    const view = { url: href.slice(0, 2000), title: document.title.slice(0, 200), referrer: document.referrer.slice(0, 2000) };
    const post = () => widget.client.request("POST", "/api/v1/visitor/page-views", view);
    if (await widget.client.authorize()) await post().then(({ tickets }) => W.news(widget, tickets), () => {});
  };

  /** An invitation comes after its time on the site; not to those who talk already or have answered it. */
  W.invite = function (widget) {
    const { session } = widget;
    const { invitation } = widget.config;
    clearTimeout(widget.inviting);
    if (!invitation || (session.get("invited") || {})[invitation.id] > Date.now()) return;
    const fits = () => !widget.visible && !widget.id && widget.config.invitation === invitation;
    const show = async () => fits() && (await W.more(widget)) && fits() && W.bubble(widget, invitation);
    widget.inviting = setTimeout(show, Math.max(0, invitation.after * 1e3 + session.began - Date.now()));
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
