"""The audit's document knows every rule in the code, as grave or as a note; and the reader that it gives, reads."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
AUDIT = ROOT / "docs" / "audit.md"
SOURCES = [*sorted((ROOT / "tui/callforth/workflow/audit").glob("*.py")), ROOT / "tui/callforth/cli/check.py"]
# What makes a finding, and which of its arguments the rule is. A rule in a variable is one that is called so.
FINDERS = {"find": 0, "_find": 1, "_finding": 0, "Finding": 0, "_refused": 0}
VARIABLE = "rule"
ELSEWHERE = "wrong"  # `signers.wrong` returns rules: the first of each tuple


def _strings(node: ast.expr) -> Iterator[str]:
    """The strings that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_strings(node.body), *_strings(node.orelse))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _kinds(call: ast.Call) -> set[str]:
    said = next((word.value for word in call.keywords if word.arg == "grave"), None)
    positional = call.args[5] if _called(call) == "find" and len(call.args) > 5 else said
    if positional is None:
        return {"grave"}
    if isinstance(positional, ast.Constant):
        return {"grave" if positional.value else "note"}
    return {"grave", "note"}


def _rule(call: ast.Call) -> ast.expr | None:
    """The rule that a call names; None where it is no call of a finder, but of something of the same name."""
    said = next((word.value for word in call.keywords if word.arg == VARIABLE), None)
    place = FINDERS[_called(call)]
    whole = len(call.args) > 1 or (call.args and isinstance(call.args[0], ast.Starred))
    return said or (call.args[place] if whole and len(call.args) > place else None)


def _found(source: Path) -> Iterator[tuple[str, set[str]]]:
    """Every rule that a module may find, with what it may be; a call whose rule cannot be told, as its place."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _called(node) in FINDERS and (rule := _rule(node)) is not None:
            names = [(name, _kinds(node)) for name in _strings(rule)]
            rule = rule.value if isinstance(rule, ast.Starred) else rule
            variable = isinstance(rule, ast.Name) and rule.id in (VARIABLE, ELSEWHERE)
            yield from names if names or variable else [(f"{source.name}:{node.lineno}", set())]
        elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == VARIABLE for one in node.targets):
            yield from ((name, {"grave"}) for name in _strings(node.value))
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Tuple) and isinstance(node.iter, ast.Tuple):
            at = [number for number, one in enumerate(node.target.elts) if getattr(one, "id", "") == VARIABLE]
            rows = [row.elts for row in node.iter.elts if isinstance(row, ast.Tuple)]
            yield from ((name, {"grave"}) for number in at for row in rows for name in _strings(row[number]))
        elif isinstance(node, ast.FunctionDef) and node.name == ELSEWHERE:
            returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
            tuples = [one.body if isinstance(one, ast.IfExp) else one for one in returned]
            yield from ((n, {"grave"}) for one in tuples if isinstance(one, ast.Tuple) for n in _strings(one.elts[0]))


def _in_code() -> dict[str, set[str]]:
    rules: dict[str, set[str]] = {}
    for source in SOURCES:
        for rule, kinds in _found(source):
            rules.setdefault(rule, set()).update(kinds)
    return rules


def _in_document() -> list[tuple[str, set[str]]]:
    rows = re.findall(r"^\| `([a-z-]+)` \| ([a-z ]+) \| [^|]+ \| [^|]+ \|$", AUDIT.read_text("utf-8"), re.M)
    return [(rule, set(kinds.split(" or "))) for rule, kinds in rows]


def test_every_rule_is_in_the_table_as_what_it_is() -> None:
    written = _in_document()

    assert len({rule for rule, _ in written}) == len(written)
    assert dict(written) == _in_code()


def test_the_rules_that_are_found_here_are_those_of_the_code() -> None:
    """The reading of the sources finds each way in which a rule is named there."""
    rules = _in_code()

    for rule in ("unrecorded", "merge-dropped", "unknown-key", "digest", "second-person", "record-without-change"):
        assert rules[rule] == {"grave"}
    assert rules["call-changed"] == {"note"}
    assert rules["dates"] == {"grave", "note"}


def test_the_reader_in_the_document_finds_the_decisions_of_the_ledger(practice) -> None:
    [reader] = re.findall(r"^```python\n(import re\n.*?)^```", AUDIT.read_text("utf-8"), re.M | re.S)
    done = subprocess.run([sys.executable, "-c", reader], cwd=practice.root, capture_output=True, check=True, text=True)
    entries = [
        entry for entry in json.loads(practice.run("log", "--json").out) if entry["from"] not in (None, entry["to"])
    ]

    assert sorted(done.stdout.splitlines()) == sorted(
        f"{entry['commit'][:12]} applications/{entry['meeting']}/{entry['application']}.md "
        f"{entry['from']} -> {entry['to']} {entry['by']['name']}"
        for entry in entries
    )
    assert len(entries) == 155
