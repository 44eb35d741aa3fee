// Files: picked, pasted or dropped; stored first, then sent as a message.
import { $, client, config, h, root, toast } from "./app.js";
import { appendPending } from "./chat.js";
import * as composer from "./composer.js";
import { size } from "./entries.js";

function sendAll(files) {
  const id = composer.conversation();
  const chat = $("#chat");
  if (!id || !client || chat.dataset.speaks !== "true" || chat.dataset.state === "closed") return;
  for (const file of files) sendOne(id, file);
}

function sendOne(id, file) {
  if (file.size > config.maxUpload) return toast(`“${file.name}” 超过 ${size(config.maxUpload)}，无法发送`, "danger");
  const bar = h("progress", { max: 100, value: 0 });
  const line = h("div", { class: "upload" }, h("bdi", { class: "clip" }, file.name), bar);
  $("#uploads")?.append(line);
  const post = new XMLHttpRequest();
  const cancel = h("button", { type: "button", class: "link-button" }, "取消");
  cancel.addEventListener("click", () => post.abort());
  line.append(cancel);
  post.upload.onprogress = (event) => (bar.value = (100 * event.loaded) / event.total);
  post.onload = () => stored(id, post, line, file);
  post.onerror = () => refused(line, file, "网络连接失败");
  post.onabort = () => line.remove();
  post.open("POST", `${root.dataset.pageUrl}upload/`);
  post.setRequestHeader("X-CSRFToken", window.Lingxi.csrf());
  const form = new FormData();
  form.append("file", file, file.name || "截图.png");
  post.send(form);
}

function stored(id, post, line, file) {
  let answer = {};
  try {
    answer = JSON.parse(post.responseText);
  } catch (error) {
    answer = {};
  }
  if (post.status !== 201) return refused(line, file, answer.detail || `上传失败（${post.status}）`);
  line.remove();
  const { id: attachment, name, size: bytes, media_type, url, thumbnail, width, height } = answer;
  const kind = media_type.startsWith("image/") ? "image" : "file";
  const local = { name, size: bytes, media_type, url, thumbnail, width, height };
  const entry = client.send(id, kind, { attachment }, { local });
  if (composer.conversation() === id) appendPending(entry);
}

function refused(line, file, reason) {
  line.replaceChildren(h("bdi", { class: "clip" }, file.name), h("span", {}, reason));
  line.classList.add("upload-failed");
  const close = h("button", { type: "button", class: "link-button" }, "知道了");
  close.addEventListener("click", () => line.remove());
  line.append(close);
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("#composer [data-act]")?.dataset.act;
  if (act === "image" || act === "file") $(`#pick-${act}`).click();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("#pick-image, #pick-file")) return;
  sendAll(event.target.files);
  event.target.value = "";
});

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files || [])];
  if (!files.length || !event.target.closest("#chat")) return;
  event.preventDefault();
  sendAll(files);
});

const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
const dropping = (on) => $("#chat")?.classList.toggle("dropping", on);

document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault(); // a file dropped beside the chat must not replace the page
  dropping(Boolean(event.target.closest("#chat")));
});
document.addEventListener("dragleave", (event) => event.relatedTarget === null && dropping(false));
document.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  dropping(false);
  if (event.target.closest("#chat")) sendAll(event.dataTransfer.files);
});
