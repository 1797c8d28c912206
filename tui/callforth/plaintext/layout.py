"""Where things are in a workspace, as paths relative to its root (always with `/`)."""

from __future__ import annotations

from callforth.model.ids import is_id, is_slug

CONFIG = "callforth.toml"
MEETINGS = "meetings"
APPLICATIONS = "applications"


def call(meeting: str) -> str:
    """Return the path of a meeting's call."""
    return f"{MEETINGS}/{meeting}/call.md"


def application(meeting: str, application_id: str) -> str:
    """Return the path of an application."""
    return f"{APPLICATIONS}/{meeting}/{application_id}.md"


def review(meeting: str, application_id: str, reviewer: str) -> str:
    """Return the path of one reviewer's review of one application."""
    return f"{MEETINGS}/{meeting}/reviews/{application_id}/{reviewer}.md"


def parse_application(path: str) -> tuple[str, str] | None:
    """Return `(meeting, application)` where `path` is that of an application, else None."""
    parts = path.split("/")
    if len(parts) != 3 or parts[0] != APPLICATIONS or not parts[2].endswith(".md"):
        return None
    meeting, name = parts[1], parts[2].removesuffix(".md")
    return (meeting, name) if is_slug(meeting) and is_id(name) else None
