/* What the second file adds to a widget, once. */
(function (W) {
  "use strict";

  W.outfit = function (widget) {
    const { words, shell } = widget;
    Object.assign(words, W.moreWords(words.lang));
    W.dress(shell.shadow, W.moreSheet);
    const survey = new W.Survey({ words, rate: (rating) => widget.rate(rating), restart: () => widget.restart() });
    return { survey, offline: new W.Offline(widget) };
  };
})(LingxiClient.widget);
