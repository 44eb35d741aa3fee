// What the forms of tickets share: errors beside their fields, files, dialogs.
const { request, toast, failed } = window.Lingxi;
export { failed, request, toast };
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Takes the marks of an earlier refusal away. */
export function clear(form) {
  $$(".field-error.is-told", form).forEach((item) => item.remove());
  $$("[aria-invalid]", form).forEach((item) => item.removeAttribute("aria-invalid"));
}

/** Puts what is wrong beside the fields, and the cursor into the first of them. */
export function mark(form, fields) {
  clear(form);
  let first = null;
  for (const [name, messages] of Object.entries(fields || {})) {
    const input = form.elements.namedItem(name);
    const control = input instanceof RadioNodeList ? input[0] : input;
    if (!control || !control.closest) continue;
    const box = control.closest(".field, [data-field]") || control.parentElement;
    const line = document.createElement("p");
    line.className = "field-error is-told";
    line.textContent = [].concat(messages).join("；");
    box.append(line);
    control.setAttribute("aria-invalid", "true");
    first = first || control;
  }
  if (first) first.focus();
}

/** Uploads picked files and lists them in the form, each with a button to leave it out. */
export async function upload(form, files) {
  const list = $("[data-role=files]", form);
  for (const file of files) {
    if (file.size > Number(form.dataset.max)) {
      toast(`${file.name} 超过 ${Math.round(form.dataset.max / 1048576)} MB`, "danger");
      continue;
    }
    const item = document.createElement("li");
    item.className = "file";
    item.append(Object.assign(document.createElement("span"), { className: "clip", textContent: `${file.name} 上传中…` }));
    list.append(item);
    const body = new FormData();
    body.append("file", file);
    try {
      const kept = await request("POST", form.dataset.upload, body);
      const input = Object.assign(document.createElement("input"), { type: "hidden", name: "files", value: kept.id });
      const drop = Object.assign(document.createElement("button"), { type: "button", className: "icon-button", textContent: "×" });
      drop.setAttribute("aria-label", `移除 ${kept.name} Remove`);
      drop.addEventListener("click", () => item.remove());
      item.firstChild.textContent = kept.name;
      item.append(input, drop);
    } catch (error) {
      item.remove();
      failed(error);
    }
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-role=pick]")) return;
  upload(event.target.form, [...event.target.files]);
  event.target.value = "";
});

// A refusal of the server is said beside the fields it is about.
document.addEventListener("htmx:response:error", (event) => {
  const form = event.detail.ctx.sourceElement?.closest?.("form");
  if (!form) return;
  try {
    const said = JSON.parse(event.detail.ctx.text);
    mark(form, said.fields);
    form.dispatchEvent(new CustomEvent("ticket:refused", { bubbles: true, detail: said }));
  } catch (error) {
    clear(form);
  }
});
