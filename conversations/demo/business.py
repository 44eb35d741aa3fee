"""The shop: 云上优选, with its own tea brand 山野茶铺."""

from dataclasses import dataclass

from conversations.demo.reviews import Subject
from conversations.models import ChannelKind

PASSWORD = "lingxi-demo"  # noqa: S105 - printed on the log-in page of the demo


@dataclass(frozen=True)
class Group:
    """A skill group; `mood` is how often its visitors are content."""

    slug: str
    name: str
    color: str
    mood: float


@dataclass(frozen=True)
class Entry:
    """A channel. `traffic` is its share; `asks` the shares of the groups in what is asked."""

    key: str
    name: str
    kind: ChannelKind
    group: str
    color: str
    title: str
    greeting: str
    site: str
    traffic: float
    asks: tuple[float, float, float, float]
    subjects: tuple[Subject, ...]


@dataclass(frozen=True)
class Good:
    """Something for sale."""

    subject: Subject
    name: str
    details: str
    path: str

    @property
    def title(self) -> str:
        """As on its page."""
        return f"{self.name} {self.details}".strip()


GROUPS = (
    Group("presale", "售前咨询", "#3370ff", 0.78),
    Group("aftersale", "售后服务", "#e5484d", 0.28),
    Group("delivery", "物流查询", "#f59e0b", 0.45),
    Group("member", "会员服务", "#12a594", 0.7),
)

ENTRIES = (
    Entry(
        "demo-web",
        "山野茶铺官网",
        ChannelKind.WEB,
        "presale",
        "#2f7d5b",
        "山野茶铺客服",
        "您好，这里是山野茶铺。选茶、订单、售后，都可以直接问我。",
        "https://tea.yunshang.example",
        0.5,
        (0.5, 0.22, 0.2, 0.08),
        (Subject.ANY,),
    ),
    Entry(
        "demo-h5",
        "云上优选 H5 商城",
        ChannelKind.H5,
        "aftersale",
        "#3370ff",
        "云上优选客服",
        "您好，欢迎来到云上优选，请问有什么可以帮您？",
        "https://m.yunshang.example",
        0.3,
        (0.22, 0.4, 0.24, 0.14),
        (Subject.BOOK, Subject.DIGITAL, Subject.DIGITAL),
    ),
    Entry(
        "demo-app",
        "云上优选 App",
        ChannelKind.APP,
        "member",
        "#7c5cff",
        "会员专属客服",
        "尊敬的会员，您好！我是您的专属客服。",
        "https://app.yunshang.example",
        0.2,
        (0.16, 0.3, 0.14, 0.4),
        (Subject.TRAVEL, Subject.DIGITAL, Subject.BOOK),
    ),
)

GOODS = (
    Good(Subject.ANY, "蒙顶甘露", "明前特级 50 克", "/tea/mengding-ganlu"),
    Good(Subject.ANY, "武夷肉桂", "中足火 12 泡装", "/tea/wuyi-rougui"),
    Good(Subject.ANY, "勐海古树生普", "357 克饼", "/tea/menghai-sheng"),
    Good(Subject.ANY, "正山小种", "红茶 150 克", "/tea/zhengshan"),
    Good(Subject.ANY, "福鼎白茶", "白牡丹 100 克", "/tea/baimudan"),
    Good(Subject.ANY, "安溪铁观音", "清香型 250 克", "/tea/tieguanyin"),
    Good(Subject.ANY, "青釉盖碗", "130 毫升", "/ware/gaiwan"),
    Good(Subject.ANY, "快客杯旅行套装", "", "/ware/travel-set"),
    Good(Subject.ANY, "春茶品鉴礼盒", "", "/gift/spring-box"),
    Good(Subject.BOOK, "《茶经图说》精装本", "", "/book/chajing"),
    Good(Subject.BOOK, "《小王子》双语绘本", "", "/book/little-prince"),
    Good(Subject.BOOK, "亲子共读故事盒", "12 册", "/book/story-box"),
    Good(Subject.BOOK, "《明朝那些年》全七册", "", "/book/ming"),
    Good(Subject.BOOK, "《写给孩子的科学史》", "", "/book/science"),
    Good(Subject.DIGITAL, "云上 Air 13", "轻薄本 16G+512G", "/digital/air13"),
    Good(Subject.DIGITAL, "云上 Pro 15", "笔记本 32G+1T", "/digital/pro15"),
    Good(Subject.DIGITAL, "静音无线鼠标", "M3", "/digital/mouse-m3"),
    Good(Subject.DIGITAL, "氮化镓充电器", "65W", "/digital/charger"),
    Good(Subject.DIGITAL, "4K 显示器", "27 英寸", "/digital/monitor"),
    Good(Subject.TRAVEL, "莫干山茶园民宿", "双人套餐", "/travel/moganshan"),
    Good(Subject.TRAVEL, "西湖畔酒店", "湖景房两晚", "/travel/xihu"),
    Good(Subject.TRAVEL, "武夷山访茶三日行", "", "/travel/wuyi"),
    Good(Subject.TRAVEL, "海滨度假酒店", "亲子房", "/travel/seaside"),
)

AGENTS = (
    *("林晓雯", "陈思远", "周雨桐", "何嘉怡", "吴子昂"),
    *("张雅婷", "刘志强", "黄丽娜", "徐文博", "孙婉清"),
    *("赵明轩", "杨静怡", "马俊杰", "朱可欣", "胡海涛"),
    *("郭芷晴", "罗浩然", "梁诗涵", "宋宇航", "谢佳琪"),
)
PEOPLE = (
    ("admin", "系统管理员"),
    ("supervisor", "沈慧敏"),
    ("auditor", "许建国"),
    ("inspector", "韩雪"),
)

QUICK_REPLIES = (
    ("hi", "问候", "您好，我是云上优选客服，很高兴为您服务，请问有什么可以帮您？"),
    ("wait", "请稍等", "好的，正在为您查询，请您稍等一下。"),
    ("order", "询问订单号", "麻烦您提供一下订单号，我马上为您核实。"),
    ("phone", "核对手机号", "为了保护您的账户安全，请提供下单手机号的后四位。"),
    ("ship", "发货时间", "现货商品付款后 24 小时内发出，预售商品以页面标注的时间为准。"),
    ("track", "查询物流", "您可以在“我的订单—查看物流”里看到最新的配送进度。"),
    ("late", "物流延误致歉", "非常抱歉让您久等了，我已为您催促快递，今天内会有人与您联系。"),
    ("addr", "修改地址", "订单未出库前可以修改地址，请把新的收货地址发给我。"),
    ("return", "七天无理由", "支持七天无理由退货，请保持商品完好，在订单页提交申请即可。"),
    ("refund", "退款到账", "退款审核通过后 1 至 3 个工作日原路退回，请您留意查收。"),
    ("exchange", "换货流程", "我为您登记换货，快递员会上门取件，收到后当天为您寄出新的。"),
    ("photo", "请发照片", "麻烦您拍一下商品和外包装的照片发给我，我来为您处理。"),
    ("invoice", "开具发票", "请提供发票抬头和税号，电子发票会在 24 小时内发到您的邮箱。"),
    ("coupon", "优惠券", "已为您补发一张优惠券，在“我的—优惠券”中可以查看，30 天内有效。"),
    ("point", "积分规则", "每消费 1 元积 1 分，100 分可抵 1 元，积分有效期一年。"),
    ("level", "会员等级", "近一年消费满 2,000 元升金卡，满 6,000 元升钻石卡，次日生效。"),
    ("store", "茶叶保存", "绿茶请密封冷藏，三个月内喝完；岩茶和普洱放在阴凉无异味处即可。"),
    ("sorry", "致歉", "非常抱歉给您带来不好的体验，您反映的问题我已记录，一定跟进到底。"),
    ("rate", "邀请评价", "如果您对我的服务满意，麻烦在结束后给个好评，谢谢您！"),
    ("bye", "结束语", "感谢您的咨询，祝您生活愉快，再见！"),
)

LEVELS = ("普通会员", "银卡会员", "金卡会员", "钻石会员")
TAGS = (
    "复购",
    "高客单",
    "爱喝绿茶",
    "企业采购",
    "易投诉",
    "送礼",
    "新客",
    "老客",
    "摄影爱好者",
    "学生",
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    *("伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛"),
    *("明", "超", "霞", "平", "桂英", "秀兰", "建华", "志强", "雪梅", "子涵", "梓萱", "浩宇"),
    *("欣怡", "诗涵", "宇轩", "梦瑶", "佳怡", "俊杰", "思雨", "雨欣", "晓东", "海燕", "文静"),
    *("国庆", "春梅", "一鸣", "若曦", "嘉豪", "婷婷", "玉兰", "天宇", "可馨", "立新", "慧"),
)
DEVICES = (
    ({"os": "iOS 18.5", "model": "iPhone 15", "browser": "Safari"}, "mobile"),
    ({"os": "Android 15", "model": "小米 14", "browser": "Chrome"}, "mobile"),
    ({"os": "HarmonyOS 5", "model": "Mate 60", "browser": "华为浏览器"}, "mobile"),
    ({"os": "Windows 11", "browser": "Edge"}, "desktop"),
    ({"os": "macOS 15", "browser": "Safari"}, "desktop"),
    ({"os": "Windows 10", "browser": "Chrome"}, "desktop"),
)
REFERRERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {}),
    ("https://www.baidu.com/", {"source": "baidu", "medium": "cpc", "campaign": "春茶"}),
    ("https://www.xiaohongshu.com/", {"source": "xiaohongshu", "medium": "social"}),
    ("https://mp.weixin.qq.com/", {"source": "weixin", "medium": "article"}),
    ("https://cn.bing.com/", {"source": "bing", "medium": "organic"}),
)
