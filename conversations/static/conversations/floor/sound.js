// A sound for what is newly wrong, and a word for those who do not see it.
import { $, memory, now, words } from "./app.js";
import { tables } from "./store.js";

const button = $("#sound-toggle");
const QUIET = 3000;
let [audio, playedAt, known] = [null, 0, null];

const isOn = () => button.getAttribute("aria-pressed") === "true";

/** Browsers let a page sound only after a gesture. */
function wake() {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) return;
  audio = audio || new Context();
  if (audio.state === "suspended") audio.resume();
}

function beep() {
  if (!isOn() || !audio || audio.state !== "running" || Date.now() - playedAt < QUIET) return;
  playedAt = Date.now();
  [740, 988].forEach((pitch, index) => {
    const start = audio.currentTime + index * 0.16;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, start);
    loudness.gain.exponentialRampToValueAtTime(0.15, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + 0.3);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.32);
  });
}

/** After every change: which warnings have begun that had not at the last look. */
export function look() {
  const found = new Map();
  for (const talk of tables.conversations.values()) {
    for (const one of talk.warnings) if (one.at <= now() && one.kind !== "vip") found.set(`${talk.id} ${one.kind} ${one.at}`, `${talk.name}：${words.kinds[one.kind]}`);
  }
  for (const agent of tables.agents.values()) if (agent.ask) found.set(`ask ${agent.ask.id}`, `${agent.name}：申请小休`);
  const news = known ? [...found].filter(([key]) => !known.has(key)) : [];
  known = new Set(found.keys());
  if (!news.length) return;
  beep();
  $("#said").textContent = `新预警 ${news.length}：${news.slice(0, 3).map(([, text]) => text).join("；")}`;
}

button.setAttribute("aria-pressed", String(memory.get("sound", true)));
button.addEventListener("click", () => {
  memory.set("sound", !isOn());
  button.setAttribute("aria-pressed", String(memory.get("sound", true)));
  wake();
  playedAt = 0;
  beep();
});
document.addEventListener("pointerdown", wake);
document.addEventListener("keydown", wake, { once: true });
