/* The style of the second file; it goes on top of the first one's. */
(function (W) {
  "use strict";

  W.moreSheet = `
.sheet { padding: 20px 24px 22px; text-align: center; display: grid; gap: 10px; justify-items: center; animation: pop var(--lx-slow) var(--lx-ease); }
.sheet h3 { margin: 0; font-size: 16px; font-weight: 600; line-height: 1.5; }
.sheet p { margin: 0; color: var(--lx-text-2); font-size: 13px; }
.choices { display: flex; gap: 10px; justify-content: center; flex-wrap: wrap; }
.solid, .quiet, .pill { min-height: 40px; padding: 0 20px; border-radius: 12px; font-weight: 500; transition: background var(--lx-fast), filter var(--lx-fast); }
.solid { background: var(--brand); color: var(--ink); }
.solid:hover { filter: brightness(1.06); } .solid:disabled { opacity: .6; }
.quiet { color: var(--lx-text-2); } .quiet:hover { background: var(--lx-sunken); }
.sheet .choices .quiet + .solid { min-width: 110px; }
.pill { min-height: 36px; border: 1px solid var(--lx-line-strong); }
.pill[aria-pressed=true] { border-color: var(--brand); background: var(--soft); color: var(--brand-text); }
.stars { display: flex; gap: 4px; }
.star { width: 42px; height: 42px; border-radius: 10px; display: grid; place-items: center; color: var(--lx-line-strong); transition: color var(--lx-fast), transform var(--lx-fast); }
.star:hover { transform: scale(1.1); }
.star .icon { width: 30px; height: 30px; stroke-width: 1.5; }
.star.on { color: var(--lx-star); } .star.on .icon { fill: currentColor; }
.score-word { min-height: 20px; }
.more { display: grid; gap: 10px; width: 100%; justify-items: center; }

.extra > div { padding: 12px 20px 14px; display: grid; gap: 10px; border-top: 1px solid var(--lx-line); }
.extra h3 { margin: 0; font-size: 15px; font-weight: 600; line-height: 24px; }
.extra p { margin: 0; color: var(--lx-text-2); font-size: 13px; line-height: 1.6; white-space: pre-wrap; overflow-wrap: anywhere; }
.top { display: flex; align-items: flex-start; justify-content: space-between; gap: 12px; }
.top button { width: 32px; height: 32px; margin: -4px -8px 0 0; border-radius: 10px; display: grid; place-items: center; flex: none; color: var(--lx-text-2); }
.top button:hover { background: var(--lx-sunken); }
.top .icon { width: 16px; height: 16px; }
.fields { display: grid; gap: 10px; }
.pair { display: grid; align-items: start; grid-template-columns: 1fr 1fr; gap: 10px; }
.extra label { display: grid; gap: 4px; font-size: 12px; line-height: 18px; color: var(--lx-text-2); min-width: 0; }
.extra :is(input, textarea), .more textarea { width: 100%; padding: 8px 12px; border-radius: 12px; border: 1px solid var(--lx-line-strong); background: var(--lx-surface); color: var(--lx-text); font-size: 14px; line-height: 1.5; resize: none; }
.extra ::placeholder, .more ::placeholder { color: var(--lx-text-3); opacity: 1; }
.extra [aria-invalid=true] { border-color: var(--lx-danger); }
.wrong { color: var(--lx-danger); }
.wrong:empty { display: none; }
.said { display: grid; gap: 2px; padding: 10px 14px; border-radius: 12px; background: var(--lx-sunken); font-size: 14px; line-height: 1.6; overflow-wrap: anywhere; }
.said small { font-size: 12px; color: var(--lx-text-3); }
.slim { grid-template-columns: 1fr auto; align-items: center; }
.slim p { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }

.invite { position: fixed; z-index: 2147483000; right: calc(24px + env(safe-area-inset-right)); bottom: calc(98px + env(safe-area-inset-bottom)); width: 290px; max-width: calc(100vw - 32px); padding: 16px;
  border-radius: 18px 18px 6px 18px; background: var(--lx-raised); box-shadow: var(--lx-shadow-3); display: grid; gap: 12px; animation: rise var(--lx-slow) var(--lx-ease); }
.invite p { margin: 0; font-size: 15px; line-height: 1.6; overflow-wrap: anywhere; }
.invite .solid { justify-self: start; }
.invite .top button { margin: -8px -8px 0 0; }
@media (max-width: 480px) { .invite { right: 16px; bottom: calc(84px + env(safe-area-inset-bottom)); } .top button { width: 44px; height: 44px; margin: -10px -14px 0 0; } .invite .top button { margin: -14px -14px 0 0; } .extra :is(input, textarea), .more textarea { font-size: 16px; } }

.lightbox { position: fixed; inset: 0; z-index: 2147483001; background: var(--lx-overlay); display: grid; place-items: center; padding: 24px; animation: fade var(--lx-slow); cursor: zoom-out; backdrop-filter: blur(6px); }
.lightbox img { max-width: 100%; max-height: calc(100vh - 48px); border-radius: 12px; box-shadow: var(--lx-shadow-3); }
.lightbox button { position: absolute; top: calc(16px + env(safe-area-inset-top)); right: 16px; width: 44px; height: 44px; border-radius: 50%; background: rgba(0,0,0,.5); color: #fff; display: grid; place-items: center; }
`;
})(LingxiClient.widget);
