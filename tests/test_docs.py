"""The documents say what the code does: made ones are fresh, links lead somewhere, commands and keys exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from callforth.cli.main import cli
from tools import reference

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def test_the_reference_is_what_the_code_makes() -> None:
    assert reference.TARGET.read_text("utf-8") == reference.render(), "run 'make reference'"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_of_the_project(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text("utf-8"))

    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_anchor_into_the_reference_or_the_formats_exists() -> None:
    for document in DOCUMENTS:
        for target, anchor in re.findall(r"\]\(([\w./]*)#([\w-]+)\)", document.read_text("utf-8")):
            headings = re.findall(r"^#+ (.+)$", (document.parent / (target or document.name)).read_text("utf-8"), re.M)
            slugs = [re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings]
            assert anchor in slugs, f"{document.name}: #{anchor}"


def test_every_make_target_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = {
        name
        for document in DOCUMENTS
        for line in re.findall(r"^make ([a-z ]+?)(?:\s{2,}|$)", document.read_text("utf-8"), re.M)
        for name in line.split()
    }

    assert named <= targets
    assert {"run", "test", "check", "bench", "clean", "help"} <= targets


def test_every_command_in_the_documents_exists() -> None:
    for document in DOCUMENTS:
        if document.name == "reference.md":
            continue
        for block in re.findall(r"^```\n(.*?)^```", document.read_text("utf-8"), re.M | re.S):
            for name in re.findall(r"^callforth ([a-z]+)\b", block, re.M):
                assert name in cli.commands, f"{document.name}: callforth {name}"


def test_every_command_has_a_place_in_a_document_for_people() -> None:
    text = " ".join(document.read_text("utf-8") for document in DOCUMENTS if document.name != "reference.md")

    assert [name for name in cli.commands if not re.search(rf"\b{name}\b", text)] == []


def test_every_trailer_and_json_key_is_in_the_formats() -> None:
    text = (ROOT / "docs" / "formats.md").read_text("utf-8")

    for trailer in ("Application", "Decision", "Tags", "Batch", "Reverts", "Over-Seats", "Imported"):
        assert f"`{trailer}:`" in text
    for key in (
        "meeting",
        "taken",
        "closes",
        "statuses",
        "informed",
        "reviews",
        "score",
        "answers",
        "history",
        "reverts",
    ):
        assert re.search(rf"\b{key}\b", text), key


def test_nothing_is_pinned_by_an_address() -> None:
    pinned = (ROOT / "constraints.txt").read_text("utf-8").splitlines()

    assert [line for line in pinned if not re.fullmatch(r"[A-Za-z0-9_.-]+==[\w.]+", line)] == []


def test_every_dependency_has_a_tested_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(item for extra in project["optional-dependencies"].values() for item in extra),
    ]
    names = {re.split(r"[<>=]", item)[0].lower().replace("_", "-") for item in wanted}
    tested = {
        line.split("==")[0].lower().replace("_", "-") for line in (ROOT / "constraints.txt").read_text().splitlines()
    }

    assert names - tested == set()
