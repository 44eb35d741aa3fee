/* What the second file adds to a widget, once. */
(function (W) {
  "use strict";

  W.outfit = function (widget) {
    const { words, shell } = widget;
    Object.assign(words, W.moreWords(words.lang));
    W.dress(shell.shadow, W.moreSheet);
    const finish = new W.Finish(widget);
    const survey = new W.Survey({ words, rate: (rating) => finish.rate(rating), restart: () => finish.restart() });
    return { finish, survey, offline: new W.Offline(widget) };
  };
})(LingxiClient.widget);
