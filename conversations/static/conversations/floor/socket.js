// The connection: says hello with what the page has, takes what changed, comes back when it is cut.
import { $, config, setClock } from "./app.js";
import { apply, state } from "./store.js";

const LABELS = { online: "实时", connecting: "连接中…", offline: "连接已断开", refused: "已停止更新" };
const FINAL = { 4401: "登录已失效，请刷新页面重新登录。", 4403: "你已没有查看看板的权限。" };
const SILENT = config.heartbeat * 2500; // milliseconds without a word: the line is dead
const [FIRST_WAIT, LONGEST_WAIT] = [500, 30_000];
let [socket, tries, timer, watchdog, banner] = [null, 0, null, null, null];

function show(name) {
  const tool = $("#connection");
  tool.dataset.state = name;
  $(".connection-text", tool).textContent = LABELS[name];
}

function warn(text) {
  const line = $("#offline-banner");
  $("span", line).textContent = text;
  line.hidden = !text;
  $("#floor").toggleAttribute("data-stale", Boolean(text));
}

function alive() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => socket && socket.close(), SILENT);
}

const HANDLERS = {
  welcome(frame) {
    tries = 0;
    setClock(frame.server_time);
    clearTimeout(banner);
    banner = null;
    warn("");
    show("online");
  },
  floor: apply,
  beat: (frame) => setClock(frame.server_time),
  notice: () => document.dispatchEvent(new Event("lingxi:notice")),
};

function connect() {
  clearTimeout(timer);
  if (socket) return;
  show("connecting");
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/ws/floor`);
  socket.onopen = () => {
    socket.send(JSON.stringify({ t: "hello", v: 1, version: state.version }));
    alive();
  };
  socket.onmessage = ({ data }) => {
    alive();
    const frame = JSON.parse(data);
    if (HANDLERS[frame.t]) HANDLERS[frame.t](frame);
  };
  socket.onclose = ({ code }) => lost(code);
}

function lost(code) {
  socket = null;
  clearTimeout(watchdog);
  if (FINAL[code]) {
    clearTimeout(banner);
    show("refused");
    return warn(FINAL[code]);
  }
  show("offline");
  // A short cut is not worth a word; counted from its beginning, whatever is tried meanwhile.
  banner = banner || setTimeout(warn, 3000, "连接已断开，正在重新连接…下面的数据不是最新的。");
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries++);
  timer = setTimeout(connect, Math.random() * wait + 100);
}

export function start() {
  connect();
  addEventListener("online", () => socket || connect());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && !socket && connect());
}
