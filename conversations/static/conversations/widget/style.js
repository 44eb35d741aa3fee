/* The widget's style sheet. Colours, type and space come from tokens.css. */
(function (W) {
  "use strict";

  const sheet = `
:host { all: initial; }
:host, * { box-sizing: border-box; }
[hidden] { display: none !important; }
.root { font: 400 var(--lx-md)/var(--lx-leading) var(--lx-font); color: var(--lx-text); -webkit-font-smoothing: antialiased;
  text-align: start; letter-spacing: normal; --brand: var(--lx-brand); --ink: var(--lx-on-brand);
  --soft: var(--lx-brand-soft); --brand-text: var(--lx-brand-text); }
@supports (color: color-mix(in srgb, red, blue)) {
  .root { --soft: color-mix(in srgb, var(--brand) 11%, var(--lx-surface)); --brand-text: color-mix(in srgb, var(--brand) 68%, var(--lx-text)); }
}
button, textarea, input { font: inherit; color: inherit; }
button { border: 0; background: none; padding: 0; cursor: pointer; -webkit-tap-highlight-color: transparent; }
button:disabled { cursor: default; }
:focus { outline: none; }
:focus-visible { box-shadow: var(--lx-ring); }
.icon { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; flex: none; display: block; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0; }

.launcher { position: fixed; z-index: 2147483000; right: calc(24px + env(safe-area-inset-right)); bottom: calc(24px + env(safe-area-inset-bottom));
  width: 60px; height: 60px; border-radius: 50%; background: var(--brand); color: var(--ink); display: grid; place-items: center;
  box-shadow: var(--lx-shadow-3); transition: transform var(--lx-slow) var(--lx-ease), filter var(--lx-fast); }
.launcher:hover { transform: translateY(-2px); filter: brightness(1.06); }
.launcher:active { transform: scale(.95); }
.launcher .icon { width: 30px; height: 30px; stroke-width: 1.6; }
.launcher .i-down { display: none; }
.open .launcher .i-down { display: block; }
.open .launcher .i-chat { display: none; }
.unread { position: absolute; top: -3px; right: -3px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; background: #e5484d; color: #fff;
  font: 600 12px/18px var(--lx-font); border: 2px solid var(--lx-surface); text-align: center; }

.panel { position: fixed; z-index: 2147483000; right: calc(24px + env(safe-area-inset-right)); bottom: 100px; width: 380px; height: 620px; max-height: calc(100vh - 124px);
  background: var(--lx-surface); border-radius: var(--lx-r-xl); box-shadow: var(--lx-shadow-3); display: flex; flex-direction: column; overflow: hidden;
  transform-origin: 100% 100%; animation: rise var(--lx-slow) var(--lx-ease); }
@keyframes rise { from { opacity: 0; transform: translateY(12px) scale(.98); } }
.head { display: flex; align-items: center; gap: 12px; padding: 16px 12px 16px 20px; background: var(--brand); color: var(--ink); flex: none; }
.logo { width: 40px; height: 40px; border-radius: 14px; background: color-mix(in srgb, var(--ink) 18%, transparent); display: grid; place-items: center;
  font-size: 18px; font-weight: 600; flex: none; overflow: hidden; }
.logo img { width: 100%; height: 100%; object-fit: cover; }
.title { flex: 1; min-width: 0; }
.title b { display: block; font-size: 16px; font-weight: 600; line-height: 1.35; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.title span { display: flex; align-items: center; gap: 6px; font-size: 12px; line-height: 1.5; opacity: .88; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.title span::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: #7ee2a8; flex: none; }
.away .title span::before { background: #f5c86a; }
.head button { width: 36px; height: 36px; border-radius: 10px; display: grid; place-items: center; transition: background var(--lx-fast); }
.head button:hover { background: color-mix(in srgb, var(--ink) 16%, transparent); }
.head button:focus-visible { box-shadow: 0 0 0 2px var(--ink); }

.banner { flex: none; display: flex; align-items: center; gap: 10px; padding: 9px 20px; font-size: 13px; line-height: 1.5; border-bottom: 1px solid var(--lx-line); }
.connection { background: var(--lx-warn-soft); color: var(--lx-warn); }
.connection::before { content: ""; width: 12px; height: 12px; flex: none; border-radius: 50%; border: 2px solid currentColor; border-top-color: transparent; animation: spin 1s linear infinite; }
.connection[data-state=refused]::before { animation: none; border-top-color: currentColor; }
@keyframes spin { to { transform: rotate(1turn); } }
.queue { background: var(--soft); color: var(--brand-text); justify-content: space-between; }
.queue b { font-weight: 600; }
.queue span { opacity: .9; }
.queue button { padding: 4px 14px; border-radius: 99px; background: var(--brand); color: var(--ink); font-weight: 500; }
.extra { flex: 0 1 auto; max-height: 72%; overflow-y: auto; background: var(--lx-surface); overscroll-behavior: contain; }
.log { min-height: 96px; }
.blocked .foot { display: none; }

.log { position: relative; flex: 1; background: var(--lx-canvas); }
.scroller { position: relative; height: 100%; overflow-y: auto; overscroll-behavior: contain; scrollbar-width: thin; scrollbar-color: var(--lx-line-strong) transparent; }
.scroller:focus-visible { box-shadow: inset var(--lx-ring); }
.list { display: flex; flex-direction: column; padding: 20px 16px 12px; min-height: 100%; }
.below { position: absolute; left: 50%; bottom: 12px; transform: translateX(-50%); display: flex; align-items: center; gap: 4px; padding: 6px 14px 6px 10px;
  border-radius: 99px; background: var(--lx-raised); color: var(--brand-text); box-shadow: var(--lx-shadow-2); font-size: 13px; }
.below .icon { width: 16px; height: 16px; }
.day, .system { align-self: center; max-width: 90%; text-align: center; color: var(--lx-text-3); font-size: 12px; line-height: 1.6; margin: 14px 0 10px; }
.system { padding: 3px 12px; border-radius: 99px; background: var(--lx-sunken); margin: 10px 0; }
.message { display: flex; gap: 8px; margin-bottom: 3px; max-width: 100%; animation: pop var(--lx-slow) var(--lx-ease); }
@keyframes pop { from { opacity: 0; transform: translateY(6px); } }
.message.last { margin-bottom: 14px; }
.message.own { justify-content: flex-end; }
.face { width: 30px; flex: none; }
.first .face { height: 30px; margin-top: 22px; border-radius: 50%; background: var(--soft); color: var(--brand-text); display: grid; place-items: center; font-size: 13px; font-weight: 600; }
.body { max-width: calc(100% - 72px); min-width: 0; display: flex; flex-direction: column; align-items: flex-start; }
.own .body { align-items: flex-end; max-width: 82%; }
.name { font-size: 12px; color: var(--lx-text-3); line-height: 18px; margin: 0 0 4px 2px; }
.bubble { padding: 9px 14px; border-radius: 6px 16px 16px 6px; background: var(--lx-raised); box-shadow: var(--lx-shadow-1); max-width: 100%; overflow-wrap: anywhere; white-space: pre-wrap; font-size: 15px; line-height: 1.6; }
.other.first .bubble { border-top-left-radius: 16px; }
.other.last .bubble { border-bottom-left-radius: 16px; }
.own .bubble { background: var(--brand); color: var(--ink); border-radius: 16px 6px 6px 16px; box-shadow: none; }
.own.first .bubble { border-top-right-radius: 16px; }
.own.last .bubble { border-bottom-right-radius: 16px; }
.bubble a { color: var(--brand-text); text-decoration: underline; text-underline-offset: 3px; }
.own .bubble a { color: inherit; }
.bubble.recalled { background: none; box-shadow: none; color: var(--lx-text-3); font-size: 13px; font-style: normal; padding-inline: 2px; }
.edited { opacity: .65; font-size: 12px; }
.recalled button { color: var(--brand-text); }
.quoted { display: block; width: 100%; margin-bottom: 4px; padding-left: 8px; border-left: 3px solid; opacity: .75; font-size: 13px; text-align: start; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.held { position: relative; max-width: 100%; }
.acts { position: absolute; z-index: 1; display: flex; border-radius: 10px; background: var(--lx-raised); color: var(--lx-text-2); box-shadow: var(--lx-shadow-2); visibility: hidden; transition: visibility 0s .12s; }
.own .acts { right: 0; bottom: calc(100% - 8px); }
.other .acts { left: calc(100% + 4px); top: 4px; }
.message:is(:hover, :focus, :focus-within) .acts { visibility: visible; }
.ended .acts { display: none; }
.acts button { width: 30px; height: 30px; display: grid; place-items: center; border-radius: 10px; }
.acts button:hover { color: var(--brand-text); background: var(--lx-sunken); }
.acts .icon { width: 16px; height: 16px; }
.message:focus-visible { box-shadow: none; }
.message:focus-visible .bubble { box-shadow: var(--lx-ring); }
.picture { position: relative; display: block; border-radius: 14px; overflow: hidden; background: var(--lx-sunken); max-width: 220px; box-shadow: var(--lx-shadow-1); cursor: zoom-in; }
.picture img { display: block; max-width: 220px; max-height: 260px; min-width: 64px; min-height: 48px; object-fit: cover; }
.bubble.file { display: flex; align-items: center; gap: 12px; text-decoration: none; position: relative; overflow: hidden; color: inherit; min-width: 180px; }
.own .bubble.file { color: var(--ink); }
.file .icon { width: 26px; height: 26px; }
.file b { display: block; font-weight: 500; font-size: 14px; line-height: 1.4; }
.file small { font-size: 12px; opacity: .75; }
.bar { position: absolute; left: 0; right: 0; bottom: 0; height: 4px; background: rgba(0,0,0,.25); opacity: 0; transition: opacity var(--lx-slow); }
.bar::after { content: ""; position: absolute; inset: 0; background: #fff; transform-origin: 0 0; transform: scaleX(var(--done, 1)); transition: transform var(--lx-fast); }
.message:has([data-status=uploading]) .bar { opacity: 1; }
.meta { display: flex; align-items: center; gap: 6px; font-size: 12px; line-height: 18px; color: var(--lx-text-3); margin: 3px 3px 0; }
.message:not(.last) .meta { display: none; }
.message:not(.last):has([data-status=failed]) .meta, .message:not(.last):has([data-status=sending]) .meta { display: flex; }
.status { display: inline-flex; align-items: center; gap: 3px; }
.status .icon { width: 15px; height: 15px; stroke-width: 2; }
.status[data-status=read] { color: var(--brand-text); }
.status[data-status=failed] { color: var(--lx-danger); }
.status button { display: none; white-space: nowrap; padding: 0 4px; color: var(--brand-text); font-weight: 500; text-decoration: underline; text-underline-offset: 3px; }
.status[data-status=failed] button { display: inline; }
.status .drop { color: var(--lx-text-3); font-weight: 400; }
.typing { display: flex; align-items: center; gap: 8px; padding: 0 20px 10px; background: var(--lx-canvas); color: var(--lx-text-3); font-size: 12px; flex: none; }
.dots { display: inline-flex; gap: 4px; padding: 8px 10px; border-radius: 12px; background: var(--lx-raised); box-shadow: var(--lx-shadow-1); }
.dots i { width: 5px; height: 5px; border-radius: 50%; background: currentColor; animation: blink 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .15s; } .dots i:nth-child(3) { animation-delay: .3s; }
@keyframes blink { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }

.foot { flex: none; border-top: 1px solid var(--lx-line); background: var(--lx-surface); padding-bottom: env(safe-area-inset-bottom); }
.composer { position: relative; display: flex; flex-wrap: wrap; align-items: flex-end; gap: 4px; padding: 10px 12px; }
.about { flex: 100%; display: flex; align-items: center; gap: 8px; min-width: 0; padding-left: 8px; border-left: 3px solid var(--brand); font-size: 13px; color: var(--lx-text-2); }
.about b { font-weight: 500; color: var(--brand-text); flex: none; }
.about span { flex: 1; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.about button { padding: 6px; }
.about .icon { width: 14px; height: 14px; }
.input { flex: 1; min-width: 0; resize: none; border: 0; background: none; padding: 8px 6px; font-size: 15px; line-height: 22px; height: 38px; max-height: 120px; }
.input:focus-visible { box-shadow: none; }
.input::placeholder { color: var(--lx-text-3); opacity: 1; }
.tool, .send { width: 38px; height: 38px; border-radius: 12px; display: grid; place-items: center; flex: none; color: var(--lx-text-2); transition: background var(--lx-fast), color var(--lx-fast); }
.tool:hover { background: var(--lx-sunken); color: var(--lx-text); }
.send { background: var(--brand); color: var(--ink); }
.send:disabled { background: var(--lx-sunken); color: var(--lx-text-3); }
.notice { padding: 8px 20px; font-size: 13px; color: var(--lx-danger); background: var(--lx-danger-soft); }

.droptip { position: absolute; inset: 8px; border: 2px dashed var(--brand); border-radius: 14px; background: var(--soft); opacity: .96; color: var(--brand-text); display: none; place-items: center; font-size: 15px; pointer-events: none; z-index: 2; }
.dropping .droptip { display: grid; }
@keyframes fade { from { opacity: 0; } }

@media (max-width: 480px), (max-height: 460px) {
  .panel { inset: 0; width: auto; height: var(--vh, 100dvh); max-height: none; top: var(--vt, 0px); bottom: auto; border-radius: 0; animation-name: fade; }
  .head { padding-top: calc(12px + env(safe-area-inset-top)); padding-bottom: 12px; }
  .open .launcher { display: none; }
  .launcher { right: 16px; bottom: calc(16px + env(safe-area-inset-bottom)); width: 56px; height: 56px; }
  .head button { width: 44px; height: 44px; }
  .tool, .send { width: 44px; height: 44px; }
  .input { font-size: 16px; height: 44px; padding-block: 11px; } /* under 16px iOS zooms in */
}
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation-duration: .01ms !important; animation-iteration-count: 1 !important; transition: none !important; } }
`;

  /** Adds a style sheet to `root`; constructed ones pass a strict CSP of the host page. */
  W.dress = function (root, text) {
    try {
      const made = new CSSStyleSheet();
      made.replaceSync(text);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, made];
    } catch (error) {
      root.append(W.h("style", {}, text));
    }
  };

  W.css = LingxiClient.tokensCss + sheet;
})((LingxiClient.widget = LingxiClient.widget || {}));
