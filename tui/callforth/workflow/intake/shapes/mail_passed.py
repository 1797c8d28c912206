"""Whose words a mail holds: the sender's own, or those of somebody whose message it passes on or answers to.

No standard says how a message is put below another. These are the ways of Outlook (`-----Original Message-----`, or a
line and `From:`, `Sent:`, `To:`, `Subject:`), Gmail (`---------- Forwarded message ---------`), Apple Mail (`Begin
forwarded message:`) and Thunderbird, in the languages that they speak.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime

from callforth.model.meeting import Meeting
from callforth.model.text import clean_line, fold
from callforth.workflow.intake.shapes import mail_text

_FORWARDED = (
    "forwarded|weitergeleitet|transf[eé]r|reexpedi|reenviad|encaminhad|inoltrat|doorgestuurd|vidarebefordra|videresend"
    "|valitetty|edelleen|przekazan|poslan[ae] (?:dal|zprava|sprava)|preposlan|tovabbitott|redirect|transmis|пересл"
    "|перенаправ|препрат|προωθ|iletil|yonlendir|proslijed|prosled|posredovan|edastatud|parsutit|persiust"
)
_ORIGINAL = (
    "original|ursprunglich|ursprungligt|oprindelig|opprinnelig|oorspronkelijk|alkuperainen|oryginaln|puvodn|povodn"
    "|eredeti|исходн|оригинал"
)
_DASHED = re.compile(
    rf"(?P<quoted>[>\s]*)-{{3,}}\s*[^-]{{0,40}}?(?:(?P<on>{_FORWARDED})|{_ORIGINAL})[^-]{{0,40}}-{{3,}}\s*"
)
_BEGINS = re.compile(rf"[^>:]{{0,30}}(?:{_FORWARDED})[^:]{{0,30}}:\s*")
_LINE = re.compile(r"[>\s]*_{10,}\s*")
_HEADER = re.compile(r"[>\s]*\*?([^\W\d_][^:*>]{0,18}?)\s?:\*?(.*)")
_SAYS = {
    "from": "from;von;de;da;från;fra;van;od;lähettäjä;mittente;от;от кого;від;από;feladó;expeditor;de la;gönderen;"
    "kimden",
    "date": "sent;date;gesendet;datum;envoyé;fecha;enviado;enviada em;data;inviato;skickat;sendt;dato;verzonden;"
    "wysłano;odesláno;odoslané;lähetetty;päivämäärä;päiväys;elküldve;dátum;trimis;дата;отправлено;надіслано;изпратено;poslano;"
    "gönderildi;tarih;ημερομηνία;στάλθηκε;enviado el",
    "to": "to;an;à;a;para;per;till;til;aan;do;komu;vastaanottaja;kenelle;címzett;către;кому;до;προς;kime;alıcı;za",
    "subject": "subject;betreff;objet;asunto;assunto;oggetto;ämne;emne;onderwerp;temat;předmět;predmet;aihe;tárgy;"
    "subiect;тема;θέμα;konu;zadeva",
    "other": "cc;kopia;kopi;kopie;copie;reply-to;antwort an;importance;attachments;anlagen;message-id;organization",
}
_KINDS = {fold(word): kind for kind, said in _SAYS.items() for word in said.split(";")}
_ON = re.compile(r"\s*(?:\[[^\]]*\]\s*)?(?:fwd?|wg|tr|rv|enc|i|vb|vl|doorst|pd|tov|ilt)\s?:", re.IGNORECASE)
_BACK = re.compile(r"\s*(?:\[[^\]]*\]\s*)?(?:re|aw|sv|antw?|odp|ré|res|r|vs|ynt|vá)\s?:", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>\[\]()\"':;,]+@[^\s<>\[\]()\"':;,]+")
_DEEPEST = 5
_MOST_HEADERS = 14
_WIDEST = 200


@dataclass(frozen=True, slots=True)
class Whose:
    """The words that count, and whose they are.

    `below` is what they answer to or pass on, `above` what those wrote who passed them on. `forwarded` is True where
    somebody else has sent them: then `name`, `address` and `date` (ISO 8601) are of the one who wrote them, '' where
    that cannot be read.
    """

    text: str
    below: str = ""
    above: str = ""
    forwarded: bool = False
    name: str = ""
    address: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class _Below:
    """A message below another one; `on` is True where a line says that it is passed on."""

    above: list[str]
    all: list[str]
    lines: list[str]
    headers: dict[str, str]
    on: bool

    @property
    def writer(self) -> tuple[str, str]:
        """Name and address of who wrote it, '' for what is not said."""
        said = self.headers.get("from", "")
        found = _ADDRESS.search(said)
        name = clean_line(said[: found.start()] if found else said).removesuffix("mailto:")
        return name.strip(" \"'*<>[]()"), found[0] if found else ""


def whose(text: str, subject: str, to: Collection[str], meeting: Meeting | None) -> Whose:
    """Return whose words a mail's text holds; `to` are the names and addresses that it was sent to, folded."""
    found = Whose(text)
    for _ in range(_DEEPEST):
        below = _below(found.text.split("\n"))
        if below is None:
            break
        own = mail_text.asks(below.above, meeting)
        inside = mail_text.asks(below.lines, meeting)
        above = mail_text.joined(below.above)
        on = not _BACK.match(subject) and (below.on or passes_on(subject))
        if not own and on and (inside or passes_on(subject) or not above):
            found = _passed_on(below, above)
            subject = below.headers.get("subject", "")
            continue
        name, address = below.writer
        theirs = bool({fold(name), fold(address)} & {*to}) or (meeting and address and address == meeting.contact)
        if not own and not below.on and theirs and mail_text.mostly_answered(below.lines, meeting):
            # Answers that are written into the message which asked for them.
            return replace(found, text=mail_text.joined([*below.above, "", *below.lines]))
        return replace(found, text=above, below=mail_text.joined(below.all))
    return found


def passes_on(subject: str) -> bool:
    """Return whether a subject says that somebody else's message is sent on: `Fwd: Application`."""
    return bool(_ON.match(subject))


def _passed_on(below: _Below, above: str) -> Whose:
    name, address = below.writer
    return Whose(mail_text.joined(below.lines), "", above, True, name, address, _date(below.headers.get("date", "")))


def _date(said: str) -> str:
    """Return when it was sent, as the message below says it; '' where that is not written as mail has it."""
    try:
        return parsedate_to_datetime(re.sub(r"\s(?:at|,)\s", " ", said)).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _below(lines: Sequence[str]) -> _Below | None:
    """Return the first message that stands below the one above, None where there is none."""
    for at, line in enumerate(lines):
        plain = fold(line[:_WIDEST])
        dashed, begins = _DASHED.fullmatch(plain), _BEGINS.fullmatch(plain)
        first = _filled(lines, at + 1) if dashed or begins or _LINE.fullmatch(line) else at
        if first == at and _kind(line) != "from":
            continue
        if first == at and at and lines[at - 1].strip("> \t"):
            continue  # in the midst of a paragraph
        headers, after = _headers(lines, first)
        whole = {"from", "subject"} <= headers.keys() and bool({"date", "to"} & headers.keys())
        if not (dashed or whole or (begins and "from" in headers)):
            continue
        quoted = first < len(lines) and lines[first].lstrip().startswith(">")
        inner = [re.sub(r"^\s*> ?", "", one) for one in lines[after:]] if quoted else list(lines[after:])
        on = bool(begins) or bool(dashed and dashed["on"] and ">" not in dashed["quoted"])
        return _Below(list(lines[:at]), list(lines[at:]), inner, headers, on)
    return None


def _filled(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip("> \t"):
        at += 1
    return at


def _kind(line: str) -> str:
    """Return what a line with a header says, one of `_SAYS`; '' for any other line."""
    match = _HEADER.fullmatch(line)
    return _KINDS.get(fold(match[1]), "") if match else ""


def _headers(lines: Sequence[str], at: int) -> tuple[dict[str, str], int]:
    """Return what the headers of a message below say, by kind, and where its text begins."""
    end = at
    while end < min(len(lines), at + _MOST_HEADERS) and lines[end].strip("> \t"):
        end += 1
    last = max((one for one in range(at, end) if _kind(lines[one])), default=at - 1)
    found: dict[str, str] = {}
    kind = ""
    for line in lines[at : last + 1]:
        match = _HEADER.fullmatch(line)
        kind = _kind(line) or kind
        text = match[2].strip() if match and _kind(line) else line.strip("> \t")
        if kind:
            found[kind] = f"{found.get(kind, '')} {text}".strip()
    return found, last + 1
