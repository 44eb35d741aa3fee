// Sound, desktop notification, and the number in the title.
import { $, isWatching, memory } from "./app.js";

const title = document.title;
const sound = $("#sound-toggle");
const desktop = $("#notify-toggle");
const QUIET = 1500;
let audio = null;
let playedAt = 0;

const hasSound = () => sound.getAttribute("aria-pressed") === "true";
const mayNotify = () => "Notification" in window && Notification.permission === "granted" && memory.get("notify", false);

/** Browsers let a page sound only after a gesture. */
function wakeAudio() {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return;
  audio = audio || new Context();
  if (audio.state === "suspended") audio.resume();
}

function beep(notes = [880, 1175]) {
  if (!hasSound() || !audio || audio.state !== "running" || Date.now() - playedAt < QUIET) return;
  playedAt = Date.now();
  notes.forEach((pitch, index) => {
    const start = audio.currentTime + index * 0.13;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, start);
    loudness.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + 0.25);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.26);
  });
}

/** Tells of something new; `open` is called when the notification is clicked. */
export function tell({ name, words, tag, notes, open }) {
  beep(notes);
  if (isWatching() || !mayNotify()) return;
  const note = new Notification(name, { body: words.slice(0, 120), tag, icon: "/static/lingxi/logo.svg", silent: true });
  note.onclick = () => {
    window.focus();
    open();
    note.close();
  };
}

/** Sounds again for what still waits. */
export const ring = (notes) => beep(notes);

export function setTotals(unread, queued) {
  const count = unread ? `(${unread > 99 ? "99+" : unread}) ` : "";
  document.title = `${count}${queued ? `排队 ${queued} · ` : ""}${title}`;
}

function draw() {
  sound.setAttribute("aria-pressed", String(memory.get("sound", true)));
  desktop.setAttribute("aria-pressed", String(mayNotify()));
  desktop.hidden = !("Notification" in window);
}

sound.addEventListener("click", () => {
  memory.set("sound", !hasSound());
  draw();
  wakeAudio();
  playedAt = 0;
  beep();
});

desktop.addEventListener("click", async () => {
  if (mayNotify()) memory.set("notify", false);
  else {
    const answer = await Notification.requestPermission();
    memory.set("notify", answer === "granted");
    if (answer === "denied") window.Lingxi.toast("浏览器已禁止通知，请在地址栏左侧的网站设置中允许");
  }
  draw();
});

document.addEventListener("pointerdown", wakeAudio);
document.addEventListener("keydown", wakeAudio, { once: true });
draw();
