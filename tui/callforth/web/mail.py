"""Confirmations by mail: each is a file in the outbox first, and goes from there through a server where there is one.

So none is lost when the mail server is away or this one is stopped, and without a server they wait for whoever sends
them. A mail has nothing in it that was typed into the form: it cannot be used to send words of one's own to others. It
has the private link in the clear, so the outbox is for its owner's eyes only, and a mail that was sent is deleted.
"""

from __future__ import annotations

import os
import secrets
import smtplib
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from callforth.errors import WorkspaceError, keep_traceback
from callforth.model.meeting import Meeting
from callforth.repo.durable import CannotWrite, settle, write_file
from callforth.web.settings import Settings
from callforth.workflow.intake import values

_RETRY_SECONDS = 60.0
_TIMEOUT = 30.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_REFUSED = "failed"

Tell = Callable[[str], None]


class NoMail(WorkspaceError):
    """A mail cannot be written: nobody to send it, or an address that mail cannot go to."""


class Mailer:
    """The outbox of one server, and the thread that empties it."""

    def __init__(self, settings: Settings, tell: Tell) -> None:
        """Open the outbox; `tell` is told in a line what goes wrong. Raises `CannotWrite`."""
        self._settings = settings
        self._folder = settings.outbox
        self._tell = tell
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CannotWrite(self._folder, error) from None
        self._wake = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="mail", daemon=True)

    def start(self) -> None:
        """Begin to send, where a server is set."""
        if self._settings.smtp:
            self._thread.start()

    def close(self) -> None:
        """End; what was not sent stays for the next time."""
        self._ended = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_TIMEOUT)

    def put(self, meeting: Meeting, to: str, subject: str, text: str) -> None:
        """Put a mail into the outbox. Raises `NoMail`, `CannotWrite`."""
        sender = self._settings.sender or meeting.contact
        if not values.address(sender):
            raise NoMail("nobody can be written to: the call's contact is no address; set callforth.mail.from")
        message = EmailMessage(policy=policy.SMTP)
        try:
            message["From"], message["To"] = _address(sender), _address(to)
        except (ValueError, MessageError):
            raise NoMail("the address is none that mail can go to") from None
        message["Subject"] = subject
        message["Date"] = format_datetime(self._settings.now().astimezone())
        message["Message-ID"] = make_msgid(domain=urlsplit(self._settings.url).hostname or "localhost")
        message["Auto-Submitted"] = "auto-generated"
        if values.address(meeting.contact):
            message["Reply-To"] = _address(meeting.contact)
        message.set_content(text)
        file = self._folder / f"{secrets.token_hex(12)}.eml"
        beside = file.with_suffix(".new")
        try:
            write_file(beside, message.as_bytes(), 0o600)
            settle([beside])
            beside.replace(file)
        except OSError as error:
            raise CannotWrite(file, error) from None
        self._wake.set()

    def _run(self) -> None:
        while not self._ended:
            self._wake.clear()
            try:
                self.send()
            except Exception:  # a defect: the next mail must go all the same
                self._tell(keep_traceback())
            self._wake.wait(_RETRY_SECONDS)

    def send(self) -> int:
        """Send what is in the outbox, and return how many went."""
        files, done = list(self._folder.glob("*.eml")), 0
        if not files:
            return 0
        try:
            files.sort(key=lambda file: file.stat().st_mtime_ns)
            with _server(self._settings.smtp) as server:
                for file in files:
                    done += self._sent(server, file)
        except (OSError, smtplib.SMTPException) as error:
            waiting = len(files) - done
            self._tell(f"mail waits in the outbox ({waiting}): {_why(error)}")
        return done

    def _sent(self, server: smtplib.SMTP, file: Path) -> bool:
        message = BytesParser(policy=policy.SMTP).parsebytes(file.read_bytes())
        try:
            server.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError) as error:
            with suppress(smtplib.SMTPException):
                server.rset()
            if _for_now(error):
                self._tell(f"a mail waits in the outbox: {_why(error)}")
                return False
            folder = self._folder / _REFUSED
            folder.mkdir(mode=0o700, exist_ok=True)
            file.replace(folder / file.name)
            self._tell(f"a mail was refused and lies in {_REFUSED}/{file.name} of the outbox: {_why(error)}")
            return False
        file.unlink()
        return True


def _address(text: str) -> Address:
    """Return an address as mail is sent to it: the domain in ASCII. No name: that would be somebody's own words."""
    found = values.address(text)
    local = next((part for part in text.split() if "@" in part), text).strip("<>").rpartition("@")[0]
    return Address(username=local, domain=found.rpartition("@")[2])


def _server(url: str) -> smtplib.SMTP:
    """Return a connection, logged in where the address has a user; in the clear only on this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=_TIMEOUT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=_TIMEOUT)
        server.ehlo()
        if server.has_extn("starttls"):
            context = ssl.create_default_context()
            if host in _LOOPBACK:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            server.starttls(context=context)
        elif host not in _LOOPBACK:
            server.close()
            raise smtplib.SMTPNotSupportedError("the server does not encrypt (no STARTTLS)")
    if parts.username:
        server.login(unquote(parts.username), os.environ.get("CALLFORTH_SMTP_PASSWORD", ""))
    return server


def _for_now(error: smtplib.SMTPException) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and 400 <= error.smtp_code < 500


def _why(error: Exception) -> str:
    """Return what went wrong without what a server said: that may have an address in it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"the address was refused ({', '.join(str(code) for code, _ in error.recipients.values())})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server said {error.smtp_code}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
