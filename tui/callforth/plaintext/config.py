"""`callforth.toml`: the workspace's name and its team."""

from __future__ import annotations

import json
import re

from callforth.model.application import Problem
from callforth.model.ids import is_slug
from callforth.model.team import ROLES, Member, Team
from callforth.model.text import clean_line
from callforth.plaintext.document import FileUnusable, decode
from callforth.plaintext.layout import CONFIG

FORMAT = 1


def parse(raw: bytes) -> Team:
    """Return the team in the bytes of `callforth.toml`. Raises `FileUnusable` with the line."""

    def fail(line: int, says: str, remedy: str) -> FileUnusable:
        return FileUnusable(Problem(CONFIG, line, says, remedy))

    text = decode(raw, CONFIG)
    import tomllib  # of no use to the first screen

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        # What is missed at the end of the file has no line.
        line = int(at[1]) if at else text.rstrip().count("\n") + 1
        raise fail(line, "this is not TOML", "compare it with the formats guide") from None
    except (ValueError, RecursionError):
        raise fail(1, "this TOML holds a number too long, or brackets too deep", "shorten it") from None
    if data.get("format", FORMAT) != FORMAT:
        raise fail(1, f"the format is not {FORMAT}", "use a callforth that knows it")
    team = data.get("team", {})
    if not isinstance(team, dict):
        raise fail(1, "'team' is not a table", "write [team.name] sections")
    members = []
    for slug, entry in team.items():
        line = _line_of(text, slug)
        if not is_slug(slug) or not isinstance(entry, dict):
            raise fail(
                line,
                f"'{clean_line(slug)}' is not a member",
                "write [team.name] with lower case letters and hyphens",
            )
        name, email, roles = entry.get("name"), entry.get("email"), entry.get("roles")
        if not isinstance(name, str) or not isinstance(email, str):
            raise fail(line, f"the member '{slug}' has no name or no email", 'add name = "…" and email = "…"')
        if not isinstance(roles, list) or not roles or any(role not in ROLES for role in roles):
            raise fail(line, f"the roles of '{slug}' are not known ones", f"use {', '.join(ROLES)}")
        members.append(Member(slug, clean_line(name), clean_line(email), tuple(roles)))
    name = data.get("name", "")
    return Team(clean_line(name) if isinstance(name, str) else "", tuple(members))


def member_section(member: Member) -> str:
    """Return the lines of `callforth.toml` that take `member` into the team."""
    roles = ", ".join(_quoted(role) for role in member.roles)
    return (
        f"\n[team.{member.slug}]\nname = {_quoted(member.name)}\nemail = {_quoted(member.email)}\nroles = [{roles}]\n"
    )


def render(team: Team) -> str:
    """Return a new `callforth.toml`."""
    head = "# Who runs these calls. Only organisers decide; see the formats guide.\n"
    settings = f"format = {FORMAT}\nname = {_quoted(team.name)}\n"
    return head + settings + "".join(member_section(member) for member in team.members)


def _quoted(text: str) -> str:
    # A JSON string without surrogate escapes is a TOML basic string; DEL is the one exception.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _line_of(text: str, slug: str) -> int:
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(rf"\[team\.['\"]?{re.escape(slug)}", line):
            return number
    return 1
