"""What rules may ask about conversations, declared for `routing.strategy`.

The values come from `conversations.facts.facts_of`; adding a fact is a key there and a class here.
"""

import time
from typing import TYPE_CHECKING, Any, ClassVar

from conversations.models import Channel, ChannelKind
from routing.strategy.facts import (
    CHOICE,
    CUSTOM,
    FLAG,
    LABELS,
    MISSING,
    NUMBER,
    TEXT,
    Fact,
    SubjectKind,
    register,
)

if TYPE_CHECKING:
    from routing.strategy.moment import Moment

_NAMES_FOR = 30.0  # seconds a process keeps the channels' names


class _ConversationFact(Fact):
    kinds = frozenset({"conversation"})


@register
class ChannelFact(_ConversationFact):
    """Where the conversation came in."""

    name, label, label_en = "channel", "渠道", "Channel"
    help = "会话来自哪个渠道。"
    type = CHOICE
    category = "来源"
    _kept: tuple[float, list[tuple[str, str]]] = (0.0, [])

    def options(self) -> list[tuple[str, str]]:
        """The channels there are: key and name."""
        until, found = self._kept
        if time.monotonic() >= until:
            found = list(Channel.objects.order_by("name").values_list("key", "name"))
            self._kept = (time.monotonic() + _NAMES_FOR, found)
        return list(found)

    def label_of(self, value: str) -> str:
        """The channel's name."""
        return dict(self.options()).get(value, value)


@register
class ChannelKindFact(_ConversationFact):
    """Website, H5 or app."""

    name, label, label_en = "channel_kind", "渠道类型", "Channel kind"
    help = "网站、H5 或 App。"
    type = CHOICE
    category = "来源"
    choices = [(str(value), str(label)) for value, label in ChannelKind.choices]


@register
class EntryPage(_ConversationFact):
    """The page the visit began on."""

    name, label, label_en = "entry_page", "入口页面", "Entry page"
    help = "本次访问的第一个页面的完整地址，例如 https://shop.example.com/item/1。"
    type = TEXT
    category = "来源"


@register
class Referrer(_ConversationFact):
    """The page before it."""

    name, label, label_en = "referrer", "来源网页", "Referrer"
    help = "访客从哪个网页来，例如搜索引擎或广告页；直接打开时为空。"
    type = TEXT
    category = "来源"


class _Utm(_ConversationFact):
    type = TEXT
    category = "来源"


@register
class UtmSource(_Utm):
    """utm_source."""

    name, label, label_en = "utm_source", "推广来源", "UTM source"
    help = "入口地址中的 utm_source，例如 baidu、weibo。"


@register
class UtmMedium(_Utm):
    """utm_medium."""

    name, label, label_en = "utm_medium", "推广媒介", "UTM medium"
    help = "入口地址中的 utm_medium，例如 cpc、email。"


@register
class UtmCampaign(_Utm):
    """utm_campaign."""

    name, label, label_en = "utm_campaign", "推广活动", "UTM campaign"
    help = "入口地址中的 utm_campaign，例如 double11。"


@register
class UtmTerm(_Utm):
    """utm_term."""

    name, label, label_en = "utm_term", "推广关键词", "UTM term"
    help = "入口地址中的 utm_term。"


@register
class UtmContent(_Utm):
    """utm_content."""

    name, label, label_en = "utm_content", "推广内容", "UTM content"
    help = "入口地址中的 utm_content。"


@register
class PagesSeen(_ConversationFact):
    """Pages of this visit."""

    name, label, label_en = "pages_seen", "浏览页数", "Pages seen"
    help = "本次访问看过的不同页面数；中断超过 30 分钟算新的访问。"
    type = NUMBER
    category = "浏览"
    unit = "页"


@register
class SecondsOnSite(_ConversationFact):
    """Length of this visit."""

    name, label, label_en = "seconds_on_site", "停留时间", "Seconds on site"
    help = "本次访问从第一个页面到现在的秒数。"
    type = NUMBER
    category = "浏览"
    unit = "秒"


@register
class Intent(_ConversationFact):
    """How likely they are to buy."""

    name, label, label_en = "intent", "意向等级", "Intent level"
    help = (
        "网站用 setContext({intent}) 传入；没有传入时按浏览页数、停留时间、"
        "是否看过价格和购物车等页面估算。"
    )
    type = CHOICE
    category = "浏览"
    choices = [("none", "无"), ("low", "低"), ("medium", "中"), ("high", "高")]


@register
class MessageText(_ConversationFact):
    """What they said first."""

    name, label, label_en = "message_text", "消息内容", "Message text"
    help = "访客的第一条消息。会话先按其他条件分配；仍在排队时，收到第一条消息后再判断一次。"
    type = TEXT
    category = "浏览"


@register
class Language(_ConversationFact):
    """The language they speak or read."""

    name, label, label_en = "language", "语言", "Language"
    help = "按访客文字判断，没有文字时按浏览器语言。"
    type = CHOICE
    choices = [
        ("zh", "中文"),
        ("en", "英语"),
        ("ja", "日语"),
        ("ko", "韩语"),
        ("ru", "俄语"),
        ("ar", "阿拉伯语"),
        ("th", "泰语"),
        ("vi", "越南语"),
        ("id", "印尼语"),
        ("ms", "马来语"),
        ("fr", "法语"),
        ("de", "德语"),
        ("es", "西班牙语"),
        ("pt", "葡萄牙语"),
        ("it", "意大利语"),
    ]


@register
class CustomerTags(_ConversationFact):
    """The customer's tags."""

    name, label, label_en = "customer_tags", "客户标签", "Customer tags"
    help = "坐席给客户打的标签。"
    type = LABELS


@register
class CustomerLevel(_ConversationFact):
    """The customer's level."""

    name, label, label_en = "customer_level", "会员等级", "Customer level"
    help = "网站签名传入的会员等级，例如 gold。"
    type = TEXT


@register
class Returning(_ConversationFact):
    """Whether they were here before."""

    name, label, label_en = "returning", "是否老访客", "Returning visitor"
    help = "以前咨询过，或今天之前来过。"
    type = FLAG


@register
class CustomField(_ConversationFact):
    """A field of the host site's own."""

    name, label, label_en = "custom_field", "自定义字段", "Custom field"
    help = "网站用 setContext 传入的字段，或客户资料里的自定义字段；填写字段名，例如 order_number。"
    type = CUSTOM
    subject: ClassVar[SubjectKind] = "custom_field"

    def read(self, moment: "Moment", subject: str) -> Any:
        """The field's value."""
        fields = moment.facts.get("custom_fields")
        return fields.get(subject) if isinstance(fields, dict) else MISSING
