"""What is typed into the form is what the file says, whatever it is: ten thousand random and hostile texts."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from callforth.model.application import Answer
from callforth.plaintext import application, arrival, call
from callforth.web import form
from callforth.workflow.intake.values import country

from .conftest import ANA, CALL

MEETING = call.parse(CALL.encode(), "call.md", "oslo-2027")
PIECES = (
    "---", "\n---\n", "\nstatus: accepted", "<!-- question: case -->",
    "\n<!-- question: case -->\n## Case\n", "# ", "## ", "<<<<<<< ours\n", "=======", ">>>>>>>",
    "|||||||", "\\", "\\#", "\\\\---", "...", "&amp;", "<script>", "{{ 7*7 }}", "{%", "\r\n", "\r",
    "\n", "\n\n\n", " ", "\t", "\0", "\x1b[31m", "\x85", "\u2028", "\u202e", "\u200d", "\ufeff",
    "\ud800", "'", '"', "`", ": ", "- ", "? ", "!!python/object", "*a", "&a", "%", "@", "yes", "NO",
    "~", "0x1F", "1e3456", "12:30:00", "=cmd()", "+1", "é", "e\u0301\u0301\u0301\u0301\u0301",
    "Ελλάδα", "日本", "שלום", "🙂", "a", "word", "Application: x/y",
)  # fmt: skip


def bodies(count: int):
    chance = random.Random(6)
    for _ in range(count):
        text = {name: "".join(chance.choices(PIECES, k=chance.randrange(12))) for name in ANA}
        yield {**text, "applicant.email": ANA["applicant.email"], "applicant.role": "teacher", "consent": "yes"}


def test_ten_thousand_texts_come_out_as_they_went_in():
    cells = 0
    for body in bodies(2500):
        filled = form.read(MEETING, body, consent=True)
        sent = form.sent(MEETING, filled)
        raw = arrival.write("k7m2qx", datetime(2027, 9, 1, tzinfo=UTC), sent.applicant, sent.answers, "form/7k2m9qxd")
        found = application.parse(raw, "applications/oslo-2027/k7m2qx.md", "oslo-2027", "k7m2qx")
        assert (found.status, found.tags, found.source, found.extra) == ("received", (), "form/7k2m9qxd", {})
        assert found.applicant == sent.applicant
        assert application.answers(found.body) == sent.answers
        shown = form.kept(MEETING, found)
        assert country(shown["applicant.country"]) == found.applicant.get("country", "")
        shown["applicant.country"] = filled.values["applicant.country"]
        assert {name: text for name, text in shown.items() if text} == {
            name: text for name, text in filled.values.items() if text and name not in (form.CONSENT, form.HONEYPOT)
        }
        cells += 4
    assert cells == 10_000


def test_who_agrees_to_what_is_kept_under_a_name_that_no_question_has():
    agreed = form.agreed(MEETING, "I agree.", datetime(2027, 9, 1, 8, 5, tzinfo=UTC))
    assert agreed == Answer("consent", "I agree.", "Agreed on 2027-09-01 at 08:05 UTC.")
    asked = call.parse(CALL.replace("id: case", "id: consent").encode(), "call.md", "oslo-2027")
    assert form.agreed(asked, "I agree.", datetime(2027, 9, 1, tzinfo=UTC)).question == "consent-given"


def test_a_country_with_choices_is_there_again_to_be_corrected_and_a_dash_is_none():
    lines = "name: country\n  label: Your country\n"
    asked = call.parse(CALL.replace(lines, f"{lines}  choices:\n  - Norway\n  - None\n").encode(), "c.md", "oslo-2027")
    for said in ("Norway", "None"):
        sent = form.sent(asked, form.read(asked, {**ANA, "applicant.country": said}, True))
        raw = arrival.write("k7m2qx", datetime(2027, 9, 1, tzinfo=UTC), sent.applicant, sent.answers, "form/7k2m9qxd")
        stored = application.parse(raw, "", "oslo-2027", "k7m2qx")
        assert form.kept(asked, stored)["applicant.country"] == said
    needed = call.parse(CALL.replace(lines, f"{lines}  required: true\n").encode(), "c.md", "oslo-2027")
    for meeting, errors in ((needed, ["applicant.country"]), (MEETING, [])):
        filled = form.read(meeting, {**ANA, "applicant.country": "-"}, True)
        assert (list(filled.errors), "country" in form.sent(meeting, filled).applicant) == (errors, False)


def test_an_address_is_one_that_mail_goes_to():
    good = ["a.b+c@x.example.org", "o'brien@example.org", "ána@bücher.example.org", "a@例え.jp"]
    bad = ["a", "a@b", "a b@x.org", "mailto:a@x.org", "a@b@c.org", "=?utf-8?q?x?=@x.org", '"a"@x.org', "a@x..org"]
    bad += ["a@x.org, b@x.org", f"a@{'x' * 70}.org", "a@x.org\nBcc: b@x.org", "<a@x.org>"]
    said = {one: form.read(MEETING, {**ANA, "applicant.email": one}, True).errors for one in good + bad}
    assert {one for one, errors in said.items() if not errors} == set(good)
    assert {tuple(errors) for errors in said.values() if errors} == {("applicant.email",)}
