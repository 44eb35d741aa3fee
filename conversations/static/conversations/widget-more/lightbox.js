/* A picture over the whole page. */
(function (W) {
  "use strict";

  const { h, icon } = W;

  W.lightbox = function (shell, url, alt) {
    const back = shell.shadow.activeElement;
    const shut = () => {
      box.remove();
      if (back) back.focus();
    };
    const key = (event) => {
      if (event.key === "Escape") shut();
      if (event.key === "Tab") event.preventDefault();
      event.stopPropagation();
    };
    const close = h("button", { type: "button", "aria-label": shell.words.close }, icon("close"));
    const box = h("div", { class: "lightbox", role: "dialog", "aria-modal": "true", "aria-label": alt || shell.words.image,
      "data-testid": "lightbox", onclick: shut, onkeydown: key }, h("img", { src: url, alt: alt || "" }), close);
    shell.root.append(box);
    close.focus();
  };
})(LingxiClient.widget);
