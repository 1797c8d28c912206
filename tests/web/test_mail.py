"""Confirmations, through a real mail server on loopback: none is lost, and none says what somebody typed."""

from __future__ import annotations

import socket
from email import policy
from email.parser import BytesParser

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from callforth.web.settings import Rate

from .conftest import text_of, wait_until


class Inbox:
    """What a mail server was given; it refuses what it is told to."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], object]] = []
        self.answers: list[str] = []
        self.logins: list[bytes] = []

    def let_in(self, server, session, envelope, mechanism, login):
        self.logins.append(login.login)
        return AuthResult(success=True)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (its name there)
        if self.answers:
            return self.answers.pop(0)
        self.mails.append((envelope.rcpt_tos, BytesParser(policy=policy.default).parsebytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def inbox():
    found = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=port, authenticator=found.let_in, auth_require_tls=False)
    controller.start()
    found.url = f"smtp://127.0.0.1:{port}"
    yield found
    controller.stop()


def test_a_confirmation_has_the_link_and_nothing_that_was_typed(serve, team, inbox):
    served = serve(smtp=inbox.url.replace("//", "//form%40example.org@"))
    path = served.applied(name="Buy https://spam.example.com", email="Ána.Silva+x@bücher.example.org")
    wait_until(lambda: inbox.mails)
    ((to, mail),) = inbox.mails
    assert inbox.logins == [b"form@example.org"]
    assert to == ["Ána.Silva+x@xn--bcher-kva.example.org"]
    assert (mail["From"], mail["Reply-To"]) == ("organisers@example.org", "organisers@example.org")
    assert mail["Subject"] == "We have your application: Bridges & “walls” <2027>"
    assert mail["Auto-Submitted"] == "auto-generated"
    said = mail.get_content().replace("\r\n", "\n")
    assert f"{served.url}{path}\n" in said
    assert "Until Thursday 9 September 2027, 23:59 (UTC+2) you can correct" in said
    assert "spam" not in mail.as_string()
    wait_until(lambda: not list((team.root / ".git/callforth/outbox").glob("*.eml")))
    served.http.post(f"{path}/withdraw", data={"x": "y"})
    wait_until(lambda: len(inbox.mails) == 2)
    assert "is withdrawn." in inbox.mails[1][1].get_content()


def test_mail_waits_while_the_server_says_later_and_is_put_aside_where_it_says_never(serve, team, inbox):
    inbox.answers = ["451 later", "550 never"]
    served = serve(smtp=inbox.url)
    outbox = team.root / ".git/callforth/outbox"
    served.applied()
    wait_until(lambda: any("waits in the outbox: the mail server said 451" in line for line in served.log))
    assert (len(list(outbox.glob("*.eml"))), inbox.mails) == (1, [])
    served.server.mailer.send()
    assert len(list((outbox / "failed").glob("*.eml"))) == 1
    assert not [line for line in served.log if "@" in line]
    served.stop()
    # Without a server it waits for one, over a restart too.
    served = serve()
    served.applied(email="bo@example.org")
    served.stop()
    assert [file.stat().st_mode & 0o777 for file in outbox.glob("*.eml")] == [0o600]
    served = serve(smtp=inbox.url)
    wait_until(lambda: inbox.mails)
    assert inbox.mails[0][0] == ["bo@example.org"]


def test_nobody_is_flooded_with_confirmations_and_the_page_says_whether_one_comes(serve, team, inbox):
    served = serve(smtp=inbox.url, mails=Rate(1, 600.0))
    said = [
        text_of(served.http.get(served.send(email=one).headers["location"])) for one in ("a@b.example", "A@B.example")
    ]
    assert ["on its way to you by e-mail" in one for one in said] == [True, False]
    wait_until(lambda: inbox.mails)
    assert [line for line in served.log if line.startswith("no mail")] == [
        "no mail: this address was written to very often just now"
    ]
    assert (len(inbox.mails), len(served.files())) == (1, 2)
