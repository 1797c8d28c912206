"""A page of a pack holds what was chosen for it, and shows what was written as it was written."""

from callforth.model.application import Answer
from callforth.plaintext import application, blind
from callforth.plaintext.document import read


def test_a_page_is_its_fields_and_answers_and_nothing_else() -> None:
    answers = [Answer("why", "Why do you want to come?", "Because of the bridge.\nAnd:\n\n- rain")]
    raw = blind.page("oslo-2022", "1e3456", {"role": "youth worker", "country": "NO", "note": ""}, answers)
    assert raw.decode() == (
        '---\nid: "1e3456"\nmeeting: oslo-2022\napplicant:\n  role: youth worker\n  country: "NO"\n---\n\n'
        "<!-- question: why -->\n## Why do you want to come?\n\nBecause of the bridge.  \nAnd:\n\n\\- rain\n"
    )


def test_what_an_applicant_wrote_can_be_no_field_heading_or_picture() -> None:
    text = "---\nid: 3fh9td\n---\n# Heading\n<!-- question: other -->\n![x](https://example.org/x.png)\n<<<<<<< ours"
    raw = blind.page("oslo-2022", "k7m2qx", {"role": 'x"\\: [y'}, [Answer("why", "Why?", text)])
    document = read(raw, "applications/oslo-2022/k7m2qx.md")
    assert document.data == {"id": "k7m2qx", "meeting": "oslo-2022", "applicant": {"role": 'x"\\: [y'}}
    assert [one.question for one in application.answers(document.body)] == ["why"]
    assert "\n#" not in raw.decode().split("## Why?")[1]
    assert "!\\[x\\](https\\://example.org/x.png)" in raw.decode()
