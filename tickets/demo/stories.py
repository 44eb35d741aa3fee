"""What tickets of the demo are about, and what is said on them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """A kind of ticket: its type, issue type (a path), titles and what the customer wrote."""

    type: str
    issue: str
    titles: tuple[str, ...]
    texts: tuple[str, ...]


STORIES = (
    Story(
        "refund",
        "退款退货",
        ("申请退款：{good}", "{good} 要求退货退款", "退款未到账：{good}"),
        ("收到的{good}和页面描述不一样，要求全额退款。", "退货已经寄回三天，钱还没有退。"),
    ),
    Story(
        "refund",
        "质量问题",
        ("{good} 有裂纹，要求退款", "{good} 破损"),
        ("打开包装就发现{good}破了，照片已经发给客服。", "用了两天就坏了，质量太差。"),
    ),
    Story(
        "complaint",
        "投诉",
        ("投诉{good}虚假宣传", "投诉客服态度", "投诉快递员"),
        ("页面写的明前茶，明显不是，我要投诉。", "打了三次电话都没有人回，要求给个说法。"),
    ),
    Story(
        "complaint",
        "快递丢失",
        ("显示签收但没有收到{good}", "{good} 丢件"),
        ("快递显示已签收，我没有收到，驿站也没有。", "三天没有物流更新，怀疑丢件了。"),
    ),
    Story(
        "invoice",
        "发票",
        ("补开发票：{good}", "发票抬头开错"),
        ("公司采购，需要增值税专用发票。", "抬头写成了个人，麻烦重开。"),
    ),
    Story(
        "repair",
        "质量问题",
        ("{good} 无法开机", "{good} 异响报修"),
        ("充了一夜电还是开不了机。", "用的时候有很大的噪音，要求维修。"),
    ),
)
ANSWERS = (
    "您好，已为您登记，我们正在核实，预计今天内答复。",
    "您好，仓库已确认，会尽快为您处理。",
    "给您带来不便非常抱歉，我们会跟进到底。",
)
NOTES = (
    "已联系仓库核实",
    "已提交财务",
    "客户是老客户，优先处理",
    "等待物流反馈",
    "已电话沟通，客户同意换货",
)
ENDINGS = (
    "已原路退款，请您留意查收。",
    "已补发，单号稍后短信通知。",
    "发票已发送至邮箱。",
    "已处理完毕。",
)
THANKS = ("处理得很快，谢谢", "还可以", "等得有点久", "客服很耐心", "")
NAMES = ("上海云栖贸易有限公司", "杭州山野文化有限公司", "北京知行科技有限公司")
