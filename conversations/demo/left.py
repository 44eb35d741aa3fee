"""留言: what visitors left at night."""

import datetime as dt

from conversations.demo.dice import Dice
from conversations.demo.people import Person, Shop
from conversations.models import OfflineMessage, OfflineMessageState

TEXTS = (
    ("presale", "想给公司采购 60 份茶礼，每份预算 200 左右，麻烦明天联系我报价。"),
    ("aftersale", "昨天收到的盖碗杯口有磕碰，希望换一个，照片可以加微信发。"),
    ("delivery", "快递显示已签收但我没有收到，请帮忙查一下放在哪里了。"),
    ("member", "积分兑换的优惠券下单时用不了，提示已过期，实际还有三天。"),
    ("presale", "请问生普现在喝合适吗？还是要再放两年？"),
    ("aftersale", "退货的运费是谁承担？已经寄回三天了还没有退款。"),
)
HANDLED = 2  # of them, the oldest


def leave_messages(dice: Dice, shop: Shop, people: list[Person]) -> None:
    """The nights before `shop.now`; the oldest are handled already."""
    known = [person for person in people if person.phone]
    midnight = shop.now.replace(hour=0, minute=0)
    for index, (slug, text) in enumerate(TEXTS):
        person = dice.choice(known)
        nights = len(TEXTS) - index
        at = midnight - dt.timedelta(hours=24 * (nights // 2) + dice.uniform(0.2, 2))
        is_handled = index < HANDLED
        OfflineMessage.objects.create(
            id=dice.id(at),
            customer_id=person.id,
            channel=shop.channels[person.entry.key],
            group=shop.groups[slug],
            name=person.name,
            phone=person.phone,
            text=text,
            state=OfflineMessageState.HANDLED if is_handled else OfflineMessageState.NEW,
            handled_by_id=shop.servers[slug][0].id if is_handled else None,
            handled_at=at + dt.timedelta(hours=10) if is_handled else None,
            remark="已电话联系" if is_handled else "",
            created_at=at,
        )
