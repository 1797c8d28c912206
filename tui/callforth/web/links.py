"""Private links: who holds one may correct and withdraw one application. What is kept of it is its SHA-256 digest.

The digests stand in the git directory, in `callforth/serve/MEETING.links`, and nowhere in the repository: no clone and
no forge has them, nobody can take one application's link for another's by an edit of files, and they can be deleted
with the meeting, which history cannot. They survive a restart. A copy of the workspace made by `git clone` answers no
link that was handed out here; a backup of a server therefore includes its git directory.

A link is derived from a number that came with the form, from who sent it, and from a secret beside the digests. So the
same form sent twice has the same link, and makes one application, whatever happened in between; and the link can be
shown again to whoever sends it twice, though it is stored nowhere.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callforth.errors import RefusedError
from callforth.model.ids import ALPHABET
from callforth.repo.durable import CannotWrite, settle, write_file

_REFERENCE = 8
_RANDOM, _MARK = 16, 16
_LINE = re.compile(rf"([0-9a-f]{{64}}) ([{ALPHABET}]{{{_REFERENCE}}}) ([{ALPHABET}]{{6}})\n")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class ServedAlready(RefusedError):
    """Another process serves this meeting from this workspace."""


@dataclass(frozen=True, slots=True)
class Link:
    """Whose a link is: the application's id, and the reference that its applicant knows it by."""

    id: str
    reference: str

    @property
    def shown(self) -> str:
        """The reference as people read it out: `7K2M-9QXD`."""
        return f"{self.reference[:4]}-{self.reference[4:]}".upper()


class Links:
    """The links of one meeting. Only one process has them open; reading is safe from any thread."""

    def __init__(self, folder: Path, meeting: str) -> None:
        """Open, or begin. Raises `ServedAlready`, `CannotWrite`."""
        self._file = folder / f"{meeting}.links"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(self._file, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._handle)
                raise ServedAlready(f"{meeting} is served from this workspace already; stop that first") from None
            self._secret = _secret(folder / "secret")
            data = self._file.read_bytes()
        except OSError as error:
            raise CannotWrite(self._file, error) from None
        text = data.decode("ascii", errors="replace")
        self._links = {found[1]: Link(found[3], found[2]) for found in _LINE.finditer(text)}
        self._new: list[str] = [] if text.endswith("\n") or not text else ["\n"]  # a line that a power cut left

    def close(self) -> None:
        """Let another process have them."""
        os.close(self._handle)

    def once(self) -> str:
        """Return a new number for a form, which only this server can have made."""
        random = secrets.token_bytes(_RANDOM)
        return _text(random + self._of(b"once", random)[:_MARK])

    def token(self, once: str, who: str) -> str:
        """Return the private link's token for a form with this number that this person sends.

        '' where the number is none of this server's.
        """
        try:
            raw = base64.b64decode(f"{once}=".encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:
            return ""
        random, mark = raw[:_RANDOM], raw[_RANDOM:]
        if not hmac.compare_digest(self._of(b"once", random)[:_MARK], mark):
            return ""
        return _text(self._of(b"link", random + who.encode()))

    def find(self, token: str) -> Link | None:
        """Return whose a token is, or None."""
        return self._links.get(_digest(token)) if _TOKEN.fullmatch(token) else None

    def add(self, token: str, name: str) -> Link:
        """Make a token that of the application `name`; it counts at once, and is on the disk after `settle`."""
        known = {link.reference for link in self._links.values()}
        reference = _reference()
        while reference in known:
            reference = _reference()
        link = self._links[_digest(token)] = Link(name, reference)
        self._new.append(f"{_digest(token)} {reference} {name}\n")
        return link

    def settle(self) -> None:
        """Wait until what was added is on the disk. Raises `CannotWrite`."""
        if not self._new:
            return
        data = "".join(self._new).encode()
        try:
            done = os.write(self._handle, data)
            if done < len(data):
                raise OSError(28, "No space left on device")
            os.fsync(self._handle)
        except OSError as error:
            self._new.insert(0, "\n")  # there may be half a line now
            raise CannotWrite(self._file, error) from None
        self._new.clear()

    def _of(self, purpose: bytes, data: bytes) -> bytes:
        return hmac.digest(self._secret, purpose + b"\0" + data, hashlib.sha256)


def _secret(file: Path) -> bytes:
    if not file.exists():
        new = file.with_name(f"secret.{secrets.token_hex(8)}")
        write_file(new, secrets.token_hex(32).encode(), 0o600)
        settle([new])
        with suppress(FileExistsError):  # another meeting's server was first
            os.link(new, file)
        new.unlink()
        settle([file.parent])
    return bytes.fromhex(file.read_text(encoding="ascii"))


def _reference() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(_REFERENCE))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
