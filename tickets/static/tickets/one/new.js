// Sends the form that makes a ticket, on its page and in the workbench's dialog.
import { clear, failed, mark, request, toast } from "./forms.js";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-ticket-new]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  clear(form);
  try {
    const made = await request("POST", form.dataset.ticketNew, new FormData(form));
    const dialog = form.closest("dialog");
    if (!dialog) return location.assign(made.url);
    dialog.close();
    toast(made.is_new ? `已创建工单 ${made.number}` : `工单 ${made.number} 已存在`, "ok");
    document.dispatchEvent(new CustomEvent("lingxi:ticket", { detail: made }));
  } catch (error) {
    failed(error);
    mark(form, error.fields);
  } finally {
    button.disabled = false;
  }
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-ticket-new]");
  if (form && (event.ctrlKey || event.metaKey) && event.key === "Enter") form.requestSubmit();
});
