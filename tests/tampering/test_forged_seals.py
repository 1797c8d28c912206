"""Forgeries of seals: moved, made anew, deleted, or sealing what did not happen."""

from __future__ import annotations

import pytest

from .forging import path

LAST, MIDDLE, FIRST = "seal/0003", "seal/0002", "seal/0001"


def _said(history, seal):
    """A seal's message, without its signature."""
    said = history.git("cat-file", "tag", seal).partition("\n\n")[2]
    return said.partition("-----BEGIN")[0]


def _ledger(history, seal):
    return history.git("cat-file", "blob", seal) + "\n"


def _sealed(history, seal, ledger):
    """The message of a seal as it would be for another ledger: digest and count fit."""
    import hashlib

    said = _said(history, seal)
    was = _ledger(history, seal)
    assert hashlib.sha256(was.encode()).hexdigest() in said
    said = said.replace(hashlib.sha256(was.encode()).hexdigest(), hashlib.sha256(ledger.encode()).hexdigest())
    return said.replace(f": {was.count(chr(10))}\n", f": {ledger.count(chr(10))}\n")


def _forged(ledger):
    """The ledger with another reason than there was, and as long as it was."""
    assert '"Another subject."' in ledger
    return ledger.replace('"Another subject."', '"Came too late."')


@pytest.mark.parametrize("seal", [FIRST, MIDDLE, LAST])
def test_deleted(history, found, seal):
    """A seal is deleted where it was seen before"""
    assert history.verify().code == 0
    history.git("tag", "--delete", seal)
    found("seal-missing")


@pytest.mark.parametrize("seal", [FIRST, MIDDLE])
def test_deleted_from_the_chain(history, found, seal):
    """A seal that others build on is deleted"""
    history.git("tag", "--delete", seal)
    found("seal-missing")


def test_last_deleted(history, found):
    """The last seal is deleted, and its digest was told elsewhere."""
    digest = history.digest(LAST)
    history.git("tag", "--delete", LAST)
    found("digest", options=("--digest", digest))


def test_all_deleted(history, found):
    """All seals are deleted, and a digest was told elsewhere."""
    digest = history.digest(MIDDLE)
    history.git("tag", "--delete", FIRST, MIDDLE, LAST)
    found("digest", options=("--digest", digest))


def test_all_deleted_where_they_were_seen(history, found):
    """All seals are deleted where they were seen before."""
    assert history.verify().code == 0
    history.git("tag", "--delete", FIRST, MIDDLE, LAST)
    found("seal-missing")


def test_renumbered(history, found):
    """The first seal is deleted and the others move up."""
    for old, new in ((MIDDLE, FIRST), (LAST, MIDDLE)):
        history.git("update-ref", f"refs/tags/{new}", f"refs/tags/{old}")
    history.git("tag", "--delete", LAST)
    found("seal|seal-missing", allows="seal seal-missing")


@pytest.mark.parametrize("seal", [FIRST, MIDDLE, LAST])
def test_on_another_ledger(history, found, seal):
    """A seal is put on another ledger, with its old message"""
    history.tag(seal, history.blob(_forged(_ledger(history, seal))), _said(history, seal))
    found("seal")


def test_on_another_ledger_with_all_that_fits(history, found):
    """The last seal is made anew on another ledger, and its digest fits."""
    ledger = _forged(_ledger(history, LAST))
    history.tag(LAST, history.blob(ledger), _sealed(history, LAST, ledger))
    found("seal")


def test_middle_on_another_ledger_with_all_that_fits(history, found):
    """A middle seal is made anew on another ledger, and its digest fits; the next one names the old."""
    ledger = _forged(_ledger(history, MIDDLE))
    history.tag(MIDDLE, history.blob(ledger), _sealed(history, MIDDLE, ledger))
    found("seal", allows="seal-missing")


def test_on_a_shorter_ledger(history, found):
    """The last seal is put on the ledger of the one before."""
    history.tag(LAST, f"{MIDDLE}^{{}}", _said(history, LAST))
    found("seal")


def test_on_a_commit(history, found):
    """The last seal is put on a commit."""
    history.tag(LAST, "HEAD", _said(history, LAST))
    found("seal")


def test_with_another_message(history, found):
    """The last seal has the right ledger and another count in its message."""
    said = _said(history, LAST)
    count = str(_ledger(history, LAST).count("\n"))
    assert said.count(count)
    history.tag(LAST, f"{LAST}^{{}}", said.replace(count, str(int(count) + 1)))
    found("seal")


def test_with_no_message(history, found):
    """The last seal has the right ledger and says nothing."""
    history.tag(LAST, f"{LAST}^{{}}", "Sealed\n")
    found("seal", allows="seal-missing")


def test_of_a_commit_that_is_not_there(history, found):
    """The last seal is made anew, of a commit that is not there."""
    head = next(line for line in _said(history, LAST).split("\n") if line.startswith("Head: "))
    history.tag(LAST, f"{LAST}^{{}}", _said(history, LAST).replace(head, f"Head: {'deadbeef' * 5}"))
    found("rewritten|seal", allows="rewritten seal")


def test_of_an_earlier_commit(history, found):
    """The last seal is made anew, of an earlier commit than it has the ledger of."""
    head = next(line for line in _said(history, LAST).split("\n") if line.startswith("Head: "))
    history.tag(LAST, f"{LAST}^{{}}", _said(history, LAST).replace(head, f"Head: {history.id('HEAD~2')}"))
    found("seal")


def test_made_light(history, found):
    """The last seal becomes a tag that nobody made."""
    history.git("update-ref", f"refs/tags/{LAST}", history.id(f"{LAST}^{{}}"))
    found("seal", allows="seal-missing unsigned")


def test_moved_where_it_was_seen(history, found):
    """The last seal is made anew, the same but for its time, where it was seen before."""
    assert history.verify().code == 0
    history.tag(LAST, f"{LAST}^{{}}", _said(history, LAST), by="dario")
    found("seal-moved")


@pytest.mark.parametrize(
    ("by", "key", "wanted"),
    [
        pytest.param("sanna", "dario", "wrong-key", id="another organiser"),
        pytest.param("stranger", "stranger", "unknown-key", id="a stranger"),
        pytest.param("dario", "dario-old", "expired-key", id="a key that has ended"),
    ],
)
def test_signed_by(history, found, by, key, wanted):
    """The last seal is signed by"""
    history.tag(LAST, f"{LAST}^{{}}", _said(history, LAST), by=by, key=key)
    found(wanted, allows="role")


def test_unsigned(history, found):
    """The last seal is not signed."""
    history.git("-c", "tag.gpgSign=false", "tag", "-f", "-a", "-m", _said(history, LAST), LAST, f"{LAST}^{{}}")
    found("unsigned")


def test_changed_after_signing(history, found):
    """The last seal's date is changed after it was signed."""
    data = history.git("cat-file", "tag", LAST) + "\n"
    tagger = next(line for line in data.split("\n") if line.startswith("tagger "))
    forged = data.replace(tagger, tagger.replace(" +0200", " +0100"))
    assert forged != data
    oid = history.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=forged)
    history.git("update-ref", f"refs/tags/{LAST}", oid)
    found("bad-signature")


def test_of_another_history(history, found):
    """A seal is made in a clone where something else was decided, and brought over."""
    other = history.clone("other")
    other.decide("73b9mt", "declined")
    other.callforth("audit", "seal")
    history.git("fetch", "--quiet", str(other.root), "refs/tags/seal/0004:refs/tags/seal/0004")
    assert history.status("73b9mt") == "received"
    found("seal", allows="rewritten")


def test_after_a_change_of_what_was_sealed(history, found):
    """What was sealed is changed, and sealed again as it is now."""
    history.git("reset", "--quiet", "--hard", "HEAD~1")
    history.git("tag", "--delete", LAST)
    text = history.with_status("k7m2qx", "declined")
    history.commit("Tidy up\n", {path("k7m2qx"): text})
    history.run("audit", "seal")
    found("unrecorded k7m2qx", allows="reason seal")
