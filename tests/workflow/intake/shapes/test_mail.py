"""Applications by mail: one message, a mailbox, and what mail programs do to text on its way."""

from __future__ import annotations

import mailbox
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from callforth.model.intake import FIELD, META
from callforth.model.meeting import Field, Meeting, Question
from callforth.plaintext import tables
from callforth.plaintext.tables import TableUnusable
from callforth.workflow.intake.shapes import mail, mail_text

WHEN = datetime(2022, 9, 9, 23, 59, tzinfo=UTC)
WHY = "Why do you want to come, and whom would you bring along?"
MEETING = Meeting(
    "oslo-2022", "Oslo", "", WHEN, WHEN, "Oslo", "en", 3, "", WHEN, "",
    fields=(Field("name", "Your name"), Field("country", "Country you work in")),
    questions=(Question("why", WHY, WHY), Question("diet", "Diet", "Diet")),
)  # fmt: skip
MARKED = """Dear team,

here is mine.

Organisation: Bairro
Country: Portugal

<!-- question: why -->
## Why do you want to come?

For the bridge.
# And the river.
> They said so.

<!-- question: diet -->
None: I eat all.

--\x20
Ana
Bairro, Porto

On Sat, 20 Aug 2022 at 10:00, Sanna Lind
<sanna.lind@example.org> wrote:
> Do apply!
"""


def message(text, sender="Ana Silva <Ana@example.org>", number=1, html="", **headers):
    made = EmailMessage()
    made["From"] = sender
    made["To"] = "Call <apply@example.org>"
    made["Subject"] = "Ansökan"
    made["Date"] = "Sat, 20 Aug 2022 12:12:33 +0200"
    made["Message-ID"] = f"<ana.silva.{number}@example.org>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def read(data, meeting=None):
    whole = data if isinstance(data, bytes) else data.as_bytes()
    return mail.recognise(tables.read(whole, "mail"), "mail", meeting)


def answers(export, row=0):
    columns = [column for column in export.columns if column.kind != META]
    cells = export.submissions[row].cells
    return {column.key: cells[column.key] for column in columns if column.key in cells}


def test_questions_by_their_marks():
    export = read(message(MARKED))
    assert answers(export) == {
        "name": "Ana Silva", "email": "Ana@example.org", "Organisation": "Bairro", "Country": "Portugal",
        "message": "Dear team,\n\nhere is mine.", "why": "For the bridge.\n# And the river.\n> They said so.",
        "diet": "None: I eat all.",
    }  # fmt: skip
    assert [(column.key, column.kind) for column in export.columns if column.kind in (FIELD, META)] == [
        ("name", FIELD), ("email", FIELD), ("from", META), ("subject", META), ("signature", META), ("quoted", META)
    ]  # fmt: skip
    (one,) = export.submissions
    assert (one.row, one.received, len(one.source), "silva" in one.source) == (
        1,
        "2022-08-20T12:12:33+02:00",
        16,
        False,
    )
    assert (one.cells["subject"], one.cells["signature"]) == ("Ansökan", "Ana\nBairro, Porto")
    assert one.cells["quoted"].endswith("wrote:\n> Do apply!")
    assert (export.column("why").label, export.kind) == ("Why do you want to come?", "email")


def test_questions_by_headings_of_every_form():
    text = (
        "## Why do you come?\n\nFor the bridge.\n\n2) What is your experience of\ndialogue, in words?\n\nSince 2017.\n"
        "\n> Which languages do\n> you speak?\n\nPortuguese.\n\n**Whom will you bring?**\nBo.\n\n*And then:* nothing.\n"
    )
    assert answers(read(message(text))) == {
        "name": "Ana Silva", "email": "Ana@example.org", "Why do you come?": "For the bridge.",
        "What is your experience of dialogue, in words?": "Since 2017.", "Which languages do you speak?": "Portuguese.",
        "Whom will you bring?": "Bo.\n\n*And then:* nothing.",
    }  # fmt: skip


def test_all_as_one_answer():
    text = "Hello,\n\nI want to come. Why do we talk at all?\nWhy not?\n\nTime: 9:00\n\n> as they say\n\nAna"
    assert answers(read(message(text)))["message"] == text


def test_questions_as_the_call_words_them():
    text = (
        "> Your name: Ana Maria Silva\nHi!\n\n1. Why do you want to come & whom\nwould you bring along?\n"
        "For the bridge.\n"
        "Why? So.\n\nDiet: vegan\nand rice\nCountry you work in: Portugal\n"
    )
    assert answers(read(message(text), MEETING)) == {
        "name": "Ana Maria Silva", "email": "Ana@example.org", "country": "Portugal", "message": "Hi!",
        "why": "For the bridge.\nWhy? So.", "diet": "vegan\nand rice",
    }  # fmt: skip
    assert answers(read(message("[why]\nSo.\n[diet]\nvegan"), MEETING)) == {
        "name": "Ana Silva", "email": "Ana@example.org", "why": "So.", "diet": "vegan"}  # fmt: skip


def test_a_mailbox(tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    away = message("I am away.", number=4, Auto_Submitted="auto-replied")
    to = '"Fox, Di" <di@example.org>, apply@example.org'
    sent_on = {"Reply_To": to, "Auto_Submitted": "auto-generated"}
    reply_to = message("We cook.", "Form <form@example.org>", 5, **sent_on)
    with_file = message("We sing.", "=?iso-8859-1?q?Bj=F6rn_Ek?= <bo@example.org>", 2)
    with_file.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="cv.pdf")
    for one in (message("From me\n\nFrom here on."), with_file, message("From me", number=1), away, reply_to):
        box.add(mailbox.mboxMessage(one))
    box.close()
    export = read((tmp_path / "box").read_bytes())
    assert [(one.row, *answers(export, at).values()) for at, one in enumerate(export.submissions)] == [
        (1, "Ana Silva", "Ana@example.org", "From me\n\nFrom here on."),
        (2, "Björn Ek", "bo@example.org", "We sing."),
        (5, "Fox, Di", "di@example.org", "We cook."),
    ]
    assert export.notes == (
        "automatic answers and reports of delivery were left out (row 4)",
        "attached files are not taken in (row 2)",
    )


def test_what_programs_send_back_is_left_out_of_a_mailbox_and_what_a_form_sends_on_is_not(tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    for one in (
        message("We sing.", Return_Path="<ana@example.org>"),
        message("Not delivered.", number=2, Return_Path="<>"),
        message("Not delivered.", "MAILER-DAEMON@mx.example.org", 3),
        message("I am away.", number=4, X_Auto_Response_Suppress="All"),
        message("I am away.", number=5, Precedence="auto_reply"),
        message("We cook.", "Form <form@example.org>", 6, Return_Path="<>", Reply_To="bo@example.org",
                X_Auto_Response_Suppress="All"),
    ):  # fmt: skip
        box.add(mailbox.mboxMessage(one))
    box.close()
    export = read((tmp_path / "box").read_bytes())
    assert [(one.row, one.cells["email"]) for one in export.submissions] == [
        (1, "Ana@example.org"),
        (6, "bo@example.org"),
    ]
    assert export.notes == ("automatic answers and reports of delivery were left out (rows 2, 3, 4, 5)",)
    with pytest.raises(TableUnusable):
        read(message("Not delivered.", Return_Path="<>"))


def test_html_alone_flowed_text_and_strange_encodings():
    html = message(
        "", html="<style>p{}</style><h2>Why?</h2><p>For <b>the</b>\nbridge<br>&amp; all</p><ul><li>a<li>b</ul>"
    )
    assert answers(read(html))["Why?"] == "For the bridge\n& all\n- a\n- b"
    flowed = (
        b"From: ana@example.org\r\nDate: nonsense\r\nContent-Type: text/plain; charset=x-unknown; format=flowed\r\n"
        b"MIME-Version: 1.0\r\n\r\nIt goes \r\non in Malm\xf6.\r\n-- \r\nAna\r\n"
    )
    export = read(flowed)
    assert answers(export) == {"email": "ana@example.org", "message": "It goes on in Malmö."}
    assert (export.submissions[0].received, export.submissions[0].source) == ("", "")


def test_only_what_programs_wrote_is_refused():
    with pytest.raises(TableUnusable) as error:
        read(message("I am away.", Auto_Submitted="auto-replied"))
    assert str(error.value) == ("mail has no message in it that a person wrote; save the applications' messages again")
    assert mail.recognise(tables.read(b"Name,Why\nAna,so\n", "x.csv"), "x.csv") is None


def test_text_below_a_quote_is_never_lost():
    text = "We sing:\n> la la\n> la"
    assert mail_text.read(text, None).answers == [mail_text.Part("message", "Message", text)]
    assert mail_text.of_html("<blockquote>q</blockquote>so<script>alert(1)</script>") == "> q\nso"


def test_a_message_and_a_mailbox_are_imported(workspace, tmp_path):
    (tmp_path / "ana.eml").write_bytes(message(MARKED.replace("diet -->", "food -->")).as_bytes())
    (ana,) = workspace.done("import", "oslo-2022", str(tmp_path / "ana.eml"), "--yes")["new"]
    shown = workspace.done("show", ana)
    assert (shown["received"], shown["applicant"]) == (
        "2022-08-20T10:12:33+00:00",
        {"name": "Ana Silva", "email": "Ana@example.org", "organisation": "Bairro", "country": "PT"},
    )
    assert [(one["question"], one["text"]) for one in shown["answers"]] == [
        ("why", "For the bridge.\n# And the river.\n> They said so."), ("message", "Dear team,\n\nhere is mine."),
        ("food", "None: I eat all."),
    ]  # fmt: skip
    assert workspace.done("import", "oslo-2022", str(tmp_path / "ana.eml"), "--yes")["unchanged"] == [ana]
    from_ = b"From - Sat Aug 20 12:12:33 2022\n"
    people = ("Bo Ek <bo@example.org>", "Cy Roe <cy@example.org>")
    said = [from_ + message(f"We sing, {who[:2]}.", who, at).as_bytes() for at, who in enumerate(people, 2)]
    (tmp_path / "box").write_bytes(b"\n".join(said))
    mapped = ("--yes", "--map", "Message=answer.why")
    new = workspace.done("import", "oslo-2022", str(tmp_path / "box"), *mapped)["new"]
    assert [[(one["question"], one["text"]) for one in workspace.done("show", id)["answers"]] for id in new] == [
        [("why", "We sing, Bo.")],
        [("why", "We sing, Cy.")],
    ]
    (tmp_path / "park.eml").write_bytes(message("Is there parking?", "Di <di@example.org>", 9).as_bytes())
    asked = workspace.done("import", "oslo-2022", str(tmp_path / "park.eml"), "--map", "Message=extra", "--yes")
    assert (asked["new"], asked["incomplete"]) == ([], [1])


ASKED = Meeting(
    "oslo-2022", "Oslo", "", WHEN, WHEN, "Oslo", "en", 3, "", WHEN, "call@example.org",
    questions=(Question("why", "Why do you want to come?", "Why?"), Question("diet", "Diet", "Diet")),
)  # fmt: skip
ANA = "Why do you want to come?\nI am Ana."
ANAS = {"name": "Ana Ban", "email": "ana@example.org", "why": "I am Ana."}
NORA, CALL = "Nora Vik <nora@example.org>", "Call <apply@example.org>"
WRITTEN = "From: {}\nDate: Sun, 1 Nov 2026 at 10:00\nSubject: Application\nTo: {}\n\n{}\n"


def written(who="Ana Ban <ana@example.org>", to=NORA, text=ANA):
    return WRITTEN.format(who, to, text)


@pytest.mark.parametrize(
    "text",
    [
        f"fyi\n\n---------- Forwarded message ---------\n{written()}",
        f"-------- Weitergeleitete Nachricht --------\nBetreff: \tFW\nDatum: \tSun, 1 Nov 2026 10:00\n"
        f"Von: \tAna Ban <ana@example.org>\nAn: \tx\n\n\n{ANA}",
        f"Begin forwarded message:\n\n> {written().strip()}".replace("\n", "\n> "),
        f"See below.\n\n________________________________\nFrom: Ana Ban [mailto:ana@example.org]\n"
        f"Sent: Sun, 1 Nov 2026 10:00\nTo: Nora Vik; Somebody\n Else\nSubject: Application\n\n{ANA}",
        f"-----Original Message-----\n{written()}\n-----Original Message-----\n{written(NORA, text='Why? Do apply!')}",
        f"---------- Forwarded message ---------\n{written(NORA, text='Look:')}\n> x\n\n"
        f"-----Messaggio originale-----\nDa: Ana Ban <ana@example.org>\nInviato: Sun, 1 Nov 2026 10:00\n"
        f"Oggetto: I: Application\n\n{ANA}".replace("Subject: Application", "Subject: Fwd: Application"),
    ],
)
def test_a_forwarded_application_is_of_the_one_who_wrote_it(text):
    forwarded = message(text, NORA)
    del forwarded["Subject"]
    forwarded["Subject"] = "Fwd: Application"
    export = read(forwarded, ASKED)
    assert answers(export) == ANAS
    assert (export.submissions[0].received, export.submissions[0].cells["from"]) == (
        "2026-11-01T10:00:00",
        "nora@example.org",
    )
    assert export.notes == ("forwarded messages are taken as of those who wrote them (row 1)",)


def test_what_was_sent_on_as_a_file_is_known_as_what_it_was_and_what_nobody_wrote_is_left_out(tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    original = message(ANA, "Ana Ban <ana@example.org>", 7)
    sent_on = message("Look.", NORA, 8)
    del sent_on["Subject"]
    sent_on["Subject"] = "WG: Application"
    sent_on.add_attachment(original)
    nobody = message(f"---------- Forwarded message ---------\n{ANA}", NORA, 9)
    beside = message(ANA, "Ana Ban <ana@example.org>", 10)
    beside.add_attachment(message("She is great.", "Boss <boss@example.org>", 11))
    for one in (sent_on, original, nobody, beside):
        box.add(mailbox.mboxMessage(one))
    box.close()
    export = read((tmp_path / "box").read_bytes(), ASKED)
    assert [(one.row, one.gone) for one in export.submissions] == [
        (1, ""),
        (3, "was forwarded, and it does not say who wrote it"),
        (4, ""),
    ]
    assert [answers(export, at) for at in range(3)] == [ANAS, {"why": "I am Ana."}, ANAS]


def test_words_of_a_message_that_is_answered_are_nobody_elses():
    quoted = f"-----Original Message-----\n{written(to='x')}"
    for text in (
        f"Why do you want to come?\nI am Cid.\n\n{quoted}",
        f"Why do you want to come?\nI am Cid.\n\n________________________________\n{written()}",
        "On Sun, 1 Nov 2026, Ana Ban wrote:\n> Why do you want to come?\n> I am Ana.\n\n"
        "Why do you want to come?\nI am Cid.",
        "Why do you want to come?\nI am Cid.\n\n> Why do you want to come?\n> I am Ana.",
    ):
        export = read(message(text, "Cid <cid@example.org>"), ASKED)
        assert answers(export) == {"name": "Cid", "email": "cid@example.org", "why": "I am Cid."}
        assert export.submissions[0].cells["quoted"].endswith("I am Ana.")
    typed_into = message("> Why do you want to come?\n> I am Cid.\n> Diet: vegan\n", "cid@example.org")
    assert answers(read(typed_into, ASKED)) == {"email": "cid@example.org", "why": "> I am Cid.", "diet": "vegan"}
    asked = "Why do you want to come?\n{}\n\nDiet:\n{}\n"
    into = f"See below.\n\n-----Original Message-----\n{written(CALL, text=asked.format('I am Cid.', 'vegan'))}"
    assert answers(read(message(into, "Cid <cid@example.org>"), ASKED)) == {
        "name": "Cid", "email": "cid@example.org", "message": "See below.", "why": "I am Cid.", "diet": "vegan",
    }  # fmt: skip
    above = f"I come for the bridge.\n\n-----Original Message-----\n{written(CALL, text=asked.format('', ''))}"
    assert answers(read(message(above, "Cid <cid@example.org>"), ASKED))["message"] == "I come for the bridge."
    trip = "Why do you want to come?\nMy trip:\n\nFrom: Oslo\nTo: Bergen\nDate: 4 October"
    assert answers(read(message(trip), ASKED))["why"] == "My trip:\n\nFrom: Oslo\nTo: Bergen\nDate: 4 October"
