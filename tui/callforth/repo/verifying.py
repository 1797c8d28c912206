"""Verifying signatures: whether one fits the bytes it is on, and which key made it.

Whose key that is, and whether it counted then, is not asked here. SSH's common kinds are verified in this process, at
some thousands a second; other kinds and OpenPGP by git, which starts what it takes. What is verified is what was
committed: objects that `git replace` would show in place of others are not looked at.

Stricter than git: there is one signature, and nothing stands behind or within it that is not verified. What git and
OpenSSH pass over there, anyone could put in without the key.

Sources: git's `parse_buffer_signed_by_header` and `parse_signature`; OpenSSH's PROTOCOL.sshsig; GnuPG's DETAILS.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from callforth.model.team import OPENPGP, ssh_strings
from callforth.repo import agent, stored
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository

_DOING = "check the signatures"
_AT_ONCE = 60  # as many ids as fit into any pipe, so that no answer waits for the next question
_NAMESPACE = "git"
_HASHES = (b"sha256", b"sha512")
_HERE = {"ssh-ed25519": (b"ssh-ed25519",), "ssh-rsa": (b"rsa-sha2-256", b"rsa-sha2-512")}
_BY_GIT = re.compile(r"ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com")
_KIND = re.compile(r"[a-z0-9@.-]{1,64}")

_HEADER = b"gpgsig"
_LINES = re.compile(rb"[^\n]*\n|[^\n]+")
_BEGINNINGS = re.compile(rb"^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----", re.MULTILINE)
_SSH = re.compile(rb"-----BEGIN SSH SIGNATURE-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END SSH SIGNATURE-----\s*")
_OPENPGP = re.compile(
    rb"-----BEGIN PGP SIGNATURE-----\r?\n(?:[^\r\n-][^\r\n]*\r?\n|\r?\n)+-----END PGP SIGNATURE-----\s*"
)
_FITTING = ("GOODSIG", "EXPSIG", "EXPKEYSIG")
_JUDGEMENTS = (*_FITTING, "REVKEYSIG", "BADSIG", "ERRSIG")  # GnuPG says one of them of each signature
_STATUS = re.compile(r"^\[GNUPG:\] (\w+) ?(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Signed:
    """What is known of one signature.

    `state` is `none`; `good` (it fits the bytes, and `key` made it); `bad` (it is for other bytes or another purpose,
    or is none); `unchecked` (this machine has not what it takes; then `key` is what the signature says, if anything).
    `key` is as `Key.text`, empty where unknown.
    """

    state: str
    key: str = ""


_NONE, _BAD, _UNCHECKED = Signed("none"), Signed("bad"), Signed("unchecked")


@dataclass(frozen=True, slots=True)
class _ForGit:
    """A signature that git is to verify; `key` is what it says made it, empty for OpenPGP."""

    id: str
    kind: str
    key: str


def check(repository: Repository, ids: Sequence[str]) -> dict[str, Signed]:
    """Return what is known of the signatures of these commits and annotated tags, by their full ids.

    Objects of other kinds have none. Raises `GitFailed` where one is missing or damaged.
    """
    found: dict[str, Signed] = {}
    left: list[_ForGit] = []
    for id, kind, data in _objects(repository, list(dict.fromkeys(ids))):
        said = _look(repository, id, kind, data)
        if isinstance(said, Signed):
            found[id] = said
        else:
            left.append(said)
    if left:
        found.update(_by_git(repository, left))
    return found


def _objects(repository: Repository, ids: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    """Iterate over id, kind and bytes of these objects."""
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for id, found in zip(some, stored.read(repository.git, some), strict=True):
            if found is None:
                raise GitFailed(_DOING, f"fatal: the object {id} is missing; fetch it from another clone")
            # git believes the name of the file that an object is in.
            if repository.object_id(found.kind, found.data) != id:
                raise GitFailed(_DOING, f"fatal: the object {id} is damaged; say 'git fsck' and fetch it anew")
            yield id, found.kind, found.data


def _look(repository: Repository, id: str, kind: str, data: bytes) -> Signed | _ForGit:
    """Return what is known of an object's signature without git."""
    if kind == "commit":
        payload, signatures = _parts_of_commit(data, b"gpgsig " if repository.oid_size == 20 else b"gpgsig-sha256 ")
    elif kind == "tag":
        payload, signatures = _parts_of_tag(data)
    else:
        return _NONE
    if len(signatures) != 1:
        return _BAD if signatures else _NONE
    signature = signatures[0]
    if signature.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        return _by_ssh(id, kind, payload, signature)
    if _OPENPGP.fullmatch(signature):
        return _ForGit(id, kind, "")
    # X.509, and what PGP made long ago: no member can have such a key.
    known = _BEGINNINGS.match(signature) and not signature.startswith(b"-----BEGIN PGP SIGNATURE")
    return _UNCHECKED if known else _BAD


def _parts_of_commit(data: bytes, header: bytes) -> tuple[bytes, list[bytes]]:
    """Return what is signed of a commit, and its signatures: an empty one for any other that git takes out too."""
    blank = data.find(b"\n\n") + 1
    head, rest = (data[:blank], data[blank:]) if blank else (data, b"")
    payload: list[bytes] = []
    signatures: list[bytes] = []
    taking = ours = False
    for line in _LINES.findall(head):
        if line.startswith(_HEADER):
            taking, ours = True, line.startswith(header)
            signatures.append(line[len(header) :] if ours else b"")
        elif taking and line.startswith(b" "):
            signatures[-1] += line[1:] if ours else b""
        else:
            taking = False
            payload.append(line)
    return b"".join(payload) + rest, signatures


def _parts_of_tag(data: bytes) -> tuple[bytes, list[bytes]]:
    """Return what is signed of a tag, and its signature at the end: an empty one for any that git takes out too."""
    head = data.partition(b"\n\n")[0]
    signatures = [b"" for line in _LINES.findall(head) if line.startswith(_HEADER)]
    # What looks like one before the last one is part of what is signed.
    start = max((found.start() for found in _BEGINNINGS.finditer(data)), default=len(data))
    return data[:start], [*signatures, *([data[start:]] if data[start:] else [])]


def _by_ssh(id: str, kind: str, payload: bytes, armoured: bytes) -> Signed | _ForGit:
    from sshsig import PublicKey  # slow, and of no use where nothing is signed
    from sshsig.sshsig import SshsigSignature, do_sshsig_verify

    written = _SSH.fullmatch(armoured)
    if written is None:
        return _BAD
    try:
        raw = binascii.a2b_base64(re.sub(rb"\s", b"", written[1]), strict_mode=True)
        signature = SshsigSignature(raw)
    except (ValueError, NotImplementedError):
        return _BAD
    maker = agent.kind_of(signature.public_key)
    for_git = signature.namespace == _NAMESPACE.encode() and signature.hash_algo in _HASHES
    if bytes(signature) != raw or not _KIND.fullmatch(maker) or not for_git:
        return _BAD
    key = f"{maker} {base64.b64encode(signature.public_key).decode()}"
    if maker not in _HERE:
        return _ForGit(id, kind, key) if _BY_GIT.fullmatch(maker) else Signed("unchecked", key)
    made = ssh_strings(signature.signature)
    if len(made) != 2 or made[0] not in _HERE[maker]:
        return _BAD
    try:
        by = do_sshsig_verify(signature, io.BytesIO(payload), _NAMESPACE)
    except Exception:  # whatever bytes of somebody else's lead a library to
        return _BAD
    return Signed("good", key) if isinstance(by, PublicKey) and _is_usual(key) else _BAD


@lru_cache(maxsize=256)
def _is_usual(key: str) -> bool:
    """Tell whether a key is written as everybody writes it; other bytes can stand for the same key."""
    from sshsig import PublicKey

    return PublicKey.from_openssh_str(key).openssh_str() == key


def _by_git(repository: Repository, left: Sequence[_ForGit]) -> dict[str, Signed]:
    from concurrent.futures import ThreadPoolExecutor

    with tempfile.TemporaryDirectory(prefix="callforth-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        said = pool.map(lambda one: _ask_git(repository, one, Path(folder) / one.id), left)
        return {one.id: _answer(one, text) for one, text in zip(left, said, strict=True)}


def _ask_git(repository: Repository, one: _ForGit, allowed: Path) -> str:
    """Return all that git says of a signature."""
    allowed.write_text(f"* {one.key}\n" if one.key else "")
    settings = (
        f"gpg.ssh.allowedSignersFile={allowed}",
        f"gpg.ssh.revocationFile={os.devnull}",
        "gpg.ssh.program=ssh-keygen",  # what the user signs with may not verify
    )
    configured = (word for setting in settings for word in ("-c", setting))
    try:
        # After the object stands one that is none: so git ends with an error, and what it said is kept.
        repository.git.run("--no-replace-objects", *configured, f"verify-{one.kind}", "--raw", one.id, "", doing=_DOING)
    except GitFailed as error:
        return error.stderr
    return ""


def _answer(one: _ForGit, said: str) -> Signed:
    if not one.key:
        return _answer_of_gnupg(said)
    digest = hashlib.sha256(base64.b64decode(one.key.split(" ")[1])).digest()
    by = re.escape(base64.b64encode(digest).decode().rstrip("="))
    if re.search(rf'^Good "git" signature for \* with \S+ key SHA256:{by}$', said, re.MULTILINE):
        return Signed("good", one.key)
    wrong = re.search(r"^Signature verification failed: (?!.*unsupported)", said, re.MULTILINE)
    return _BAD if wrong else Signed("unchecked", one.key)


def _answer_of_gnupg(said: str) -> Signed:
    status: dict[str, list[str]] = {}
    for word, rest in _STATUS.findall(said):
        status.setdefault(word, []).append(rest)
    judged = [word for word in _JUDGEMENTS for _ in status.get(word, [])]
    if not judged:  # it could not be begun
        return _BAD if "NODATA" in status else _UNCHECKED
    if len(judged) > 1:
        return _BAD
    if judged[0] == "ERRSIG":
        maker = status["ERRSIG"][0].split(" ")[6:7]
        return Signed("unchecked", OPENPGP + maker[0].upper()) if maker and len(maker[0]) >= 40 else _UNCHECKED
    valid = [rest.split(" ") for rest in status.get("VALIDSIG", [])]
    # That key or signature have run out meanwhile does not count here; that its owner has revoked a key does. A
    # signature of another class than 00 is one of text, and fits whatever its line ends are.
    if judged[0] in _FITTING and len(valid) == 1 and len(valid[0]) >= 10 and valid[0][8] == "00":
        return Signed("good", OPENPGP + valid[0][9].upper())
    return _BAD
