"""A report in words: what stands in it for a jury, a data protection officer, whoever asks how was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from callforth.model.decision import Actor, Entry
from callforth.model.finding import Finding
from callforth.model.status import Status
from callforth.plaintext import layout
from callforth.plaintext.page import Bar, Block, Cell, Chart, Commands, Facts, Heading, Page, Table, Text
from callforth.workflow.audit.balance import FEWEST, Balance, Share
from callforth.workflow.audit.figures import Report, Reversal

_MOST_BARS = 20
_OUTCOMES = (Status.SHORTLISTED, Status.ACCEPTED, Status.WAITLISTED, Status.DECLINED)
_STEPS = {
    "applied": "applied",
    "shortlisted": "shortlisted at some time",
    "accepted": "offered a seat at some time",
    "confirmed": "said yes at some time",
    "attended": "attended",
}


def page(report: Report) -> Page:
    """Return a report as a page."""
    parts = (_what, _funnel, _standing, _weeks, _wait, _deciders, _reversals, _reasons, _balances, _findings, _seals)
    blocks = [block for part in parts for block in part(report)]
    return Page(f"Selection report: {report.meeting.title}", (*blocks, *_check(report)))


def when(moment: datetime) -> str:
    """Return a moment to the minute, with its zone as recorded: `2022-08-20 10:12+02:00`."""
    return moment.isoformat(sep=" ", timespec="minutes")


def percentage(count: int, of: int) -> str:
    """Return which part of a whole a count is, in whole percent; nothing where a percentage of so few says nothing."""
    return f"{(200 * count + of) // (2 * of)} %" if of >= FEWEST else ""


def share(count: int, of: int) -> str:
    """Return a count with its percentage, where there is one."""
    part = percentage(count, of)
    return f"{count} ({part})" if part else str(count)


def _who(actor: Actor) -> str:
    return f"{actor.name} <{actor.email}>"


def _what(report: Report) -> Iterator[Block]:
    meeting = report.meeting
    yield Facts(
        (
            ("meeting", f"{meeting.id} ({meeting.series})" if meeting.series else meeting.id),
            ("held", f"{meeting.starts:%Y-%m-%d} to {meeting.ends:%Y-%m-%d}, {meeting.place}"),
            ("applications until", when(meeting.closes)),
            ("state", f"commit {report.head}"),
            ("newest decision", when(report.newest) if report.newest else "none yet"),
            ("verification", _verdict(report)),
        )
    )
    yield Text(
        "Everything here is counted from the history of the organisers' git repository that leads to the commit named "
        "above. As long as that commit is the same, so is this report, to the byte. What was not committed is not in "
        "it. No applicant is named: an application is its id. Reasons, names and addresses of team members stand as "
        "they were recorded."
    )


def _verdict(report: Report) -> str:
    findings = _number(len(report.findings), "finding") if report.findings else "no findings"
    return f"{findings}, {_number(len(report.notes), 'note')}; {_number(len(report.sealed), 'seal')}"


def _funnel(report: Report) -> Iterator[Block]:
    yield Heading("From application to seat")
    applied = report.funnel[0][1]
    rows = [(_STEPS[step], count, percentage(count, applied)) for step, count in report.funnel]
    about = "How many applications came how far"
    bars = tuple(Bar(name, (count,), (share(count, applied),)) for name, count, _ in rows)
    yield Chart(about, ("applications",), bars)
    yield Table(about, ("step", "applications", "of those who applied"), tuple(rows))
    yield Text(
        "'At some time' counts an application also where the decision was taken back later; 'attended' counts who is "
        "noted as having come."
    )
    if report.gone:
        about = "Came in, and are not there or not readable any more; counted above, and in nothing that follows"
        yield Table(
            about,
            ("application", "since", "by"),
            tuple((g.application, when(g.at) if g.at else "", _who(g.by) if g.by else "") for g in report.gone),
            texts=3,
        )


def _standing(report: Report) -> Iterator[Block]:
    yield Heading("Where everything stands")
    seats = report.seats
    total = sum(count for _, count in report.standing)
    bars = tuple(Bar(status.value, (count,), (str(count),)) for status, count in report.standing if count)
    if bars:
        about = "Applications by status"
        yield Chart(about, ("applications",), bars)
        rows = tuple((status.value, count, percentage(count, total)) for status, count in report.standing if count)
        yield Table(about, ("status", "applications", "share"), rows)
    left = f"{seats.free} free" if seats.free >= 0 else f"{-seats.free} more held than there are"
    yield Text(
        f"Of {_number(seats.seats, 'seat')}, {seats.accepted} are offered and {seats.confirmed} confirmed; {left}."
    )


def _weeks(report: Report) -> Iterator[Block]:
    yield Heading("Decisions over time")
    if not report.weeks:
        yield Text("Nothing was decided yet.")
        return
    about = "Decisions by week"
    bars = tuple(Bar(f"{w.monday:%Y-%m-%d}", (w.decisions,), (str(w.decisions),)) for w in report.weeks)
    yield Chart(about, ("decisions",), bars)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (f"{w.monday:%Y-%m-%d}", w.decisions, *_outcomes(w.to)) for w in report.weeks
    )
    yield Table(about, ("week from Monday", "decisions", *_OUTCOMES, "other"), rows)
    unrecorded = f"; {report.unrecorded} without a record that says so" if report.unrecorded else ""
    yield Text(
        f"{_number(report.decisions, 'decision')} in all{unrecorded}. A decision is a change of status; taking one "
        "back counts as one too, and so does noting what an applicant answered or who came."
    )


def _wait(report: Report) -> Iterator[Block]:
    yield Heading("Time to the first decision")
    wait = report.wait
    if wait.decided:
        rows = (
            ("a quarter waited at most", str(wait.lower)),
            ("half waited at most (median)", str(wait.median)),
            ("three quarters waited at most", str(wait.upper)),
            ("longest", str(wait.longest)),
        )
        about = f"Days from receiving {_number(wait.decided, 'application')} to the first decision"
        yield Table(about, ("", "days"), rows)
    yield Text(f"{_number(wait.waiting, 'application')} without any decision yet.")


def _deciders(report: Report) -> Iterator[Block]:
    yield Heading("By whom")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (d.by.name, d.by.email, d.decisions, *_outcomes(d.to), d.undone) for d in report.deciders
    )
    about = "Decisions by who made them, as git records it"
    head = ("name", "address", "decisions", *_OUTCOMES, "other", "took back")
    yield Table(about, head, rows, texts=2) if rows else Text("Nobody decided anything yet.")


def _outcomes(to: Iterable[tuple[Status, int]]) -> tuple[int, ...]:
    counts = dict(to)
    shown = [counts.get(status, 0) for status in _OUTCOMES]
    return (*shown, sum(counts.values()) - sum(shown))


def _reversals(report: Report) -> Iterator[Block]:
    yield Heading("Reversals")
    if not report.reversals:
        yield Text("No decision was taken back.")
        return
    yield Table(
        "Decisions that were taken back, or that went back behind an earlier one, oldest first",
        ("application", "decision", "when", "by", "why", "commit"),
        tuple(_reversal(reversal) for reversal in report.reversals),
        texts=6,
    )


def _reversal(reversal: Reversal) -> tuple[str, ...]:
    entry, undoes = reversal.entry, reversal.undoes
    why = entry.reason
    if undoes:
        why = f"Takes back the decision of {undoes.by.name}, {when(undoes.at)}. {why}"
    elif reversal.is_undo:
        why = f"Takes back a decision. {why}"
    return (*_decision(entry), why.strip() or "(no reason)", entry.commit[:12])


def _decision(entry: Entry) -> tuple[str, ...]:
    return entry.application, f"{entry.before} → {entry.after}", when(entry.at), entry.by.name


def _reasons(report: Report) -> Iterator[Block]:
    yield Heading("Reasons")
    rows = tuple((str(r.to), r.decisions, share(r.said, r.decisions)) for r in report.reasons)
    if rows:
        about = "How many decisions say why; those that take one back need not"
        yield Table(about, ("decided", "decisions", "say why"), rows)
    if report.unexplained:
        about = "A reason was due here, and none was given"
        rows_of = tuple((*_decision(entry), entry.commit[:12]) for entry in report.unexplained)
        yield Table(about, ("application", "decision", "when", "by", "commit"), rows_of, texts=5)
    else:
        yield Text("Wherever a reason was due, one was given.")


def _balances(report: Report) -> Iterator[Block]:
    for balance in report.balances:
        yield Heading(f"Balance: {balance.label}")
        some = balance.shares[:_MOST_BARS]
        part = f" (the first {_MOST_BARS})" if len(some) < len(balance.shares) else ""
        about = f"Applied, and offered a seat, by {balance.field}{part}"
        yield Chart(about, ("applied", "offered a seat"), tuple(_bar(one) for one in some))
        head = ("", "applied", "offered a seat", "said yes", "waitlisted", "declined")
        yield Table(f"What became of applications, by {balance.field}", head, _shares(balance))
    if report.balances:
        yield Text(
            "After 'applied' stands the part of all that are there; after the others the part of those who applied in "
            f"the same row. Of fewer than {FEWEST}, only the count is given. Offered and said yes count who ever was, "
            "waitlisted and declined who is now."
        )
    else:
        yield Text("The call asks nothing whose answers may be shown without saying who somebody is.")


def _bar(one: Share) -> Bar:
    return Bar(one.value, (one.applied, one.accepted), (str(one.applied), share(one.accepted, one.applied)))


def _shares(balance: Balance) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            one.value,
            share(one.applied, balance.of),
            *(share(n, one.applied) for n in (one.accepted, one.confirmed, one.waitlisted, one.declined)),
        )
        for one in balance.shares
    )


def _findings(report: Report) -> Iterator[Block]:
    for name, found, none in (
        ("Findings", report.findings, "No findings: history keeps all rules that 'callforth audit verify' checks."),
        ("Notes", report.notes, "Nothing else to note."),
    ):
        yield Heading(name)
        if name == "Notes" and found:
            yield Text("Allowed, and to be known.")
        head = ("rule", "what about", "commit", "what was found", "what to do")
        about = "What history shows against the rules" if name == "Findings" else "What history shows beside"
        yield Table(about, head, tuple(map(_finding, found)), texts=5) if found else Text(none)


def _finding(finding: Finding) -> tuple[str, ...]:
    line = f":{finding.line}" if finding.line else ""
    where = finding.application or f"{finding.path}{line}" or finding.meeting
    return finding.rule, where, finding.commit[:12], finding.says, finding.remedy


def _seals(report: Report) -> Iterator[Block]:
    yield Heading("Seals")
    if not report.sealed:
        yield Text("No seal was made: whether history was rewritten before today cannot be told from it alone.")
        return
    yield Table(
        "Tags on the ledger of all meetings as it was then",
        ("seal", "made", "lines", "SHA-256 of the ledger"),
        tuple((seal.name, when(seal.at), str(seal.lines), seal.digest) for seal in report.sealed),
        texts=4,
    )


def _check(report: Report) -> Sequence[Block]:
    head, folder = report.head, f"{layout.APPLICATIONS}/{report.meeting.id}"
    log = f"git log --full-history {head}"
    lines = [
        (f"git cat-file -t {head}", "the state of this report is in your clone: prints 'commit'"),
        (f"git ls-tree --name-only {head} {folder}/ | wc -l", "how many applications are there"),
        (f"git grep -h -m 1 '^status: ' {head} -- {folder} | sort | uniq -c", "where they stand"),
        (f"{log} --format=%b -- {folder} | grep '^Decision: ' | sort | uniq -c", "what was decided, as recorded"),
        (f"{log} --grep='^Decision: ' --format='%an <%ae>' -- {folder} | sort | uniq -c", "and by whom"),
        (f"{log} --grep='^Reverts: ' --oneline -- {folder}", "what was taken back"),
        (f"{log} -p --date=iso -- {folder}/ID.md", "all that happened to the application ID"),
    ]
    for seal in report.sealed[-1:]:
        lines.append((f"git tag --verify {seal.name}", "whose seal it is, and that its bytes are as signed"))
        lines.append((f"git cat-file blob {seal.name} | sha256sum", "its ledger's digest, as above"))
    lines.append(("callforth audit verify", "all rules, over all of history"))
    lines.append((f"callforth audit report {report.meeting.id} -o again.html", "this report again, to be compared"))
    return Heading("How to check this with plain git"), Commands(tuple(lines))


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
