/* Words of the widget, Chinese and English. */
(function (W) {
  "use strict";

  const zh = {
    launcher: "联系客服", unread: (n) => `${n} 条未读消息`, close: "收起", log: "聊天记录",
    online: "在线客服", away: "请留言，我们会尽快回复", serving: (name) => `${name} 正在为您服务`,
    placeholder: "输入消息…", send: "发送", attach: "发送图片或文件", dropHere: "松开即可发送",
    greeting: "您好！请问有什么可以帮您？",
    queueAhead: (n) => `前面还有 ${n} 位`, queueNext: "即将为您接入", queueing: "正在排队",
    wait: (m) => (m < 1 ? "预计等待不到 1 分钟" : `预计等待约 ${m} 分钟`),
    connecting: "正在连接…", reconnecting: "连接中断，正在重新连接。消息会自动补发",
    noNetwork: "网络已断开，恢复后消息会自动发送", refused: "暂时无法连接客服，请稍后再试",
    typing: (name) => `${name || "客服"}正在输入`, joined: (name) => `${name} 已接入，为您服务`,
    transferred: (name) => `已为您转接到 ${name}`, transferring: "正在为您转接，请稍候",
    closed: "会话已结束", offline: "客服暂时不在线，请留言，我们会尽快回复",
    status: { pending: "发送中", sending: "发送中…", uploading: "上传中", failed: "未发送", queued: "已发送",
      dispatched: "已发送", delivered: "已送达", read: "已读" },
    reasons: { timeout: "网络不通", closed: "会话已结束", too_long: "内容过长", forbidden: "没有权限",
      invalid: "内容有误", conflict: "内容冲突", upload: "上传失败", too_big: "文件太大" },
    retry: "重试", discard: "删除", recalled: "消息已撤回", edited: "已修改",
    quote: "引用", recall: "撤回", edit: "修改", rewrite: "重新编辑", original: "原消息", drop: "取消", image: "图片",
    tooBig: (mb) => `文件不能超过 ${mb} MB`, newBelow: "新消息", you: "我", agent: "客服",
    end: "结束会话", endFailed: "没有成功，请重试", rated: (n) => `您的评价：${n} 星`,
    bot: "智能客服为您服务", human: "转人工", join: (name) => `客服 ${name} 加入会话`, leave: (name) => `客服 ${name} 离开会话`,
    blocked: "暂时无法为您提供服务", tickets: "我的工单",
    today: "今天", yesterday: "昨天",
  };

  const en = {
    launcher: "Chat with us", unread: (n) => `${n} unread`, close: "Minimise", log: "Conversation",
    online: "Customer service", away: "Leave a message, we will reply soon", serving: (name) => `${name} is helping you`,
    placeholder: "Write a message…", send: "Send", attach: "Send a picture or file", dropHere: "Drop to send",
    greeting: "Hello! How can we help?",
    queueAhead: (n) => `${n} ahead of you`, queueNext: "You are next", queueing: "In the queue",
    wait: (m) => (m < 1 ? "less than a minute" : `about ${m} min`),
    connecting: "Connecting…", reconnecting: "Connection lost, reconnecting. Messages will be sent",
    noNetwork: "You are offline. Messages will be sent when you are back", refused: "Chat is not available right now",
    typing: (name) => `${name || "Agent"} is typing`, joined: (name) => `${name} has joined`,
    transferred: (name) => `You are now talking to ${name}`, transferring: "Transferring you, one moment",
    closed: "This conversation has ended", offline: "Nobody is online. Leave a message, we will reply soon",
    status: { pending: "Sending", sending: "Sending…", uploading: "Uploading", failed: "Not sent", queued: "Sent",
      dispatched: "Sent", delivered: "Delivered", read: "Read" },
    reasons: { timeout: "no connection", closed: "conversation ended", too_long: "too long", forbidden: "not allowed",
      invalid: "not accepted", conflict: "conflict", upload: "upload failed", too_big: "file too large" },
    retry: "Retry", discard: "Delete", recalled: "Message recalled", edited: "edited",
    quote: "Quote", recall: "Recall", edit: "Edit", rewrite: "Edit again", original: "Earlier message", drop: "Cancel", image: "Image",
    tooBig: (mb) => `Files may be up to ${mb} MB`, newBelow: "New messages", you: "You", agent: "Agent",
    end: "End conversation", endFailed: "That did not work, please try again", rated: (n) => `Your rating: ${n}/5`,
    bot: "Our assistant is helping you", human: "Talk to a person", join: (name) => `${name} has joined`, leave: (name) => `${name} has left`,
    blocked: "Chat is not available", tickets: "My tickets",
    today: "Today", yesterday: "Yesterday",
  };

  /** `wanted` is zh, en or auto (the page's language, then the browser's). */
  W.words = function (wanted) {
    const auto = document.documentElement.lang || navigator.language || "zh";
    const lang = wanted === "zh" || wanted === "en" ? wanted : /^zh/i.test(auto) ? "zh" : "en";
    return Object.assign({ lang: lang === "zh" ? "zh-CN" : "en" }, lang === "zh" ? zh : en);
  };
})((LingxiClient.widget = LingxiClient.widget || {}));
