"""`callforth.toml`: the workspace's name, its team with their keys, and its policy."""

from __future__ import annotations

import binascii
import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from callforth.model.application import Problem
from callforth.model.ids import is_slug
from callforth.model.team import FORM, OPENPGP, ROLES, SECOND_PERSON, SIGNATURES, Key, Member, Policy, Team, ssh_strings
from callforth.model.text import clean_line
from callforth.plaintext.document import FileUnusable, decode
from callforth.plaintext.layout import CONFIG

FORMAT = 1

# The kinds of SSH keys that can sign, with how many parts each key has (its kind among them).
_PARTS = {
    "ssh-ed25519": 2,
    "ssh-rsa": 3,
    "ecdsa-sha2-nistp256": 3,
    "ecdsa-sha2-nistp384": 3,
    "ecdsa-sha2-nistp521": 3,
    "sk-ssh-ed25519@openssh.com": 3,
    "sk-ecdsa-sha2-nistp256@openssh.com": 4,
}
_FINGERPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")
# Options stand before the key as one word, parted by commas; in quotes there may be anything.
_WORDS = re.compile(r'((?:"[^"]*"|[^"\s])+)\s+(\S.*)', re.DOTALL)
_OPTIONS = re.compile(r'((?:"[^"]*"|[^",])+)')
_VALUE = re.compile(r'"([^"]*)"')
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?", re.ASCII)
_TIMES = ("valid-after", "valid-before")
_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")

_UNKNOWN = (
    "it is no public key of a kind that can sign",
    'write "ssh-ed25519 AAAA…" as in your .pub file, or "openpgp:" and the fingerprint of your primary key',
)


class _NotAKey(Exception):
    """What is written is no key: what to say of it, and the remedy."""


def parse(raw: bytes) -> Team:
    """Return the team in the bytes of `callforth.toml`. Raises `FileUnusable` with the line."""
    text = decode(raw, CONFIG)
    import tomllib  # of no use to the first screen

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        # What is missed at the end of the file has no line.
        line = int(at[1]) if at else text.rstrip().count("\n") + 1
        raise _fail(line, "this is not TOML", "compare it with the formats guide") from None
    except (ValueError, RecursionError):
        raise _fail(1, "this TOML holds a number too long, or brackets too deep", "shorten it") from None
    if data.get("format", FORMAT) != FORMAT:
        raise _fail(1, f"the format is not {FORMAT}", "use a callforth that knows it")
    policy = _policy(data, text)
    team = data.get("team", {})
    if not isinstance(team, dict):
        raise _fail(1, "'team' is not a table", "write [team.name] sections")
    members: list[Member] = []
    for slug, entry in team.items():
        members.append(_member(slug, entry, text, members))
    name = data.get("name", "")
    return Team(clean_line(name) if isinstance(name, str) else "", tuple(members), policy)


def member_section(member: Member) -> str:
    """Return the lines of `callforth.toml` that take `member` into the team."""
    roles = ", ".join(_quoted(role) for role in member.roles)
    section = (
        f"\n[team.{member.slug}]\nname = {_quoted(member.name)}\nemail = {_quoted(member.email)}\nroles = [{roles}]\n"
    )
    section += f"account = {_quoted(member.account)}\n" if member.account else ""
    section += f"organisation = {_quoted(member.organisation)}\n" if member.organisation else ""
    # One a line, so that git merges what different people add.
    keys = "".join(f"  {_quoted(_written(key))},\n" for key in member.keys)
    return f"{section}keys = [\n{keys}]\n" if keys else section


def render(team: Team) -> str:
    """Return a new `callforth.toml`; of the policy, what differs from the usual one."""
    head = "# Who runs these calls. Only organisers decide; see the formats guide.\n"
    settings = f"format = {FORMAT}\nname = {_quoted(team.name)}\n"
    policy, usual = team.policy, Policy()
    if policy.signatures != usual.signatures:
        settings += f"signatures = {_quoted(policy.signatures)}\n"
    if policy.second_person != usual.second_person:
        settings += f"second_person = {_quoted(policy.second_person)}\n"
    if policy.second_person_above != usual.second_person_above:
        settings += f"second_person_above = {policy.second_person_above}\n"
    return head + settings + "".join(member_section(member) for member in team.members)


def _fail(line: int, says: str, remedy: str) -> FileUnusable:
    return FileUnusable(Problem(CONFIG, line, says, remedy))


def _policy(data: dict[str, Any], text: str) -> Policy:
    usual = Policy()
    signatures = data.get("signatures", usual.signatures)
    second = data.get("second_person", usual.second_person)
    for name, word, words in (("signatures", signatures, SIGNATURES), ("second_person", second, SECOND_PERSON)):
        if word not in words:
            raise _fail(_line_of_setting(text, name), f"'{name}' is not a known word", f"use {', '.join(words)}")
    above = data.get("second_person_above", usual.second_person_above)
    if type(above) is not int or above < 0:  # True is an int as well
        line = _line_of_setting(text, "second_person_above")
        raise _fail(line, "'second_person_above' is not a number of seats", "write a whole number, like 30")
    return Policy(signatures, second, above)


def _member(slug: str, entry: Any, text: str, others: list[Member]) -> Member:
    line = _line_of(text, slug)
    if not is_slug(slug) or not isinstance(entry, dict):
        raise _fail(
            line,
            f"'{clean_line(slug)}' is not a member",
            "write [team.name] with lower case letters and hyphens",
        )
    name, email, roles = entry.get("name"), entry.get("email"), entry.get("roles")
    if not isinstance(name, str) or not isinstance(email, str):
        raise _fail(line, f"the member '{slug}' has no name or no email", 'add name = "…" and email = "…"')
    if not isinstance(roles, list) or not roles or any(role not in ROLES for role in roles):
        raise _fail(line, f"the roles of '{slug}' are not known ones", f"use {', '.join(ROLES)}")
    if FORM in roles and len(roles) > 1:
        says = f"'{slug}' is the form and something else"
        raise _fail(line, says, f'write roles = ["{FORM}"], and people in sections of their own')
    account = _account(slug, entry.get("account", ""), line, others)
    organisation = entry.get("organisation", "")
    if not isinstance(organisation, str):
        raise _fail(line, f"the organisation of '{slug}' is not a text", 'write organisation = "…"')
    written = entry.get("keys", [])
    if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
        raise _fail(line, f"the keys of '{slug}' are not a list of texts", 'write keys = ["ssh-ed25519 AAAA…"]')
    keys: list[Key] = []
    for one in written:
        try:
            key = _key(one)
        except _NotAKey as error:
            says, remedy = error.args
            raise _fail(_line_of_key(text, line, one), f"a key of '{slug}' cannot be used: {says}", remedy) from None
        # Whose signature would it be, and when?
        same = next((held.slug for held in others if key.text in (known.text for known in held.keys)), None)
        if same or key.text in (known.text for known in keys):
            says = f"'{slug}' has the same key as '{same}'" if same else f"'{slug}' has the same key twice"
            raise _fail(_line_of_key(text, line, one), says, "write each key once, for one member")
        keys.append(key)
    about = (clean_line(name), clean_line(email), tuple(roles), tuple(keys), account, clean_line(organisation))
    return Member(slug, *about)


def _account(slug: str, account: Any, line: int, others: list[Member]) -> str:
    if account == "":
        return ""
    if not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
        says = f"the account of '{slug}' is no name on a forge"
        raise _fail(line, says, 'write it without @, like account = "maja-b"')
    same = next((held.slug for held in others if held.account.casefold() == account.casefold()), None)
    if same:
        raise _fail(line, f"'{slug}' has the same account as '{same}'", "write each account once, for one member")
    return account


def _key(written: str) -> Key:
    """Return the key in a line like those of ssh-keygen's ALLOWED SIGNERS, without principals. Raises `_NotAKey`."""
    times: dict[str, datetime] = {}
    words = _WORDS.fullmatch(written.strip())
    if words and not _is_kind(words[1]):
        written = words[2]
        for option in _OPTIONS.findall(words[1]):
            _take_option(option, times)
    after, before = (times.get(name) for name in _TIMES)
    if after and before and after > before:
        raise _NotAKey("it is valid at no time", "let valid-after be earlier than valid-before")
    return Key(_key_text(written), after, before)


def _take_option(option: str, times: dict[str, datetime]) -> None:
    name, _, quoted = option.partition("=")
    name, value = name.lower(), _VALUE.fullmatch(quoted)
    if name not in (*_TIMES, "namespaces", "cert-authority"):
        raise _NotAKey(*_UNKNOWN)
    if name == "namespaces" and value and "git" in value[1].split(","):
        return  # which is what keys are for here
    if name not in _TIMES or name in times or not value:
        remedy = 'use valid-after="20260101" and valid-before="20261231", each once and with its quotes'
        raise _NotAKey(f"the option '{name}' cannot be used so", remedy)
    times[name] = _moment(name, value[1])


def _moment(name: str, written: str) -> datetime:
    parts = _TIME.fullmatch(written)
    if parts:
        year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups())
        with suppress(ValueError):
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    raise _NotAKey(f"the time of '{name}' is not one", "write YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS; it is UTC")


def _is_kind(word: str) -> bool:
    return word in _PARTS or word.lower().startswith(OPENPGP)


def _key_text(written: str) -> str:
    kind, key = [*written.split(maxsplit=2), "", ""][:2]
    if not _is_kind(kind):
        raise _NotAKey(*_UNKNOWN)
    if kind not in _PARTS:
        fingerprint = kind[len(OPENPGP) :].upper()
        if not _FINGERPRINT.fullmatch(fingerprint):
            remedy = "write the primary key's, all its 40 digits without spaces"
            raise _NotAKey("it is not the fingerprint of an OpenPGP key", remedy)
        return OPENPGP + fingerprint
    try:
        blob = binascii.a2b_base64(key.encode(), strict_mode=True)
    except ValueError:
        blob = b""
    parts = ssh_strings(blob)
    if len(parts) != _PARTS[kind] or parts[0] != kind.encode() or (kind == "ssh-ed25519" and len(parts[1]) != 32):
        raise _NotAKey(f"it is cut off, or not of the kind '{kind}'", "copy it anew from the .pub file")
    return f"{kind} {binascii.b2a_base64(blob, newline=False).decode()}"


def _written(key: Key) -> str:
    times = ((name, when) for name, when in zip(_TIMES, (key.valid_after, key.valid_before), strict=True) if when)
    options = ",".join(f'{name}="{_time(when)}"' for name, when in times)
    return f"{options} {key.text}" if options else key.text


def _time(when: datetime) -> str:
    # Not by strftime, which writes the year 999 with three digits.
    day, _, clock = when.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00").partition("T")
    return f"{day}{'' if clock == '00:00:00' else clock}Z".replace("-", "").replace(":", "")


def _quoted(text: str) -> str:
    # A JSON string without surrogate escapes is a TOML basic string; DEL is the one exception.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _line_of(text: str, slug: str) -> int:
    for number, line in enumerate(text.split("\n"), 1):
        if re.match(rf"\[team\.['\"]?{re.escape(slug)}['\"]?[.\]\s]", line):
            return number
    return 1


def _line_of_setting(text: str, name: str) -> int:
    # Settings of the whole file stand before its tables, so the first one is it.
    found = re.search(rf"^\s*['\"]?{name}['\"]?\s*=", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 1


def _line_of_key(text: str, section: int, written: str) -> int:
    """Return the line of a key, found by its text or else by its longest word, or that of the member's section."""
    lines = text.split("\n")[section - 1 :]
    words = written.split()
    for wanted in (f'"{written}"', f"'{written}'", max(words, key=len)) if words else ():
        for number, line in enumerate(lines, section):
            if wanted in line:
                return number
    return section
