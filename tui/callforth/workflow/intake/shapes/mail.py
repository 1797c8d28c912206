"""Applications that came by mail: one message (`.eml`), or a mailbox (mbox) of them.

Who sent a message and when, its headers say; what they answered is taken from its text by the questions' marks or
headings, or is one answer. Source of the formats: RFC 5322, RFC 3676 (flowed text), RFC 4155 (mbox).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime
from typing import TypeVar

from callforth.model.intake import FIELD, META, Export
from callforth.model.meeting import Meeting
from callforth.model.text import clean, clean_line, fold, typed
from callforth.plaintext.tables import TableUnusable, Workbook
from callforth.workflow.intake.shapes import mail_passed, mail_text
from callforth.workflow.intake.shapes.gathered import Gathered, rows_said
from callforth.workflow.intake.shapes.mail_passed import Whose

T = TypeVar("T")

# The line before each message of a mailbox; it stands at the start or after an empty line.
_FROM = re.compile(rb"(?:(?<=\n\n)|(?<=\n\r\n))From \S+ +\w{3},? [^\r\n]*\d{4}[^\r\n]*\r?\n")
_FIRST = re.compile(rb"\s*From \S+ [^\r\n]*\r?\n")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)


def recognise(book: Workbook, name: str, meeting: Meeting | None = None) -> Export | None:
    """Return what came by mail, None for anything else. Raises `TableUnusable`.

    With the meeting also questions are found that stand in the text without a mark, as the call words them.
    """
    if book.kind != "mail" or not isinstance(book.document, bytes):
        return None
    found = _Mailbox(meeting)
    for row, raw in enumerate(_messages(book.document), 1):
        try:
            found.take(row, raw)
        except Exception:  # whatever bytes of a stranger's lead a library to: the others' messages must come in
            found.keep_unread(row, raw)
    if not found.gathered.submissions:
        raise TableUnusable(f"{name} has no message in it that a person wrote; save the applications' messages again")
    return found.gathered.export("email", "", [*book.notes, *found.notes()])


class _Mailbox:
    """The messages of a mailbox that are read, and the rows of which something is to be said."""

    def __init__(self, meeting: Meeting | None) -> None:
        self.gathered = Gathered()
        self._meeting = meeting
        self._automatic: list[int] = []
        self._attached: list[int] = []
        self._forwarded: list[int] = []
        self._unread: list[int] = []
        self._seen: set[str] = set()

    def take(self, row: int, raw: bytes) -> None:
        """Read one message; nothing is kept of it where that fails."""
        message = message_from_bytes(raw, policy=policy.compat32)
        inside = _attached(message, self._meeting)
        message = message if inside is None else inside
        source = _source(message)
        if source and source in self._seen:  # a copy that stands in two folders
            self._forwarded += [row] if inside is not None else []
            return
        if _is_automatic(message):
            self._automatic.append(row)
        else:
            texts, files = _texts(message)
            words = _whose(message, "\n\n".join(texts), self._meeting)
            _gather(self.gathered, row, source, message, words, self._meeting)
            self._attached += [row] if files else []
            self._forwarded += [row] if words.forwarded and inside is None else []
        self._forwarded += [row] if inside is not None else []
        self._seen.add(source)

    def keep_unread(self, row: int, raw: bytes) -> None:
        """Keep a message that cannot be read: who sent it, if its headers say so, and its text as it came.

        It comes in only if somebody says so, and then nothing of it is lost.
        """
        self._unread.append(row)
        # The headers alone are read without looking into its parts, which is what goes wrong.
        head = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
        name, address = _or(("", ""), lambda: _sender(head))
        cells: dict[str, str] = {}
        self.gathered.put(cells, "name", name, "Name", FIELD)
        self.gathered.put(cells, "email", address, "Email", FIELD)
        self.gathered.put(cells, mail_text.MESSAGE, _text(head), "Message")
        gone = "cannot be taken apart; read it in a mail program, and ask for it again"
        self.gathered.add(row, _or("", lambda: _source(head)), _or("", lambda: _date(head)), cells, gone=gone)

    def notes(self) -> Iterator[str]:
        """Yield what is to be said of rows."""
        if self._unread:
            yield (
                f"messages that cannot be taken apart are left out ({rows_said(self._unread)}); with --incomplete they "
                f"come in letter by letter as they were sent"
            )
        if self._automatic:
            yield f"automatic answers and reports of delivery were left out ({rows_said(self._automatic)})"
        if self._forwarded:
            yield f"forwarded messages are taken as of those who wrote them ({rows_said(self._forwarded)})"
        if self._attached:
            yield f"attached files are not taken in ({rows_said(self._attached)})"


def _messages(data: bytes) -> Iterator[bytes]:
    """Yield the messages of a mailbox as they were sent, or the only one."""
    first = _FIRST.match(data)
    if first is None:
        yield data.lstrip()
        return
    starts = [first.span(), *(match.span() for match in _FROM.finditer(data, first.end()))]
    ends = [start for start, _ in starts[1:]] + [len(data)]
    for (_, begins), end in zip(starts, ends, strict=True):
        yield _QUOTED_FROM.sub(rb"\1", data[begins:end])


def _is_automatic(message: Message) -> bool:
    """Return whether it is an answer while somebody is away (RFC 3834), or a report of delivery (RFC 6522, RFC 5321).

    What else a program has sent may be a form of a web site's; above all where it says whom to answer.
    """
    replied = _header(message, "Auto-Submitted").strip().lower().startswith("auto-replied")
    replied |= _header(message, "Precedence").strip().lower() == "auto_reply"
    replied |= any(
        message.get(header) is not None for header in ("X-Autoreply", "X-Autorespond", "X-Failed-Recipients")
    )
    if replied or message.get_content_type() == "multipart/report":
        return True
    if _raw(message, "Reply-To"):
        return False
    return _header(message, "X-Auto-Response-Suppress").strip().lower() not in ("", "none") or _from_nobody(message)


def _from_nobody(message: Message) -> bool:
    """Return whether nothing can be sent back to where it came from: so are reports of delivery."""
    path = message.get("Return-Path")
    senders = {address.partition("@")[0].casefold() for _, address in _people(message, "From")}
    return (path is not None and str(path).strip() in ("", "<>")) or "mailer-daemon" in senders


def _attached(message: Message, meeting: Meeting | None) -> Message | None:
    """Return the message that somebody has sent on as a file, None where a mail is of its sender's own."""
    inside = [one for part in message.walk() if part.get_content_type() == "message/rfc822" for one in _parts(part)]
    if len(inside) != 1 or _is_automatic(message):
        return None
    own = "\n\n".join(_texts(message)[0])
    passed_on = mail_passed.passes_on(_header(message, "Subject")) or not own.strip()
    return inside[0] if passed_on and not mail_text.asks(own.split("\n"), meeting) else None


def _whose(message: Message, text: str, meeting: Meeting | None) -> Whose:
    """Return whose words a message holds, and which of them count."""
    to = {fold(said) for person in _people(message, "To", "Cc", "List-Post") for said in person if said}
    return mail_passed.whose(text, clean_line(_header(message, "Subject")), to, meeting)


def _gather(gathered: Gathered, row: int, source: str, message: Message, words: Whose, meeting: Meeting | None) -> None:
    """Add what one person sent: what the text says of them counts before what the headers do."""
    found = mail_text.read(words.text, meeting)
    sender = _sender(message)
    name, address = (words.name, words.address) if words.forwarded else sender
    cells: dict[str, str] = {}
    gathered.put(cells, "name", found.fields.pop("name", "") or name, "Name", FIELD)
    gathered.put(cells, "email", found.fields.pop("email", "") or address, "Email", FIELD)
    for key, said in found.fields.items():
        gathered.put(cells, key, said, key, FIELD)
    for part in found.answers:
        gathered.put(cells, part.key, part.text, part.label)
    subject = clean_line(_header(message, "Subject"))
    for key, value, label in (
        ("from", sender[1], "From"),
        ("subject", subject, "Subject"),
        ("signature", found.signature, "Signature"),
        ("quoted", mail_text.joined([found.quoted, "", words.below]), "What they answered to"),
        ("forwarder", words.above, "What the forwarder wrote"),
    ):
        gathered.put(cells, key, value, label, META)
    unknown = words.forwarded and not {"name", "email"} & cells.keys()
    gone = "was forwarded, and it does not say who wrote it" if unknown else ""
    gathered.add(row, source, words.date or _date(message), cells, gone=gone)


def _source(message: Message) -> str:
    """Return by what a message is known again: a digest, since its id may hold the name of somebody's account."""
    said = _header(message, "Message-ID").strip()
    return hashlib.sha256(said.encode(errors="replace")).hexdigest()[:16] if said else ""


def _sender(message: Message) -> tuple[str, str]:
    """Return name and address of who wrote: where answers shall go, unless that is the list or where it was sent."""
    to = {address.casefold() for _, address in _people(message, "To", "Cc", "List-Post")}
    writer = (_people(message, "From") or [("", "")])[0]
    for name, address in _people(message, "Reply-To"):
        if address and address.casefold() not in to:
            return (name or (writer[0] if address == writer[1] else "")), address
    return writer


def _people(message: Message, *headers: str) -> list[tuple[str, str]]:
    # Names are decoded after they are told apart: one may hold a comma.
    said = [raw for header in headers if (raw := _raw(message, header))]
    found: list[tuple[str, str]] = _or([], lambda: getaddresses(said))
    return [(clean_line(_decoded(name)), clean_line(to.removeprefix("mailto:"))) for name, to in found if to]


def _raw(message: Message, header: str) -> str:
    return _or("", lambda: str(message.get(header, "")))


def _header(message: Message, header: str) -> str:
    return _decoded(_raw(message, header))


def _decoded(text: str) -> str:
    """Return a header in letters (RFC 2047); as it stands where it says something impossible."""
    from email.errors import MessageError
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(text)))
    except (MessageError, ValueError, LookupError):
        return text


def _date(message: Message) -> str:
    """Return when it was sent in ISO 8601, '' where that cannot be told."""
    try:
        return parsedate_to_datetime(_header(message, "Date")).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _texts(message: Message) -> tuple[list[str], int]:
    """Return the texts that a message shows, and how many files come with it."""
    kind = message.get_content_type()
    if kind == "multipart/alternative":
        found = [
            _texts(part) for part in sorted(_parts(message), key=lambda part: part.get_content_type() != "text/plain")
        ]
        return next((texts for texts, _ in found if any(map(str.strip, texts))), []), sum(files for _, files in found)
    if message.is_multipart() and kind != "message/rfc822":
        whole = [_texts(part) for part in _parts(message)]
        return [text for texts, _ in whole for text in texts], sum(files for _, files in whole)
    if kind not in ("text/plain", "text/html") or _or(None, message.get_content_disposition) == "attachment":
        return [], 1
    text = _text(message)
    if kind == "text/html":
        text = mail_text.of_html(text)
    elif _parameter(message, "format") == "flowed":
        text = mail_text.unflowed(text, _parameter(message, "delsp") == "yes")
    return [clean(typed(text))], 0


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _text(part: Message) -> str:
    """Return a part's text, in the encoding that it names, or another that fits."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    for charset in (_or(None, part.get_content_charset), "utf-8", "cp1252"):
        try:
            return data.decode(charset or "utf-8")
        except (LookupError, ValueError):  # no such encoding, or not its bytes, or a name that none can have
            continue
    return data.decode("latin-1")


def _parameter(part: Message, name: str) -> str:
    return _or("", lambda: str(part.get_param(name, ""))).lower()


def _or(other: T, read: Callable[[], T]) -> T:
    """Return what a header says, or the other where it says something that the library cannot take apart."""
    try:
        return read()
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return other
