"""File names as strangers give them, made safe to show and to save under."""

import re
import unicodedata

from lingxi.errors import UnsupportedMedia

MAX_NAME = 120

# Endings that run or render as a page somewhere. Refused as the last ending, and as an earlier
# one ("invoice.html.png") because some systems hide the last.
DANGEROUS = frozenset(
    "apk app asp aspx bash bat chm cmd cpl csh dll dmg docm dotm elf exe hta htm html inf iso "
    "jar js jse jsp lnk mht mhtml mjs msc msi msp pif php phtml pl pptm ps1 psm1 py pyc rb reg "
    "scr sh svg svgz swf vb vbe vbs wsf wsh xhtml xht xlsm xltm xml xsl xslt".split()
)
# Ordinary inside a name ("main.py.txt", "example.com.pdf"), dangerous only at its end.
_ONLY_LAST = frozenset({"com", "xml", "py", "rb", "pl", "sh", "inf", "app"})

_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_FORBIDDEN = re.compile(r'[<>:"|?*\\/&\'`;$]')


def clean_name(given: str) -> str:
    """The last part of the name without path, control, bidirectional or markup characters."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    name = _FORBIDDEN.sub("_", _HIDDEN.sub("", name)).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        name = f"{stem.strip()[: MAX_NAME - len(ending) - 1]}.{ending}" if stem.strip() else ending
    return name[:MAX_NAME] or "file"


def endings(name: str) -> list[str]:
    """Every ending, lower case: ``a.TAR.gz`` → tar, gz."""
    return [part.strip().lower() for part in name.split(".")[1:]]


def refuse_dangerous(name: str) -> None:
    """Raises `UnsupportedMedia` for a name that some system would run."""
    found = endings(name)
    if found and (found[-1] in DANGEROUS or found[-1] == "com"):
        raise UnsupportedMedia(f"不接受 .{found[-1]} 文件", fields={"file": ["不接受此类文件"]})
    if set(found[:-1]) & (DANGEROUS - _ONLY_LAST):
        raise UnsupportedMedia("文件名含有可执行的扩展名", fields={"file": ["不接受此类文件"]})
