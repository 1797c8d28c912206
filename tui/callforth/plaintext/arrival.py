"""The file of an application that comes in, written from what somebody sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from callforth.model.application import Answer
from callforth.model.text import clean_line
from callforth.plaintext.application import escape

# What YAML reads as text whatever comes after it on the line; all else is quoted.
_PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ .,@+/'’–_-])*(?<![ ])|\d[^\W_]*(?:[-/.][^\W_]+)*")
_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
# What YAML has not got, or takes for the end of a line (YAML 1.2, production 1).
_NOT_YAML = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff\\ud800-\\udfff]")


def scalar(text: str) -> str:
    """Return a text of one line as a YAML value: plain where nothing can be read into it, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and text.isprintable():
        return text
    return json.dumps(text, ensure_ascii=bool(_NOT_YAML.search(text)))


def write(
    application: str,
    received: datetime,
    applicant: Mapping[str, str],
    answers: Sequence[Answer],
    source: str,
) -> bytes:
    """Return the file of a new application: received, without tags; fields and answers that are empty are left out.

    `received` is aware, and written in UTC. What an applicant wrote is escaped.
    """
    lines = ["---", f"id: {application}", "status: received", f"received: {_time(received)}", "applicant:"]
    lines += [f"  {name}: {scalar(clean_line(value))}" for name, value in applicant.items() if clean_line(value)]
    if lines[-1] == "applicant:":
        lines[-1] = "applicant: {}"
    lines += [f"source: {scalar(clean_line(source))}"] if source else []
    lines.append("---")
    for answer in answers:
        if answer.text.strip():
            heading = clean_line(answer.ask)
            lines += ["", f"<!-- question: {answer.question} -->", *([f"## {heading}"] if heading else []), ""]
            lines.append(escape(answer.text.strip("\n")))
    return ("\n".join(lines) + "\n").encode()


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
