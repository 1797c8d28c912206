"""The documents say what the code does: made ones are fresh, links lead somewhere, commands and keys exist."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
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


def calls() -> Iterator[tuple[str, list[str]]]:
    """Each call of callforth in a block of a document, or in a command's help, without pipes and comments."""
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        inline = "\n".join(re.findall(r"(?<!`)`(callforth [^`\n]+)`(?!`)", text))
        for block in [*re.findall(r"^```\n(.*?)^```", text, re.M | re.S), inline]:
            for line in re.findall(r"^ *(?:\$ )?callforth( .*)$", block.replace("\\\n", " "), re.M):
                words = shlex.split(re.split(r" {2,}| [|>&] | # ", line)[0])
                if not line.startswith(" [OPTIONS]"):
                    yield document.name, words


def test_every_call_in_the_documents_is_one_that_exists() -> None:
    """Its command is there, and so are its options; only what they work on is not."""
    count = 0
    for document, words in calls():
        command, context, rest = cli, click.Context(cli, info_name="callforth"), list(words)
        while isinstance(command, click.Group):
            rest = command.make_parser(context).parse_args(rest)[1]
            if not rest or rest[0].isupper():
                break
            if "write" in command.list_commands(context) and rest[0] not in command.list_commands(context):
                rest = ["write", *rest]  # `review k7m2qx` is `review write k7m2qx`
            name, found, rest = command.resolve_command(context, rest)
            assert found is not None, f"{document}: callforth {shlex.join(words)}"
            command, context = found, click.Context(found, parent=context, info_name=name)
        else:
            if command.name == "tag":
                rest = [word for word in rest if not re.fullmatch("-[a-z]{2,}", word)]  # a tag to take away
            try:
                command.make_parser(context).parse_args(rest)
            except click.NoSuchOption as error:
                pytest.fail(f"{document}: callforth {shlex.join(words)}: {error.format_message()}")
            except click.UsageError:
                pass  # a sentence that names an option, without a value for it
        count += 1
    assert count > 100


def test_every_command_has_a_place_in_a_document_for_people() -> None:
    text = " ".join(document.read_text("utf-8") for document in DOCUMENTS if document.name != "reference.md")
    names = cli.list_commands(click.Context(cli))

    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


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
