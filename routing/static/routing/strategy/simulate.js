// Starting a trial, and watching it until it is done.

import { failed, postButtons } from "../../lingxi/editor/dialogs.js";
import { get, post } from "../../lingxi/editor/http.js";

const PACE = 700; // milliseconds between two looks

function starting(form) {
  const dates = form.querySelector(".st-dates");
  const show = () => (dates.hidden = new FormData(form).get("days") !== "");
  form.addEventListener("change", show);
  show();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    const { days, since, until } = Object.fromEntries(new FormData(form));
    button.disabled = true;
    try {
      const { url } = await post(form.dataset.url, days ? { days: Number(days) } : { since, until });
      location.assign(url);
    } catch (error) {
      button.disabled = false;
      failed({ ...error, detail: Object.values(error.fields || {})[0] || error.detail });
    }
  });
}

async function watch(box) {
  const bar = box.querySelector("progress");
  for (;;) {
    await new Promise((done) => setTimeout(done, PACE));
    const now = await get(box.dataset.url).catch(() => null);
    if (!now) continue; // the next look may succeed
    if (now.finished) return location.reload();
    bar.value = now.percent;
    document.getElementById("st-state").textContent = now.state_label;
    document.getElementById("st-progress-label").textContent = now.label;
    document.getElementById("st-progress-words").textContent = now.words;
  }
}

const form = document.getElementById("st-start");
const box = document.getElementById("st-run");
if (form) starting(form);
if (box) watch(box);
postButtons(document);
