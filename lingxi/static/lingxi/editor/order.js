// Cards are put in order by their handle: by mouse, pen and finger alike, and by arrow keys.

/** Makes the cards in `list` sortable, each with its `data-item`. `moved(id, to)` is called when one was put down elsewhere. */
export function sortable(list, moved) {
  list.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest(".st-handle");
    if (handle && event.button === 0) start(list, handle, event, moved);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const handle = event.target.closest(".st-handle");
    if (!handle || !step) return;
    event.preventDefault();
    const card = handle.closest(".st-card");
    moved(card.dataset.item, [...list.children].indexOf(card) + step);
  });
}

function start(list, handle, down, moved) {
  const card = handle.closest(".st-card");
  const id = card.dataset.item;
  const before = [...list.children];
  card.classList.add("is-dragged");
  down.preventDefault(); // no selection of text; the focus is set by hand instead
  handle.focus();
  const follow = (event) => place(list, card, event.clientY);
  const stop = (event) => {
    document.removeEventListener("pointermove", follow);
    ["pointerup", "pointercancel"].forEach((name) => document.removeEventListener(name, stop));
    card.classList.remove("is-dragged");
    const to = [...list.children].indexOf(card);
    if (event.type === "pointercancel") list.replaceChildren(...before);
    else if (to !== before.indexOf(card)) moved(id, to);
  };
  document.addEventListener("pointermove", follow);
  ["pointerup", "pointercancel"].forEach((name) => document.addEventListener(name, stop));
}

/**
 * Brings the card before the first other one whose middle is below the pointer. The others are moved
 * around it: an element taken out of the document would lose the pointer.
 */
function place(list, card, y) {
  const others = [...list.children].filter((other) => other !== card);
  const next = others.find((other) => {
    const box = other.getBoundingClientRect();
    return y < box.top + box.height / 2;
  });
  const after = next ? others.indexOf(next) : others.length;
  others.slice(0, after).forEach((other) => isAfter(other, card) && card.before(other));
  others.slice(after).reverse().forEach((other) => isAfter(card, other) && card.after(other));
  if (y < 90) window.scrollBy(0, -12);
  else if (y > window.innerHeight - 110) window.scrollBy(0, 12);
}

function isAfter(one, other) {
  return Boolean(other.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
}
