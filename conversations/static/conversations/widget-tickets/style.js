/* The style of the third file. */
(function (W) {
  "use strict";

  W.ticketSheet = `
.card { display: grid; gap: 6px; min-width: 236px; white-space: normal; border: 1px solid var(--lx-line); }
.card .pill { justify-self: start; margin: 4px 0 3px; }
.card small, .desk small { color: var(--lx-text-3); font-size: 12px; line-height: 18px; }
.line { display: flex; align-items: center; gap: 8px; font-size: 13px; }
.line b { font-weight: 600; }
.line .icon { width: 17px; height: 17px; color: var(--brand-text); }
.what { font-size: 15px; font-weight: 500; line-height: 1.5; overflow-wrap: anywhere; }
.state { margin-left: auto; padding: 1px 10px; border-radius: 99px; font-size: 12px; line-height: 20px; white-space: nowrap; background: var(--lx-info-soft); color: var(--lx-info); }
.state.pending, .state.on_hold { background: var(--lx-warn-soft); color: var(--lx-warn); }
.state.resolved { background: var(--lx-ok-soft); color: var(--lx-ok); }
.state.closed { background: var(--lx-sunken); color: var(--lx-text-2); }
.solid, .quiet, .pill { min-height: 36px; padding: 0 16px; border-radius: 12px; font-weight: 500; font-size: 14px; }
.solid { background: var(--brand); color: var(--ink); } .solid:disabled, .pill:disabled { opacity: .5; }
.quiet { color: var(--lx-text-2); } .quiet:hover { background: var(--lx-sunken); }
.pill { border: 1px solid var(--lx-line-strong); }
.asks { display: grid; gap: 8px; padding-top: 8px; border-top: 1px solid var(--lx-line); }
.asks p, .hint { margin: 0; font-size: 13px; line-height: 1.6; color: var(--lx-text-2); }
.hint:empty { display: none; }
.asks .choices, .desk .choices { display: flex; gap: 8px; align-items: center; flex-wrap: wrap; justify-content: flex-start; }
.card .stars, .desk .stars { display: flex; gap: 2px; margin-left: -6px; }
.card .star, .desk .star { width: 40px; height: 40px; border-radius: 10px; display: grid; place-items: center; color: var(--lx-line-strong); }
.star .icon { width: 26px; height: 26px; stroke-width: 1.5; }
.star.on { color: var(--lx-star) !important; } .star.on .icon { fill: currentColor; }
.card textarea, .desk :is(input:not([type=checkbox]), textarea, select) { width: 100%; min-width: 0; padding: 8px 12px; border-radius: 12px; border: 1px solid var(--lx-line-strong); background: var(--lx-surface); color: var(--lx-text); font-size: 14px; line-height: 1.5; resize: none; }
.card ::placeholder, .desk ::placeholder { color: var(--lx-text-3); opacity: 1; }
.desk { position: absolute; z-index: 3; inset: var(--top, 72px) 0 0; display: flex; flex-direction: column; background: var(--lx-surface); animation: pop var(--lx-slow) var(--lx-ease); }
.desk > .top { display: flex; align-items: center; gap: 8px; padding: 8px 8px 8px 20px; border-bottom: 1px solid var(--lx-line); flex: none; }
.desk > .top h3 { flex: 1; margin: 0; font-size: 15px; font-weight: 600; line-height: 40px; }
.desk > .top button { width: 40px; height: 40px; margin: 0; border-radius: 10px; display: grid; place-items: center; color: var(--lx-text-2); }
.desk > .top button:first-child { margin-left: -12px; } .desk > .top button:first-child .icon { transform: rotate(90deg); }
.inside { flex: 1; overflow-y: auto; padding: 16px 20px calc(20px + env(safe-area-inset-bottom)); display: grid; gap: 12px; align-content: start; }
.inside > * { margin: 0; }
.inside h4 { font-weight: 600; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.rows, .steps { list-style: none; padding: 0; margin: 0; display: grid; gap: 8px; }
.rows button { width: 100%; display: grid; gap: 4px; padding: 12px 14px; text-align: start; border-radius: 14px; border: 1px solid var(--lx-line); }
.rows button:hover { background: var(--lx-sunken); }
.steps { gap: 10px; padding-left: 14px; border-left: 2px solid var(--lx-line); }
.steps li { display: flex; justify-content: space-between; gap: 8px; font-size: 13px; line-height: 20px; }
.steps .said { flex-direction: column; gap: 2px; padding: 10px 14px; border-radius: 12px; background: var(--lx-sunken); font-size: 14px; overflow-wrap: anywhere; white-space: pre-wrap; }
.steps .mine { background: var(--soft); }
.said b { font-weight: 500; }
.desk dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 14px; font-size: 13px; }
.desk dt { color: var(--lx-text-3); } .desk dd { margin: 0; overflow-wrap: anywhere; }
.attached { display: inline-flex; align-items: center; gap: 4px; color: var(--brand-text); font-size: 13px; overflow-wrap: anywhere; }
.attached .icon { width: 15px; height: 15px; }
.desk .fields { display: grid; gap: 12px; }
.desk .field, .desk form > label { display: grid; gap: 4px; font-size: 13px; color: var(--lx-text-2); }
.desk .field i { color: var(--lx-danger); font-style: normal; }
.desk fieldset { display: grid; gap: 8px; margin: 0; padding: 0; border: 0; min-width: 0; } .desk legend { padding: 0; }
.desk .tick { display: flex; gap: 8px; align-items: center; min-height: 32px; color: var(--lx-text); }
.desk [aria-invalid=true] { border-color: var(--lx-danger); }
.desk .wrong { color: var(--lx-danger); font-size: 12px; } .desk .wrong:empty { display: none; }
@media (max-width: 480px) { .card textarea, .desk :is(input, textarea, select) { font-size: 16px !important; } .card .star, .desk .star { width: 44px; height: 44px; } .card :is(.solid, .quiet, .pill), .desk :is(.solid, .quiet, .pill) { min-height: 44px; } }
`;
})(LingxiClient.widget);
