// A list of rows kept by id: elements are made once, moved when the order changes, and written only
// when their row did. Only the first `size` are in the page; more come when asked for or scrolled to.
import { $, clone } from "./app.js";

export class List {
  /** `fill(slots, row, element)` writes one element. */
  constructor(box, template, fill, size, more = null) {
    Object.assign(this, { box, template, fill, size, more, rows: [], kept: new Map() });
    this.step = size;
    if (!more) return;
    more.addEventListener("click", () => this.grow());
    new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.grow(), { rootMargin: "600px" }).observe(more);
  }

  grow() {
    if (this.rows.length <= this.size) return;
    this.size += this.step * 2;
    this.show(this.rows);
  }

  /** Shows these rows in this order; `again` writes all of them anew. */
  show(rows, again = false) {
    this.rows = rows;
    const shown = rows.slice(0, this.size);
    const wanted = new Set(shown.map((row) => row.id));
    for (const [id, one] of this.kept) {
      if (wanted.has(id)) continue;
      one.element.remove();
      this.kept.delete(id);
    }
    let place = this.box.firstElementChild;
    for (const row of shown) {
      const one = this.kept.get(row.id) || this.make(row.id);
      if (again || one.row !== row) this.fill(one.slots, (one.row = row), one.element);
      if (one.element === place) place = place.nextElementSibling;
      else this.box.insertBefore(one.element, place);
    }
    if (this.more) this.more.hidden = rows.length <= this.size;
  }

  make(id) {
    const one = { ...clone(this.template), row: null };
    one.element.dataset.id = id;
    this.kept.set(id, one);
    return one;
  }
}

/** The row that an event happened in. */
export const rowOf = (event, table) => table.get(event.target.closest("[data-id]")?.dataset.id);
export const count = (id, number, total = number) => {
  $(id).textContent = number === total ? number : `${number} / ${total}`;
};
