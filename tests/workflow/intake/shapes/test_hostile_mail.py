"""Whatever a stranger sends, the other messages of a mailbox come in, and of that one it is said where it stands."""

from __future__ import annotations

import random

import pytest

from callforth.plaintext import tables
from callforth.workflow.intake.shapes import mail, mail_text

FROM = b"From - Sat Aug 20 12:12:33 2022\n"
HEAD = b"From: Eve <eve@example.org>\nTo: apply@example.org\nDate: Mon, 1 Aug 2022 10:00:00 +0000\nMessage-ID: <e@x>\n"
KIND = b"Content-Type: "
NESTED = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (at, at) for at in range(1500))
CANNOT = "cannot be taken apart; read it in a mail program, and ask for it again"


def good(at):
    who = f"From: Ann {at} <a{at}@example.org>\nTo: apply@example.org\nMessage-ID: <{at}@example.org>\n"
    return f"{who}\nWe sing, {at}.\n".encode()


def box(*hostile):
    whole = [good(0)]
    for at, one in enumerate(hostile, 1):
        whole += [one, good(at)]
    return b"".join(FROM + one + b"\n\n" for one in whole)


def read(data):
    return mail.recognise(tables.read(data, "mail"), "mail")


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (KIND + b"text/html\n\n<p>We dance<![foo]> too</p>", "We dance too"),
        (KIND + b"text/html\n\n<p>We dance<![ hi", "We dance<![ hi"),
        (KIND + b"text/html\n\n<![if !x]>We dance<![endif]>, we<!foo> do<![CDATA[x]]>", "We dance, we do"),
        (KIND + b"text/plain; charset*0*=x; charset*=z\n\nWe dance", "We dance"),
        (KIND + b"text/plain; format*0*=x; format*=z; delsp*=a'b\n\nWe dance", "We dance"),
        (KIND + b'text/plain; charset="utf\x008"\n\nWe dance\xe9', "We danceé"),
        (KIND + b"text/plain; charset=%s\n\nWe dance" % (b"a" * 5000), "We dance"),
        (b"Content-Disposition: \xff; filename*0*=a; filename*=b\n\nWe dance", "We dance"),
        (b"Cc: " + b"(" * 5000 + b"\n\nWe dance", "We dance"),
    ],
)
def test_what_is_written_oddly_is_read_all_the_same(message, text):
    assert [one.cells["message"] for one in read(HEAD + message).submissions] == [text]


@pytest.mark.parametrize("body", [NESTED, b"Content-Type: message/rfc822\n\n" * 1500])
def test_a_message_that_cannot_be_taken_apart_is_told_with_its_place(body):
    export = read(box(HEAD + body + b"\nWe dance"))
    ann, eve, bo = export.submissions
    assert (ann.cells["message"], bo.cells["message"]) == ("We sing, 0.", "We sing, 1.")
    assert (eve.row, eve.gone, eve.received) == (2, CANNOT, "2022-08-01T10:00:00+00:00")
    assert (eve.cells["name"], eve.cells["email"]) == ("Eve", "eve@example.org")
    assert eve.cells["message"].endswith("We dance")
    assert export.notes == (
        "messages that cannot be taken apart are left out (row 2); with --incomplete they come in letter by letter as "
        "they were sent",
    )


def test_a_message_that_cannot_be_taken_apart_does_not_hide_another_with_its_id():
    same = good(1).replace(b"<1@example.org>", b"<e@x>")
    assert [(one.row, one.gone) for one in read(box(HEAD + NESTED, same)).submissions if one.row in (2, 4)] == [
        (2, CANNOT),
        (4, ""),
    ]


def test_a_message_alone_of_which_nothing_can_be_told_is_a_row_too():
    (one,) = read(b"From: ((((\nTo: \nSubject: x\n" + NESTED).submissions
    assert (one.row, one.gone, one.source, one.received, list(one.cells)) == (1, CANNOT, "", "", ["message"])


def test_the_rest_of_a_mailbox_is_imported(workspace, tmp_path):
    (tmp_path / "box").write_bytes(
        box(HEAD + NESTED + b"We dance", HEAD.replace(b"e@x", b"f@x") + KIND + b"text/html\n\n<![foo]>We dance")
    )
    args = ("import", "oslo-2022", str(tmp_path / "box"), "--yes", "--map", "Message=answer.why")
    said = workspace.run(*args, "--dry-run").err
    assert "messages that cannot be taken apart are left out (row 2); with --incomplete" in said
    assert f"row 2: {CANNOT}" in said
    done = workspace.done(*args)
    assert (len(done["new"]), done["incomplete"]) == (4, [2])
    (eve,) = workspace.done(*args, "--incomplete")["new"]
    (answer,) = workspace.done("show", eve)["answers"]
    assert (answer["text"].count("boundary="), answer["text"][-8:]) == (1499, "We dance")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<html><head><meta charset=utf-8><title>x</title><body><p>Why?</p><p>Because", "Why?\n\nBecause"),
        ("<head><style>p{}</style><p>Why?</p>", "Why?"),
        ("<head><title>x<body><p>Why?</p>", "Why?"),
        ("<table><tr><td>Name:</td><td>Ann Berg</td></tr><tr><td>Diet</td><td>none</td></tr></table>",
         "Name: Ann Berg\nDiet none"),
        ("<table><tr><th>a<th>b<tr><td> c </td>\n<td>d</td></table>", "a b\nc  d"),
        ("<ul><li><b>a</b>b<li><p>c</ul><blockquote>d<td>e</blockquote>f", "- ab\n-\n\nc\n> d e\nf"),
    ],
)  # fmt: skip
def test_no_words_of_html_are_lost_or_run_together(html, text):
    assert mail_text.of_html(html) == text


def test_a_form_whose_labels_stand_in_cells_of_their_own():
    html = b"<table><tr><td>Name:</td><td>Ann Berg</td></tr><tr><td>Email:</td><td>ann@example.org</td></tr></table>"
    (one,) = read(HEAD + KIND + b"text/html\n\n" + html).submissions
    assert (one.cells["name"], one.cells["email"]) == ("Ann Berg", "ann@example.org")


PIECES = [
    b"Content-Type: text/html", b"Content-Type: text/plain", b"Content-Type: multipart/mixed; boundary=b",
    b"Content-Type: multipart/alternative; boundary=\"b", b"Content-Type: message/rfc822",
    b"Content-Type: multipart/report",
    b"; charset=", b"; charset*=", b"; charset*0*=", b"; charset*1=", b"; format*=", b"; format=flowed", b"; delsp*0*=",
    b"utf-8''x", b"idna", b"punycode", b"unicode_escape", b"hex", b"utf\x008", b"undefined", b"'", b'"', b"\n", b"\n\n",
    b"\n--b\n", b"\n--b--\n", b"\r\n", b"\nContent-Transfer-Encoding: base64", b"\nContent-Transfer-Encoding: x-uue",
    b"\nContent-Transfer-Encoding: quoted-printable", b"\nContent-Disposition: attachment; filename*=", b"\nDate: ",
    b"Mon, 99 Foo 20222222 99:00 +9999", b"\nReply-To: ", b"\nFrom: ", b"((((", b"=?utf-8?b?!!?=", b"=?x\x00?q?a?=",
    b"=?idna?q?..?=", b"<", b">", b"@", b"a@example.org", b"\xff", b"\x00", b"<![", b"<![foo]>", b"<![CDATA[", b"<!",
    b"<!--", b"<?", b"]]>", b"-->", b"<td>", b"<body>", b"<title>", b"<script>", b"</", b"&#99999999999;",
    b"<blockquote>", b"> ", b"On 2022 x wrote:", b"----- Original Message -----", b"\nSubject: Fwd: x", b"\nSent: 99",
    b"begin 666 a", b"=C3", b"so",
]  # fmt: skip


def test_whatever_a_stranger_sends_the_others_come_in():
    chance = random.Random(7)
    for _ in range(12):
        hostile = [
            HEAD.replace(b"<e@x>", b"<e%d@x>" % at) + b"".join(chance.choices(PIECES, k=chance.randint(1, 40)))
            for at in range(20)
        ]
        export = read(box(*hostile))
        told = {one.row: one for one in export.submissions}
        for at in range(21):
            assert told[2 * at + 1].cells["message"] == f"We sing, {at}."
        assert [one.row for one in export.submissions if one.gone == CANNOT] == []
