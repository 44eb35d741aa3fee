/* The second file's words, Chinese and English. */
(function (W) {
  "use strict";

  const zh = {
    endTitle: "结束本次会话？", endText: "结束后可以为本次服务评分，也可以随时再来咨询。", cancel: "继续咨询",
    rateTitle: "本次服务还满意吗？", stars: (n) => `${n} 星`,
    scores: ["", "很不满意", "不太满意", "一般", "满意", "非常满意"],
    resolved: "问题解决了吗？", yes: "已解决", no: "未解决", comment: "还想说点什么？（选填）",
    submit: "提交评价", thanks: "感谢您的评价", restart: "开始新会话",
    leaveTitle: "留言", leftTitle: "您的留言", leftThanks: "已收到您的留言，我们会尽快回复您", again: "再留一条", shut: "收起留言",
    name: "称呼", phone: "电话", email: "邮箱", text: "您的问题", optional: "选填", either: "至少填一项", required: "请写下您的问题", leaveIt: "提交留言",
    leftStates: { new: "已收到", handled: "已处理" },
    invitation: "在线客服邀请您咨询", accept: "开始咨询", decline: "暂时不用",
  };

  const en = {
    endTitle: "End this conversation?", endText: "You can rate it afterwards, and come back any time.", cancel: "Keep talking",
    rateTitle: "How did we do?", stars: (n) => `${n} ${n === 1 ? "star" : "stars"}`,
    scores: ["", "Very poor", "Poor", "Fair", "Good", "Excellent"],
    resolved: "Was your problem solved?", yes: "Yes", no: "No", comment: "Anything to add? (optional)",
    submit: "Submit", thanks: "Thank you for your feedback", restart: "Start a new conversation",
    leaveTitle: "Leave a message", leftTitle: "Your messages", leftThanks: "We have your message and will reply soon", again: "Leave another", shut: "Hide the form",
    name: "Name", phone: "Phone", email: "E-mail", text: "Your question", optional: "optional", either: "one of the two", required: "Please write your question", leaveIt: "Leave message",
    leftStates: { new: "received", handled: "handled" },
    invitation: "An invitation to chat", accept: "Start chatting", decline: "Not now",
  };

  W.moreWords = (lang) => (lang === "en" ? en : zh);
})(LingxiClient.widget);
