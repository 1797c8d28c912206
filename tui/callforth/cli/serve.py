"""The call and its form in a browser: `callforth serve`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from callforth.cli.common import command, complete_meetings, json_option, narrate, open_workspace, print_json
from callforth.errors import UsageError

if TYPE_CHECKING:
    from callforth.web.serving import Server


# The rules of `callforth meeting check` about what applicants read.
_TO_READERS = ("published", "title", "place", "contact", "text")


class PartMissing(UsageError):
    """The form needs what is not installed."""


@command(
    "serve",
    "callforth serve stockholm-2022\n"
    "callforth serve stockholm-2022 --branch intake --url https://apply.example.org --smtp smtp://mail.example.org",
    """Serve a call's page and its form, until you stop it with ctrl+c.

    The form asks what the call's fields and questions say, works without JavaScript, and closes by itself at the call's
    deadline. Each application is one commit. Who applies gets a reference and a private link, by which they can correct
    what they wrote until the deadline, and withdraw.

    Whatever is an option here can be set for good: git config callforth.serve.branch intake (also identity, url, proxy,
    purpose, keepDays) and callforth.mail.smtp (also from, outbox). Put a proxy that encrypts before it; the guide
    says how.""",
)
@click.argument("meeting", required=False, shell_complete=complete_meetings)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port; 0: any free.")
@click.option("--url", help="Where applicants reach it, for the links in mails.")
@click.option("--branch", help="The branch that applications go to; the one you are on if left out.")
@click.option("--identity", metavar="'NAME <EMAIL>'", help="In whose name they are committed: the form's in the team.")
@click.option("--proxy", metavar="ADDRESSES", help="Proxies that may say who the client is; 127.0.0.1 if left out.")
@click.option("--smtp", metavar="URL", help="The server that confirmations go through.")
@click.option("--sender", metavar="EMAIL", help="Whom confirmations come from; the call's contact if left out.")
@click.option("--outbox", metavar="DIR", help="Where confirmations wait, and stay where there is no server.")
@json_option
def serve(meeting: str | None, host: str, port: int, as_json: bool, **said: str | None) -> None:
    """Serve."""
    from callforth.web.serving import missing_parts

    if part := missing_parts():
        raise PartMissing(f"{part} is not installed; install what serving needs with: pip install 'callforth[web]'")
    from callforth.web import serving
    from callforth.web.settings import KEYS, settings
    from callforth.workflow.workspace import Workspace

    here = open_workspace()
    chosen = here.meeting_or_only(meeting)
    # Nobody sits at the keyboard: nothing may ask there for a passphrase.
    workspace = Workspace(here.root, interactive=False)
    click.get_current_context().call_on_close(workspace.close)
    bound = serving.listen(host, port)
    click.get_current_context().call_on_close(bound.close)
    repository = workspace.repository
    words = {key: said.get(key) or repository.config(name) for key, name in KEYS.items()}
    chosen_settings = settings(words, serving.address(bound), repository.private / "outbox")
    server = serving.prepare(workspace, chosen.id, bound, chosen_settings, serving.tell_on_stderr)
    _tell(server, as_json)
    server.run()
    narrate("stopped; everything that came in is committed")


def _tell(server: Server, as_json: bool) -> None:
    intake, settings = server.desk.intake, server.settings
    if as_json:
        print_json({"url": settings.url, "meeting": intake.meeting, "branch": intake.branch})
    else:
        click.echo(settings.url)
    sys.stdout.flush()
    narrate(f"serving {intake.meeting}; applications go to the branch {intake.branch} in the name of {intake.by.name}")
    call = intake.call()
    narrate(f"the call {'closes' if settings.now() <= call.closes else 'closed'} on {call.closes:%Y-%m-%d %H:%M %z}")
    for line in (*_unready(server), *_advice(server)):
        narrate(line)
    if not settings.smtp:
        narrate(f"confirmations stay in {settings.outbox}: no mail server is set")


def _unready(server: Server) -> list[str]:
    """Return what is to be said of a call that applicants should not see yet, or that was not finished."""
    from callforth.plaintext import layout
    from callforth.workflow import meeting_check

    intake, settings = server.desk.intake, server.settings
    call, path = intake.call(), layout.call(intake.meeting)
    raw = intake.repository.blob("HEAD", path) or b""
    found = meeting_check.examine(raw, call.id, meeting_check.Surroundings((), 0))
    lines = [f"{path}:{one.line}: {one.says}; {one.remedy}" for one in found if one.rule in _TO_READERS]
    if call.published and call.published[:10] > settings.now().date().isoformat():
        lines.append(f"the call is published on {call.published}, and whoever has the address sees it now")
    return lines


def _advice(server: Server) -> list[str]:
    """Return what to say where the form commits unsigned though it must not, or as somebody who decides."""
    from callforth.model.team import FORM, Member
    from callforth.plaintext.config import member_section
    from callforth.plaintext.layout import CONFIG
    from callforth.workflow.change import committed_team

    intake, lines = server.desk.intake, list[str]()
    team = committed_team(intake.workspace)
    if team.policy.signatures == "required" and not intake.repository.signs():
        lines.append("signatures are required, and git signs nothing here: set user.signingKey and commit.gpgSign")
    me = team.member(intake.by.email)
    if me is None or me.is_form:
        return lines
    if server.settings.by is not None:
        only = f'if that is only the form, write roles = ["{FORM}"] under [team.{me.slug}] in {CONFIG}, and commit it'
        return [*lines, f"{me.name} may also decide; {only}"]
    lines.append("that is you, who may also decide; give the form a name of its own, which may not")
    form = next((member for member in team.members if member.is_form), None)
    if form is None:
        form = Member(FORM, "The form", "form@example.org", (FORM,))
        lines += [f"add to {CONFIG}, and commit it:", *(f"  {one}" for one in member_section(form).strip().split("\n"))]
    return [*lines, f"then say: git config callforth.serve.identity '{form.name} <{form.email}>'"]


COMMANDS = (serve,)
