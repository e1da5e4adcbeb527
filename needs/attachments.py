"""Which files may be attached, told by what they begin with, not by what they call themselves.

    pdf   %PDF-                        docx, xlsx, pptx   a zip with the part of its kind,
    png   its eight bytes                                 without macros
    jpg   its three bytes              txt, csv           text in UTF-8 or cp1251

Values only. Whatever comes in goes out as an attachment of the type written here.
"""

import io
import re
import unicodedata
import zipfile

LONGEST_NAME = 200
_TEXT = "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": _OFFICE + "wordprocessingml.document",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "pptx": _OFFICE + "presentationml.presentation",
    "txt": _TEXT,
    "csv": _TEXT,
}
_BEGINS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_LARGEST_DIRECTORY = 512 * 1024  # some five thousand parts; a long presentation has hundreds
# Of a text only what a keyboard gives: a picture or a program under another name has more.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UNSEEN = {"Cf", "Cc", "Cs", "Co"}


class Unfit(ValueError):
    """A file that is not taken; its text is for the person who sent it."""


def extension_of(name: str) -> str:
    """The extension in small letters; empty where there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def clean_name(typed: str) -> str:
    """The name without folders. Raises Unfit for unseen characters, for none, for one too long."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", typed))[-1].strip().strip(".")
    if any(unicodedata.category(sign) in _UNSEEN for sign in name):
        raise Unfit("В названии файла есть невидимые символы: переименуйте его.")
    name = " ".join(name.split())
    if not name:
        raise Unfit("У файла нет названия.")
    if len(name) > LONGEST_NAME:
        raise Unfit(f"Название файла длиннее {LONGEST_NAME} знаков: сократите его.")
    return name


def kind_of(name: str, content: bytes) -> str:
    """The type of a file whose name and content agree. Raises Unfit."""
    extension = extension_of(name)
    if extension not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise Unfit(f"Файлы такого вида не принимаются. Можно: {known}.")
    if not content:
        raise Unfit("Файл пуст.")
    plain = {"jpeg": "jpg", "csv": "txt"}.get(extension, extension)
    if not _agrees(plain, content):
        raise Unfit(f"Содержимое файла не похоже на {extension}.")
    return KINDS[extension]


def _agrees(extension: str, content: bytes) -> bool:
    if extension in _BEGINS:
        return content.startswith(_BEGINS[extension])
    if extension in _PARTS:
        return _is_office(_PARTS[extension], content)
    return _is_text(content)


def _is_office(part: str, content: bytes) -> bool:
    """The list of parts is read, nothing is unpacked: however much is folded inside stays so."""
    if _directory_size(content) > _LARGEST_DIRECTORY:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError):
        return False
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return part in names and "[Content_Types].xml" in names and not has_macros


def _directory_size(content: bytes) -> int:
    """Bytes of a zip's list of parts, as its end tells; reading that list costs by its length."""
    end = content.rfind(b"PK\x05\x06")
    return int.from_bytes(content[end + 12 : end + 16], "little") if end >= 0 else 0


def _is_text(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return not _NOT_TEXT.search(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return False
