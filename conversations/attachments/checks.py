"""What a file is, by its content, and whether it is taken.

The type a client states is never believed: what is stored and served is what was sniffed. Taken
are raster images, PDF, plain text, zip and modern Office files, sound and video.
"""

import re
import warnings
import zipfile
from dataclasses import dataclass
from typing import IO

import filetype
from django.conf import settings
from PIL import Image, ImageOps

from conversations.attachments.names import DANGEROUS, clean_name, endings, refuse_dangerous
from lingxi.errors import Invalid, TooLong, UnsupportedMedia

MAX_IMAGE_PIXELS = 50_000_000
MAX_MEMBERS = 5_000
_HEAD = 8192

IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
# Sniffed type → the endings a name may have; the first is added when it has none of them.
ENDINGS: dict[str, tuple[str, ...]] = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg", "jfif"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
    "application/zip": ("zip",),
    _OFFICE["word/"]: ("docx",),
    _OFFICE["xl/"]: ("xlsx",),
    _OFFICE["ppt/"]: ("pptx",),
    "text/plain": ("txt", "log", "md"),
    "text/csv": ("csv",),
    "audio/mpeg": ("mp3",),
    "audio/mp4": ("m4a",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/x-wav": ("wav",),
    "audio/amr": ("amr",),
    "audio/aac": ("aac",),
    "video/mp4": ("mp4", "m4v"),
    "video/x-m4v": ("m4v", "mp4"),
    "video/quicktime": ("mov",),
    "video/webm": ("webm",),
    "video/3gpp": ("3gp",),
}
_ZIPPED = {"application/zip", *_OFFICE.values()}
_SYNONYMS = {"image/apng": "image/png"}
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html[\s>]|script[\s>]|svg[\s>]|iframe[\s>]|\?php)", re.IGNORECASE
)
_SCRIPT_START = re.compile(rb"\s*(?:#!|<\?xml|<!doctype|@echo\s|<!--)", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that is taken."""

    name: str
    size: int
    media_type: str
    width: int | None = None
    height: int | None = None


def check(file: IO[bytes], given_name: str, size: int) -> Checked:
    """What the file is. Raises `TooLong`, `Invalid` or `UnsupportedMedia`."""
    if size > settings.LINGXI["MAX_UPLOAD_BYTES"]:
        raise too_big()
    if size == 0:
        raise Invalid("文件是空的", fields={"file": ["文件是空的"]})
    name = clean_name(given_name)
    refuse_dangerous(name)
    media_type = _sniff(file, name)
    width = height = None
    if media_type in IMAGES.values():
        _refuse_polyglot(file)
        media_type, width, height = check_image(file)
    file.seek(0)
    return Checked(_fitting_name(name, media_type), size, media_type, width, height)


def too_big() -> TooLong:
    """The error of a file beyond the limit."""
    limit = settings.LINGXI["MAX_UPLOAD_BYTES"] // (1024 * 1024)
    return TooLong(f"文件不能超过 {limit} MB", fields={"file": [f"最大 {limit} MB"]})


def _refused(detail: str = "不支持的文件类型") -> UnsupportedMedia:
    return UnsupportedMedia(detail, fields={"file": [detail]})


def _sniff(file: IO[bytes], name: str) -> str:
    file.seek(0)
    head = file.read(_HEAD)
    kind = filetype.guess(head)
    media_type = _SYNONYMS.get(kind.mime, kind.mime) if kind else _text_type(file, name)
    if media_type in _ZIPPED:
        return _check_zip(file)
    if media_type == "application/pdf":
        _refuse_zip_tail(file)
    if media_type not in ENDINGS:
        raise _refused()
    return media_type


def _text_type(file: IO[bytes], name: str) -> str:
    """Plain text in UTF-8 or GB 18030 that no browser or shell would take for anything else."""
    file.seek(0)
    data = file.read()
    if _CONTROL.search(data) or _MARKUP.search(data) or _SCRIPT_START.match(data[:200]):
        raise _refused()
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "text/csv" if endings(name)[-1:] == ["csv"] else "text/plain"
    raise _refused()


def _check_zip(file: IO[bytes]) -> str:
    """A zip or Office file. Members are looked at by name only, nothing is unpacked."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = [info.filename for info in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as exc:
        raise _refused("压缩文件已损坏") from exc
    if len(names) > MAX_MEMBERS:
        raise _refused("压缩文件内的文件过多")
    office = _office_type(names)
    if office is None and any(_runs(name) for name in names):
        raise _refused("压缩文件内含有可执行文件")
    return office or "application/zip"


def _runs(member: str) -> bool:
    lowered = member.lower()
    if lowered in {"meta-inf/manifest.mf", "androidmanifest.xml"}:
        return True
    # XML is what every data archive is made of; here only what runs is of interest.
    return bool(set(endings(lowered.rsplit("/", 1)[-1])[-1:]) & (DANGEROUS - {"xml"}))


def _office_type(names: list[str]) -> str | None:
    if "[Content_Types].xml" not in names:
        return None
    if any("vbaproject" in name.lower() or "/activex/" in name.lower() for name in names):
        raise _refused("不接受含宏的文件")
    for folder, media_type in _OFFICE.items():
        if any(name.startswith(folder) for name in names):
            return media_type
    raise _refused()


def _refuse_polyglot(file: IO[bytes]) -> None:
    """An image that is also a page, a script or an archive is made to deceive."""
    file.seek(0)
    data = file.read()
    if _MARKUP.search(data) or b"%PDF-" in data[:1024]:
        raise _refused("图片内含有其他内容")
    _refuse_zip_tail(file)


def _refuse_zip_tail(file: IO[bytes]) -> None:
    file.seek(0)
    if zipfile.is_zipfile(file):
        raise _refused("文件内含有压缩包")


def check_image(file: IO[bytes]) -> tuple[str, int, int]:
    """Media type, width and height of an image that can really be opened."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            media_type, size = _open_image(file)
    except UnsupportedMedia:
        raise
    except Exception as exc:  # Pillow's decoders raise almost anything on broken input
        raise _refused("图片已损坏") from exc
    return media_type, *size


def _open_image(file: IO[bytes]) -> tuple[str, tuple[int, int]]:
    file.seek(0)
    with Image.open(file, formats=list(IMAGES)) as image:
        width, height = image.size
        if width * height > MAX_IMAGE_PIXELS:
            raise _refused("图片尺寸过大")
        media_type = IMAGES[image.format or ""]
        image.verify()  # a PNG only directly after opening, so the rest opens it again
    file.seek(0)
    with Image.open(file, formats=list(IMAGES)) as image:
        turned = image.getexif().get(0x0112) in {5, 6, 7, 8}
    return media_type, (height, width) if turned else (width, height)


def _fitting_name(name: str, media_type: str) -> str:
    """The name, with an ending that says what it is."""
    allowed = ENDINGS[media_type]
    last = endings(name)[-1:]
    if last and last[0] in allowed:
        return name
    if last and _other_type(last[0]) and media_type not in IMAGES.values():
        raise _refused("文件内容与扩展名不符")
    if last and media_type in IMAGES.values() and _other_type(last[0]) in IMAGES.values():
        name = name.rpartition(".")[0]  # a JPEG called .png, as phones and chats produce them
    elif last and _other_type(last[0]):
        raise _refused("文件内容与扩展名不符")
    return f"{name}.{allowed[0]}"


def _other_type(ending: str) -> str | None:
    return next((kind for kind, known in ENDINGS.items() if ending in known), None)


def make_thumbnail(file: IO[bytes], target: IO[bytes], side: int) -> None:
    """A small JPEG or PNG of the first frame, the right way up, without its metadata."""
    file.seek(0)
    with Image.open(file, formats=list(IMAGES)) as image:
        image.draft("RGB", (side, side))
        small = ImageOps.exif_transpose(image)
        small.thumbnail((side, side))
        small.convert("RGBA" if _has_alpha(small) else "RGB").save(target, "WEBP", quality=80)


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
