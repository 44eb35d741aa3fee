/* What the third file adds to a widget, once; cards drawn as text before are drawn again. */
(function (W) {
  "use strict";

  W.ticketing = function (widget) {
    const { words, shell, messages } = widget;
    words.t = W.ticketWords(words.lang);
    W.said = words;
    W.dress(shell.shadow, W.ticketSheet);
    const desk = new W.Desk(widget);
    messages.clear();
    widget.draw();
    return desk;
  };
})(LingxiClient.widget);
