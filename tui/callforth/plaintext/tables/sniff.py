"""Telling by its first bytes what a file is."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

from callforth.model.text import clean_line
from callforth.plaintext.tables import delimited
from callforth.plaintext.tables.book import MOST_BYTES, TableUnusable, Workbook, locked

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "compressed with gzip",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"{\\rtf": "a text document",
    b"PK\x05\x06": "an empty archive",
}
_MBOX = re.compile(rb"From \S+ .*\n")
_HEADER = re.compile(rb"[!-9;-~]+:[ \t].*(\r?\n[ \t].*)*\r?\n")
_OF_MAIL = re.compile(
    rb"^(received|return-path|message-id|mime-version|from|to|subject|date|content-type|delivered-to):",
    re.IGNORECASE | re.MULTILINE,
)
_OF_JSON = re.compile(r"\{|\[\s*[\[{\"\]]")
# What is unpacked: a workbook of text becomes a twentieth when it is packed, rarely less.
_MOST_UNPACKED = 512 * 1024 * 1024
_MOST_RATIO = 120
_SMALL = 8 * 1024 * 1024


def read(data: bytes, name: str, encoding: str = "") -> Workbook:
    """Return what is in a file; `name` is what messages call it.

    `encoding` is that of a CSV or JSON, as a person named it; without one it is guessed where it is not UTF-8. Raises
    `TableUnusable`, `UnknownEncoding`.
    """
    if encoding:
        delimited.check_encoding(encoding)
    book = _read(data, name, encoding)
    if encoding and book.kind not in ("csv", "json"):
        return replace(
            book, notes=(*book.notes, f"{name} says its encoding itself; the one that was named is not used")
        )
    return book


def _read(data: bytes, name: str, encoding: str) -> Workbook:
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise TableUnusable(f"{name} is empty; export it once more")
    if len(data) > MOST_BYTES:
        raise too_large(name, len(data))
    if data.startswith(_ZIP):
        return _archive(data, name, encoding)
    if data.startswith(_OLE):
        return _old_workbook(data, name)
    for start, what in _OTHERS.items():
        if data.startswith(start):
            raise TableUnusable(f"{name} is {what}; give a spreadsheet (XLSX, XLS, ODS), CSV, JSON, XML or mail")
    return _text(data, name, encoding)


def too_large(name: str, size: int) -> TableUnusable:
    """Return the error of a file that has this many bytes."""
    return TableUnusable(
        f"{name} has {size / 1e6:.0f} MB, more than the {MOST_BYTES / 1e6:.0f} MB that can be read; "
        "export the answers without uploaded files, or in parts"
    )


def _archive(data: bytes, name: str, encoding: str, inside: bool = False) -> Workbook:
    from callforth.plaintext.tables import spreadsheet

    try:
        kind, member = _inside(data, name)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise TableUnusable(f"{name} is damaged ({_why(error)}); export or download it once more") from None
    if kind:
        return spreadsheet.read(data, kind, name)
    if member.startswith(_ZIP):
        if inside:
            raise TableUnusable(
                f"{name} is an archive in an archive; unpack it, and give the table that has the answers"
            )
        return _archive(member, name, encoding, inside=True)
    return _read(member, name, encoding)


def _inside(data: bytes, name: str) -> tuple[str, bytes]:
    """Return the kind of workbook that an archive is, or '' and the one table in it. Raises what zipfile does."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        _check_sizes(members, name)
        names = {one.filename for one in members}
        if any(one.flag_bits & 1 for one in members):
            raise locked(name)
        if names & {"xl/workbook.xml", "xl/workbook.bin"}:
            return "xlsx", b""
        if "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype"):
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise locked(name)
            return "ods", b""
        if "mimetype" in names or "[Content_Types].xml" in names:
            raise TableUnusable(f"{name} is an office document, but no spreadsheet; save the table as XLSX or ODS")
        return "", archive.read(_table(members, name))


def _check_sizes(members: list[zipfile.ZipInfo], name: str) -> None:
    total = sum(one.file_size for one in members)
    bomb = any(one.file_size > _SMALL and one.file_size > _MOST_RATIO * max(1, one.compress_size) for one in members)
    if total > _MOST_UNPACKED or bomb:
        raise TableUnusable(
            f"{name} would become {total / 1e6:.0f} MB when unpacked, which no export does; open it in a spreadsheet "
            "program and save it again"
        )


def _table(members: list[zipfile.ZipInfo], name: str) -> zipfile.ZipInfo:
    """Return the one table at the top of an export with uploads, beside folders of what people sent along."""
    suffixes = (".xlsx", ".xls", ".ods", ".csv", ".xml", ".json", ".tsv")
    tables = [one for one in members if one.filename.lower().endswith(suffixes)]
    top = [one for one in tables if "/" not in one.filename] or tables
    if len(top) != 1:
        count = f"{len(top)} tables" if top else "no table"
        raise TableUnusable(
            f"{name} is an archive with {count} in it; unpack it, and give the one that has the answers"
        )
    return top[0]


def _old_workbook(data: bytes, name: str) -> Workbook:
    from callforth.plaintext.tables import spreadsheet

    if "EncryptedPackage".encode("utf-16-le") in data:
        raise locked(name)
    if not any(word.encode("utf-16-le") in data for word in ("Workbook", "Book")):
        raise TableUnusable(f"{name} is an old office document, but no spreadsheet; save the table as XLSX or ODS")
    return spreadsheet.read(data, "xls", name)


def _text(data: bytes, name: str, encoding: str) -> Workbook:
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:4096]
    headers = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0]
    if _MBOX.match(start) or (_HEADER.match(start) and len(_OF_MAIL.findall(headers)) > 1):
        return Workbook("mail", document=data)
    text, notes = delimited.decode(data, name, encoding)
    begins = text.lstrip()[:400].lower()
    if begins.startswith(("<!doctype html", "<html", "<table")):
        raise TableUnusable(f"{name} is a web page; open it in a spreadsheet program and save it as XLSX")
    if begins.startswith("<"):
        return Workbook("xml", document=_xml(data, name), notes=notes)
    if begins.startswith(("{", "[")):
        try:
            return Workbook("json", document=json.loads(text), notes=notes)
        except (ValueError, RecursionError) as error:
            if isinstance(error, RecursionError) or _OF_JSON.match(begins):
                where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "too deep"
                raise TableUnusable(f"{name} is damaged JSON ({where}); export it once more") from None
    grid = delimited.grid(text, name)
    return Workbook("csv", (grid,), notes=(*notes, *delimited.shortened(grid)))


def _xml(data: bytes, name: str) -> Element:
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root: Element = ElementTree.fromstring(data, forbid_dtd=False)
    except DefusedXmlException:
        raise TableUnusable(f"{name} defines entities, which no export does; it is not read") from None
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise TableUnusable(f"{name} is damaged XML ({_why(error)}); export it once more") from None
    return root


def _why(error: Exception) -> str:
    return clean_line(str(error))[:80] or type(error).__name__
