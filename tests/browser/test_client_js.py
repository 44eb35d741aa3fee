"""client.js in a real browser engine, against a fake WebSocket and a fake fetch."""

# ruff: noqa: E501  (the bodies of the tests are JavaScript)

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

CLIENT = Path(__file__).resolve().parents[2] / "lingxi" / "static" / "lingxi" / "client.js"
LAB = Path(__file__).with_name("client_lab.js")
Run = Callable[[str], Any]


@pytest.fixture
def run(browser: Browser) -> Iterator[Run]:
    """Runs the body of an async JS function in a page of its own and returns its value."""
    page = browser.new_page()
    page.add_script_tag(path=str(CLIENT))
    page.add_script_tag(path=str(LAB))
    yield lambda body: page.evaluate("async () => {" + body + "}")
    page.close()


def test_shows_in_order_and_drops_what_it_has(run: Run) -> None:
    seen = run("""
      const lab = await window.lab().begin();
      lab.events(lab.event(1), lab.event(2));
      lab.events(lab.event(1), lab.event(2), lab.event(3));
      lab.events(lab.event(3));
      return lab.seen;
    """)
    assert seen == [1, 2, 3]


def test_gap_is_asked_for_again_and_nothing_beyond_it_is_shown(run: Run) -> None:
    before, asked, after = run("""
      const lab = await window.lab().begin();
      lab.events(lab.event(1), lab.event(3));
      const before = [...lab.seen], asked = lab.ws().of("subscribe").map(f => [f.conversation, f.after]);
      lab.events(lab.event(2), lab.event(3), lab.event(4));
      return [before, asked, lab.seen];
    """)
    assert before == [1]
    assert asked == [["c1", 1]]
    assert after == [1, 2, 3, 4]


def test_head_beyond_the_last_makes_it_ask(run: Run) -> None:
    asked = run("""
      const lab = await window.lab().begin();
      lab.ws().say({ t: "head", conversation: "c1", seq: 5 });
      await lab.until(() => lab.ws().of("subscribe").length >= 2);
      return lab.ws().of("subscribe").map(f => f.after);
    """)
    assert set(asked) == {0}, "asked, and asked again because nothing came"


def test_reconnect_resumes_at_the_cursor_and_resends_in_order(run: Run) -> None:
    result = run("""
      const lab = await window.lab().begin();
      lab.events(lab.event(1));
      const ids = ["a", "b", "c"].map(text => lab.client.send("c1", "text", { text }).client_msg_id);
      await lab.until(() => lab.ws().of("send").length === 1);
      await lab.cut();
      const cursor = lab.ws().of("hello")[0].cursors.c1;
      for (let seq = 2; seq <= 4; seq++) {
        await lab.until(() => lab.ws().of("send").length === seq - 1);
        lab.ws().say({ t: "ack", client_msg_id: ids[seq - 2], message_id: "m", seq, dup: seq === 2 });
        lab.events(lab.mine(seq, ids[seq - 2]));
      }
      return { cursor, sent: lab.ws().of("send").map(f => f.content.text), seen: lab.seen,
        left: [...lab.store.keys()].filter(key => key.includes("out:")), pending: lab.client.pending("c1") };
    """)
    assert result["cursor"] == {"epoch": "e1", "seq": 1}
    assert result["sent"] == ["a", "b", "c"]
    assert result["seen"] == [1, 2, 3, 4]
    assert result["left"] == []
    assert result["pending"] == []


def test_stored_without_an_ack_is_not_sent_again(run: Run) -> None:
    sent, pending = run("""
      const lab = await window.lab().begin();
      const { client_msg_id } = lab.client.send("c1", "text", { text: "x" });
      await lab.until(() => lab.ws().of("send").length);
      lab.events(lab.mine(1, client_msg_id));
      await lab.cut();
      await lab.sleep(60);
      return [lab.ws().of("send").length, lab.client.pending("c1").length];
    """)
    assert (sent, pending) == (0, 0)


def test_outbox_survives_a_reload(run: Run) -> None:
    sent = run("""
      const first = window.lab();
      await first.client.open("c1");
      first.client.send("c1", "text", { text: "one" });
      first.client.send("c1", "text", { text: "two" });
      const again = await window.lab({ store: first.store }).begin();
      for (const seq of [1, 2]) {
        await again.until(() => again.ws().of("send").length === seq);
        again.ws().say({ t: "ack", client_msg_id: again.ws().of("send")[seq - 1].client_msg_id, seq });
      }
      return [again.ws().of("send").map(f => f.content.text), [...again.store.keys()].filter(k => k.includes("out:")).length];
    """)
    assert sent == [["one", "two"], 0]


def test_busy_is_retried_in_its_place_and_others_fail_with_a_reason(run: Run) -> None:
    result = run("""
      const lab = await window.lab().begin();
      const send = (text) => lab.client.send("c1", "text", { text }).client_msg_id;
      const [a, b] = [send("a"), send("b")];
      await lab.until(() => lab.ws().of("send").length === 1);
      lab.ws().say({ t: "nack", client_msg_id: a, code: "rate_limited", retry_after: 0.05 });
      await lab.sleep(20);
      const early = lab.ws().of("send").length;
      await lab.until(() => lab.ws().of("send").length === 2);
      lab.ws().say({ t: "nack", client_msg_id: a, code: "too_long", detail: "!" });
      await lab.until(() => lab.ws().of("send").length === 3);
      const kept = lab.client.pending("c1").map(e => [e.content.text, e.status, e.reason]);
      lab.client.retry(a);
      lab.ws().say({ t: "ack", client_msg_id: b, seq: 1 });
      await lab.until(() => lab.ws().of("send").length === 4);
      return { early, kept, sent: lab.ws().of("send").map(f => f.content.text) };
    """)
    assert result["early"] == 1, "b must not overtake a"
    assert result["kept"] == [["a", "failed", "too_long"], ["b", "pending", None]]
    assert result["sent"] == ["a", "a", "b", "a"]


def test_unacked_is_shown_as_sending_then_failed_and_still_arrives(run: Run) -> None:
    statuses = run("""
      const lab = await window.lab({ timing: { slow: 60, failed: 160, resend: 50 } }).begin();
      const { client_msg_id } = lab.client.send("c1", "text", { text: "x" });
      await lab.until(() => lab.statuses.some(s => s[1] === "failed"));
      const tries = new Set(lab.ws().of("send").map(f => f.client_msg_id));
      lab.ws().say({ t: "ack", client_msg_id, seq: 1 });
      return [lab.statuses.filter(s => s[0] === client_msg_id).map(s => s[1]), lab.ws().of("send").length > 1, tries.size];
    """)
    assert statuses == [["sending", "failed", "queued"], True, 1]


def test_delivery_goes_from_queued_to_read(run: Run) -> None:
    statuses = run("""
      const lab = await window.lab().begin();
      const { client_msg_id } = lab.client.send("c1", "text", { text: "x" });
      await lab.until(() => lab.ws().of("send").length);
      lab.ws().say({ t: "ack", client_msg_id, seq: 1 });
      lab.events(lab.mine(1, client_msg_id));
      lab.events(lab.event(2, { kind: "assignment", content: { agent: { id: "a1", name: "A" } } }));
      lab.ws().say({ t: "head", conversation: "c1", seq: 2, delivered: 1 });
      lab.ws().say({ t: "read", conversation: "c1", seq: 2 });
      return [...new Set(lab.statuses.map(s => s[1]))];
    """)
    assert statuses == ["queued", "dispatched", "delivered", "read"]


def test_receipts_are_coalesced(run: Run) -> None:
    received, read = run("""
      const lab = await window.lab({ timing: { receipt: 40 } }).begin();
      for (let seq = 1; seq <= 5; seq++) { lab.events(lab.event(seq)); lab.client.read("c1"); }
      await lab.until(() => lab.ws().of("read").length);
      await lab.sleep(60);
      return [lab.ws().of("received").map(f => f.seq), lab.ws().of("read").map(f => f.seq)];
    """)
    assert (received, read) == ([5], [5])


def test_typing_is_throttled_and_ends_with_the_last_words(run: Run) -> None:
    previews = run("""
      const lab = await window.lab({ timing: { typing: 50 } }).begin();
      for (const text of ["n", "ni", "nih", "你好"]) lab.client.typing("c1", text);
      await lab.sleep(120);
      return lab.ws().of("typing").map(f => f.preview);
    """)
    assert previews == ["n", "你好"]


def test_resync_reloads_history_and_goes_on(run: Run) -> None:
    result = run("""
      const lab = window.lab();
      const all = [1, 2, 3].map(seq => lab.event(seq));
      lab.routes["/api/v1/visitor/events"] = (url) => {
        const after = Number(new URL(url).searchParams.get("after"));
        return [200, { events: all.slice(after, after + 2), seq: 3, epoch: "e2" }];
      };
      await lab.begin();
      let told = null;
      lab.client.on("resync", (r) => (told = [r.reason, r.log.events.length]));
      lab.ws().say({ t: "resync", conversation: "c1", reason: "epoch" });
      await lab.until(() => told);
      lab.events(lab.event(4));
      return { told, last: lab.client.log("c1").last, epoch: lab.client.log("c1").epoch,
        asked: lab.ws().of("subscribe").pop(), seen: lab.seen };
    """)
    assert result["told"] == ["epoch", 3]
    assert (result["last"], result["epoch"], result["seen"]) == (4, "e2", [4])
    assert result["asked"]["after"] == 3


def test_first_message_opens_the_conversation_once(run: Run) -> None:
    result = run("""
      let opened = 0;
      const lab = window.lab({ client: { openConversation: async () => (opened++, { id: "c9", epoch: "e", queue: { ahead: 2 } }) } });
      lab.client.start();
      await lab.online();
      lab.client.send(null, "text", { text: "a" });
      lab.client.send(null, "text", { text: "b" });
      const first = await lab.until(() => lab.ws().of("send")[0]);
      return [opened, first.conversation, lab.ws().of("subscribe")[0].conversation, lab.client.pending("c9").length,
        lab.client.log("c9").queue.ahead];
    """)
    assert result == [1, "c9", "c9", 2, 2]


def test_falls_back_to_http_and_returns_to_websocket(run: Run) -> None:
    result = run("""
      const lab = window.lab({ timing: { upgrade: 150 } });
      const log = [];
      lab.routes["/api/v1/visitor/events"] = async (url) => {
        await lab.sleep(10);
        return [200, { events: log.slice(Number(new URL(url).searchParams.get("after"))), seq: log.length, epoch: "e1" }];
      };
      lab.routes["/api/v1/visitor/messages"] = async (url, init) => {
        const body = JSON.parse(init.body);
        if (!log.some(e => e.client_msg_id === body.client_msg_id)) log.push(lab.mine(log.length + 1, body.client_msg_id));
        return [201, { t: "ack", client_msg_id: body.client_msg_id, message_id: "m", seq: log.length }];
      };
      lab.blocked = true;
      await lab.client.open("c1", { epoch: "e1" });
      lab.client.start();
      await lab.until(() => lab.states.includes("online:http"));
      lab.client.send("c1", "text", { text: "x" });
      lab.client.send("c1", "text", { text: "y" });
      await lab.until(() => lab.seen.length === 2);
      const n = lab.sockets.length;
      lab.blocked = false;
      await lab.online(n);
      return { seen: lab.seen, states: lab.states.slice(-1), hello: lab.ws().of("hello")[0].cursors.c1.seq,
        posts: lab.posts.filter(p => p.path.endsWith("/messages")).length, left: lab.client.pending("c1").length };
    """)
    assert result == {"seen": [1, 2], "states": ["online:ws"], "hello": 2, "posts": 2, "left": 0}


def test_expired_token_is_renewed(run: Run) -> None:
    hello, posts = run("""
      let n = 1;
      const lab = window.lab({ client: { authenticate: async () => ({ token: `t${++n}` }) } });
      await lab.begin();
      await lab.cut(4401);
      const hello = lab.ws().of("hello")[0].token;
      lab.routes["/api/v1/thing"] = (url, init) => init.headers.Authorization === "Bearer t3" ? [200, {}] : [401, { code: "token_expired" }];
      await lab.client.request("GET", "/api/v1/thing");
      return [hello, lab.posts.map(p => p.auth)];
    """)
    assert hello == "t2"
    assert posts == ["Bearer t2", "Bearer t3"]


def test_dead_line_is_noticed_without_a_close(run: Run) -> None:
    count = run("""
      const lab = await window.lab({ timing: { probe: 60 } }).begin();
      lab.client.wake();
      await lab.until(() => lab.ws().of("ping").length);
      await lab.until(() => lab.sockets.length === 2);
      return lab.sockets.length;
    """)
    assert count == 2


def test_bye_says_when_to_come_back(run: Run) -> None:
    waited = run("""
      const lab = await window.lab().begin();
      const from = performance.now();
      lab.ws().say({ t: "bye", reason: "restart", reconnect_after: 0.3 });
      await lab.until(() => lab.sockets.length === 2);
      return performance.now() - from;
    """)
    assert waited >= 290


def test_agent_inbox_has_its_own_dense_stream(run: Run) -> None:
    result = run("""
      const lab = window.lab({ client: { role: "agent", self: { id: "a1" }, token: null } });
      const got = [];
      lab.client.on("inbox", ({ events, resync }) => got.push(resync ? "resync" : events.map(e => e.seq).join()));
      await lab.client.open("inbox", { seq: 7, epoch: "e" });
      lab.client.start();
      await lab.online();
      const say = (...seqs) => lab.ws().say({ t: "inbox", events: seqs.map(seq => ({ seq, conversation: "c1", change: "assigned" })) });
      say(7, 8);
      say(10);
      say(11);
      lab.ws().say({ t: "inbox", seq: 40, events: [] });
      say(41);
      return { got, cursor: lab.ws().of("hello")[0].cursors.inbox.seq };
    """)
    assert result == {"got": ["8", "resync", "11", "resync", "41"], "cursor": 7}


def test_agent_also_receives_what_is_not_opened(run: Run) -> None:
    result = run("""
      const lab = window.lab({ client: { role: "agent", self: { id: "a1" }, token: null } });
      lab.client.start();
      await lab.online();
      lab.events(lab.mine(1, "x"), lab.event(2));
      await lab.until(() => lab.ws().of("received").length);
      return [lab.seen, lab.ws().of("received")[0].seq, lab.client.log("c1").own.length];
    """)
    assert result == [[1, 2], 2, 1]


def test_a_throwing_listener_does_not_hold_up_the_stream(run: Run) -> None:
    assert run("""
      const lab = await window.lab().begin();
      lab.client.on("event", () => { throw new Error("mine"); });
      lab.events(lab.event(1)); lab.events(lab.event(2));
      return lab.seen;
    """) == [1, 2]


def test_cached_log_resumes_where_it_was(run: Run) -> None:
    result = run("""
      const first = await window.lab({ client: { cache: true } }).begin();
      first.events(first.event(1), first.event(2));
      await first.until(() => [...first.store.keys()].some(key => key.includes("log:")));
      const again = await window.lab({ store: first.store, client: { cache: true } }).begin();
      return [again.client.log("c1").events.map(e => e.seq), again.ws().of("hello")[0].cursors.c1.seq];
    """)
    assert result == [[1, 2], 2]


def test_a_recall_and_an_edit_change_what_they_speak_of(run: Run) -> None:
    result = run("""
      const lab = await window.lab().begin();
      const change = (seq, kind, content) => lab.event(seq, { kind, content });
      const told = [];
      lab.client.on("event", ({ event }) => told.push([event.kind, lab.client.log("c1").events[0].content]));
      lab.events(lab.event(1, { content: { type: "text", text: "a", reply_to: "m0" } }),
        change(2, "edit", { message: "m1", text: "b" }), lab.event(3));
      lab.events(change(4, "recall", { message: "m3" }), change(5, "recall", { message: "unknown" }));
      return { told, now: lab.client.log("c1").events.filter((e) => e.kind === "message").map((e) => e.content) };
    """)
    edited = {"type": "text", "text": "b", "edited": True, "reply_to": "m0"}
    assert result["now"] == [edited, {"type": "recalled"}]
    assert result["told"][1] == ["edit", edited], "told after the change"


def test_a_refused_recall_says_what_it_was_and_is_no_message(run: Run) -> None:
    result = run("""
      const lab = await window.lab().begin();
      const told = [];
      lab.client.on("status", ({ kind, status, detail }) => told.push([kind, status, detail]));
      const sent = lab.client.send("c1", "recall", { message: "m1" });
      await lab.until(() => lab.ws().of("send").length);
      lab.ws().say({ t: "nack", client_msg_id: sent.client_msg_id, code: "forbidden", detail: "late" });
      return [sent.kind, told, lab.client.send("c1", "text", { text: "x" }, { reply_to: "m1" }).content];
    """)
    assert result == [
        "recall",
        [["recall", "failed", "late"]],
        {"type": "text", "text": "x", "reply_to": "m1"},
    ]
