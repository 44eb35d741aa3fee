/* The third file's words, Chinese and English. */
(function (W) {
  "use strict";

  const zh = {
    ticket: "工单", look: "查看进度", updated: (when) => `更新于 ${when}`, back: "返回", none: "还没有工单", more: "更多",
    make: "提交工单", kind: "类型", title: "标题", detail: "详细说明", files: "附件（选填）", uploading: "正在上传…", choose: "请选择",
    submit: "提交", made: (number) => `已提交，编号 ${number}`, fill: "必填", optional: "选填", yes: "是", no: "否",
    progress: "进展", mine: "我", agent: (name) => `受理人：${name}`, say: "补充说明…", send: "发送补充",
    urge: "催办", urges: ({ count, left }) => (left ? `已催办 ${count} 次，今天还可 ${left} 次` : `已催办 ${count} 次，今天的次数已用完`),
    urgeLater: (when) => `${when} 后可再次催办`,
    how: "您对处理结果满意吗？", stars: (n) => `${n} 星`, scores: ["", "很不满意", "不太满意", "一般", "满意", "非常满意"],
    comment: "还想说点什么？（选填）", rate: "提交评价", rated: (n) => `您的评价：${n} 星`,
    open: "未解决", solved: "已解决", why: "哪里还没有解决？", reopen: "重新打开工单", until: (when) => `可在 ${when} 前重新打开`, cancel: "取消",
  };

  const en = {
    ticket: "Ticket", look: "View progress", updated: (when) => `Updated ${when}`, back: "Back", none: "No tickets yet", more: "More",
    make: "Submit a ticket", kind: "Kind", title: "Title", detail: "Details", files: "Files (optional)", uploading: "Uploading…", choose: "Please choose",
    submit: "Submit", made: (number) => `Submitted as ${number}`, fill: "required", optional: "optional", yes: "Yes", no: "No",
    progress: "Progress", mine: "You", agent: (name) => `Handled by ${name}`, say: "Add something…", send: "Send",
    urge: "Urge", urges: ({ count, left }) => (left ? `Urged ${count} times, ${left} left today` : `Urged ${count} times, none left today`),
    urgeLater: (when) => `Again after ${when}`,
    how: "Are you satisfied with the result?", stars: (n) => `${n} ${n === 1 ? "star" : "stars"}`, scores: ["", "Very poor", "Poor", "Fair", "Good", "Excellent"],
    comment: "Anything to add? (optional)", rate: "Submit rating", rated: (n) => `Your rating: ${n}/5`,
    open: "Not solved", solved: "Solved", why: "What is still not solved?", reopen: "Reopen the ticket", until: (when) => `Until ${when}`, cancel: "Cancel",
  };

  W.ticketWords = (lang) => (lang === "en" ? en : zh);
})(LingxiClient.widget);
