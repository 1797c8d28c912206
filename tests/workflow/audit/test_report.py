"""The report as a file: the same bytes for the same history, nothing that runs or leads away, nothing that names."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from callforth.model.finding import Finding
from callforth.workflow.audit.report import FORMATS, report, write
from callforth.workflow.audit.report_page import percentage, share

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "dl", "dt",
    "dd", "svg", "text", "rect", "div", "table", "caption", "thead", "tbody", "tr", "th", "td",
    "pre", "i",
}  # fmt: skip
VOID = {"meta", "br", "hr", "link", "img", "input"}
FINDING = Finding(
    "record-disagrees",
    "the record says <i>accepted</i> | `declined`",
    "=cmd|' /C calc'!A1",
    commit="a" * 40,
    path='applications/oslo-2022/"><script>alert(1)</script>.md',
    line=3,
)


class Strict(HTMLParser):
    """Collects elements and text, and insists that what is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.elements, self.attributes, self.texts = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def files(selection, opened):
    made = report(opened(selection), "oslo-2022", (FINDING,))
    return {form: write(made, form).decode() for form in FORMATS}


def parsed(html):
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def test_the_same_history_gives_the_same_bytes_here_and_in_a_clone(selection, opened, tmp_path):
    first = report(opened(selection), "oslo-2022", (FINDING,))
    selection.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    clone = type(selection)(tmp_path / "clone")
    again = report(opened(clone), "oslo-2022", (FINDING,))
    assert {form: write(first, form) for form in FORMATS} == {form: write(again, form) for form in FORMATS}


def test_the_page_is_whole_and_holds_nothing_that_runs_or_leads_away(files):
    page = parsed(files["html"])
    assert set(page.elements) == ELEMENTS
    names = {name for _, name, _ in page.attributes}
    assert names <= {
        "lang", "charset", "http-equiv", "content", "name", "class", "role", "aria-label", "viewbox",
        "x", "y", "fill", "stroke", "text-anchor", "font-family", "font-size", "width", "height", "scope",
    }  # fmt: skip
    assert "http:" not in files["html"] and "https:" not in files["html"] and "url(" not in files["html"]


def test_its_policy_allows_its_own_style_and_nothing_else(files):
    [style] = re.findall(r"<style>(.*?)</style>", files["html"], re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    [policy] = [value for _, name, value in parsed(files["html"]).attributes if name == "content" and "src" in value]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_every_picture_is_well_formed_and_has_a_name(files):
    pictures = re.findall(r"<svg .*?</svg>", files["html"], re.DOTALL)
    found = [ElementTree.fromstring(picture) for picture in pictures]
    assert [picture.get("aria-label") for picture in found] == [
        "How many applications came how far",
        "Applications by status",
        "Decisions by week",
        "Applied, and offered a seat, by country",
        "Applied, and offered a seat, by role",
    ]
    weeks = [text.text for text in found[2] if text.tag == "text"]
    assert weeks == ["2022-08-22", "2", "2022-08-29", "2", "2022-09-05", "0", "2022-09-12", "4"]
    # 410 units are for the longest bar; a week without a decision has none.
    assert [bar.get("width") for bar in found[2] if bar.tag == "rect"] == ["205", "205", "410"]


def test_what_came_from_outside_is_only_text(files):
    page = parsed(files["html"])
    for said in (
        FINDING.says,
        FINDING.remedy,
        "=Room | <after> all.",
        "(no reason)",
        "Selection report: The <b>Oslo</b> meeting",
    ):
        assert said in page.texts
    assert f"{FINDING.path}:3" in page.texts
    assert r"# Selection report: The \<b\>Oslo\</b\> meeting" in files["md"]
    assert r"the record says \<i\>accepted\</i\> \| \`declined\`" in files["md"]
    cells = [row[-1] for row in csv.reader(io.StringIO(files["csv"]))]
    assert {"'=Room | <after> all.", "'=cmd|' /C calc'!A1"} <= set(cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "@"))] == []
    assert json.loads(files["json"])["findings"][0]["remedy"] == FINDING.remedy


@pytest.mark.parametrize("form", FORMATS)
def test_it_names_no_applicant_and_quotes_no_free_text(form, files):
    for secret in ("Person aaaaaa", "aaaaaa@", "House of", "Secret motto", "bridge", "a man", "Marta", "anna@", "ANNA"):
        assert secret not in files[form]
    for known in ("bbbbbb", "cccccc"):
        assert known in files[form]


def test_reasons_are_those_of_reversals_only(files):
    for form in FORMATS:
        assert "Room" in files[form]
        assert "Good." not in files[form] and "Runs circles." not in files[form]


def test_the_json_has_the_keys_that_are_documented(files, selection):
    said = json.loads(files["json"])
    assert list(said) == [
        "meeting", "title", "commit", "newest", "sound", "funnel", "statuses", "gone", "seats", "decisions",
        "unrecorded", "weeks", "days_to_first_decision", "by", "reversals", "reasons", "reason_missing", "balance",
        "findings", "notes", "seals",
    ]  # fmt: skip
    assert (said["meeting"], said["commit"], said["newest"]) == (
        "oslo-2022",
        selection.head(),
        "2022-09-15T12:12:00+02:00",
    )
    assert (said["sound"], said["decisions"], said["notes"], said["seals"]) == (False, 8, [], [])
    assert said["reversals"][0] == {
        "application": "cccccc",
        "from": "accepted",
        "to": "received",
        "at": "2022-08-31T12:12:00+02:00",
        "by": {"name": "Sanna Lind", "email": "sanna.lind@example.org"},
        "commit": selection.git("log", "--format=%H", "--grep=^Reverts:"),
        "undo": True,
        "reverts": selection.git("log", "--format=%H", "--grep=Accept cccccc"),
        "decided": {
            "at": "2022-08-30T12:12:00+02:00",
            "by": {"name": "Sanna Lind", "email": "sanna.lind@example.org"},
        },
        "reason": "",
    }
    assert said["balance"][1]["values"][0] == {
        "value": "youth worker",
        "applied": 5,
        "accepted": 1,
        "confirmed": 1,
        "waitlisted": 0,
        "declined": 0,
    }


def test_the_csv_has_one_figure_a_line(files):
    first, *rows = list(csv.reader(io.StringIO(files["csv"])))
    assert first == ["section", "number", "item", "figure", "value"]
    assert {len(row) for row in rows} == {5}
    for row in (
        ["funnel", "", "", "applied", "8"],
        ["sound", "", "", "", "no"],
        ["weeks", "2", "2022-08-29", "decisions", "2"],
        ["by", "1", "Dario Conti <dario.conti@example.org>", "to declined", "2"],
        ["reversals", "1", "cccccc", "decided by name", "Sanna Lind"],
        ["balance by country", "1", "NO", "applied", "5"],
        ["days_to_first_decision", "", "", "median", "4.0"],
    ):
        assert row in rows


def test_percentages_of_few_are_left_out():
    assert [percentage(count, 8) for count in (0, 1, 5, 8)] == ["0 %", "13 %", "63 %", "100 %"]
    assert (percentage(1, 4), share(1, 4), share(1, 5), share(0, 0)) == ("", "1", "1 (20 %)", "0")


def test_a_meeting_of_which_nothing_is_known_yet_has_a_report(new_workspace, opened):
    made = report(opened(new_workspace()), "oslo-2022", ())
    page = parsed(write(made, "html").decode())
    assert "Nothing was decided yet." in page.texts
    assert "0 applications without any decision yet." in page.texts
    for form in FORMATS:
        assert write(made, form)


def test_the_commands_in_it_give_its_figures(practice, opened):
    made = report(opened(practice), "stockholm-2022", ())
    text = write(made, "md").decode()
    commands = re.findall(r"^git .*", text, re.MULTILINE)
    assert len(commands) == 7

    def said(command):
        return subprocess.run(["sh", "-c", command], cwd=practice.root, capture_output=True, check=True).stdout.decode()

    def counted(command):
        pairs = (line.strip().split(" ", 1) for line in said(command).splitlines())
        return {what: int(count) for count, what in pairs}

    assert said(commands[0]) == "commit\n"
    assert int(said(commands[1])) == 64
    assert counted(commands[2]) == {f"status: {status}": count for status, count in made.standing if count}
    decisions = counted(commands[3])
    assert sum(decisions.values()) == made.decisions
    assert decisions["Decision: declined -> shortlisted"] == 1
    assert counted(commands[4]) == {f"{d.by.name} <{d.by.email}>": d.decisions for d in made.deciders}
    assert said(commands[5]) == ""
    assert "status: accepted" in said(commands[6].replace("ID.md", "thf524.md"))
