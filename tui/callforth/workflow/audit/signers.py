"""The rules about signatures: by a key that was the committer's when the commit was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from callforth.model.decision import Actor
from callforth.model.finding import Finding
from callforth.model.team import Key, Member, Team
from callforth.plaintext import layout
from callforth.repo.verifying import Signed
from callforth.workflow.change import shown

REQUIRED, OFF = "required", "off"
_UNCHECKED = "the signature is of a kind, or by a key, that this machine cannot check"


def looked_at(team: Team | None) -> bool:
    """Tell whether signatures say anything by this team's policy: unless they are required, only if keys are known."""
    if team is None or team.policy.signatures == OFF:
        return False
    return team.policy.signatures == REQUIRED or any(member.keys for member in team.members)


def wrong(signed: Signed, team: Team | None, committer: Actor, at: int) -> tuple[str, str, str] | None:
    """Return what is wrong with a signature, by the team that held before: rule, what is found, and the remedy.

    None where nothing is. `at` is the committer's time in Unix seconds.
    """
    if team is None or team.policy.signatures == OFF:
        return None
    required = team.policy.signatures == REQUIRED
    member = team.member(shown(committer).email)
    if signed.state == "none":
        says = "the commit is not signed, and the policy is that it must be"
        return (
            ("unsigned", says, "decide again with signing set up ('git config commit.gpgSign true')")
            if required
            else None
        )
    if signed.state == "bad":
        says = "the signature does not fit what the commit says"
        return "bad-signature", says, "ask the committer; the commit is not as it was signed"
    if signed.state == "unchecked":
        says = _UNCHECKED
        remedy = "install what checks it (gpg with the public key, ssh-keygen), and verify again"
        return ("bad-signature", says, remedy) if required else None
    owner, key = _owner(team, signed.key)
    if owner is None or key is None:
        if not required and (member is None or not member.keys):
            return None  # nobody has said which keys are theirs
        says = f"nobody in the team had the key {shortened(signed.key)} then"
        return (
            "unknown-key",
            says,
            f"take the key into 'keys' in {layout.CONFIG} first, in a commit signed by a known one",
        )
    if member is None or owner.slug != member.slug:
        says = f"it is signed with the key of {owner.slug}, and says that {shown(committer).email} committed it"
        return "wrong-key", says, "ask both; somebody acted in another one's name"
    if not key.valid_at(datetime.fromtimestamp(min(max(at, 0), 1 << 37), UTC)):
        return "expired-key", f"the key of {owner.slug} was not valid then", "decide again with a valid key"
    return None


def lost(
    signed: Signed, teams: tuple[Team | None, Team], forks: Sequence[Team], committer: Actor, at: int
) -> tuple[str, str, str] | None:
    """Return what is wrong with a signature by the team of the base alone, which has ended or deleted a key since.

    `teams` are that of the commit and that of the base, `forks` those of the commits that both come from. Rule, what
    is found and remedy as of `wrong`, or None.
    """
    found = wrong(signed, teams[1], committer, at)
    if found is None or found[0] not in ("expired-key", "unknown-key") or wrong(signed, teams[0], committer, at):
        return None
    if not any(_owner(fork, signed.key)[0] and not wrong(signed, fork, committer, at) for fork in forks):
        return None  # it came with the branch itself: the note 'team-changed' tells of that
    if found[0] == "expired-key":
        return found[0], f"by the team of the base, {found[1]}", found[2]
    says = f"by the team of the base, nobody has the key {shortened(signed.key)} any more"
    return found[0], says, f"give the key its end in {layout.CONFIG} there, if this is from before; else decide again"


def may_pass(finding: Finding) -> bool:
    """Tell whether a finding is about this machine rather than about the signature."""
    return finding.says.endswith(_UNCHECKED)


def is_by(signed: Signed, member: Member, at: int) -> bool:
    """Tell whether a good signature is by one of a member's keys, valid at that time (Unix seconds)."""
    moment = datetime.fromtimestamp(min(max(at, 0), 1 << 37), UTC)
    return signed.state == "good" and any(key.text == signed.key and key.valid_at(moment) for key in member.keys)


def _owner(team: Team, text: str) -> tuple[Member | None, Key | None]:
    return next(((m, key) for m in team.members for key in m.keys if key.text == text), (None, None))


def shortened(key: str) -> str:
    """Return a key as a finding names it: its kind, and enough to tell it from others."""
    return Key(key).fingerprint
