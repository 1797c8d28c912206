"""Talking to an SSH agent: which keys it holds, and signing with one of them.

Sources: the Internet-Draft "SSH Agent Protocol" (draft-ietf-sshm-ssh-agent); OpenSSH's PROTOCOL.sshsig and
PROTOCOL.key.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import textwrap
from pathlib import Path

_LIST, _LISTED, _SIGN, _SIGNED = 11, 12, 13, 14
_RSA_SHA2_512 = 4
_HASH = b"sha512"
_MAGIC = b"SSHSIG"
_PRIVATE = b"openssh-key-v1\0"
_PATIENCE = 60.0  # a person may have to touch a token
_LONGEST = 1 << 20


class AgentFailed(Exception):
    """The agent does not answer, or refuses."""


class Agent:
    """A connection to the agent that `SSH_AUTH_SOCK` names."""

    def __init__(self) -> None:
        """Raise `AgentFailed` where there is none."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_PATIENCE)
        try:
            self._socket.connect(os.environ.get("SSH_AUTH_SOCK") or "")
        except OSError as error:
            self._socket.close()
            raise AgentFailed(f"no agent answers ({error.strerror or 'there is none'})") from None

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def held(self) -> list[bytes]:
        """Return the public keys of what the agent holds, as SSH writes them. Raises `AgentFailed`."""
        answer = _Fields(self._ask(bytes([_LIST]), _LISTED))
        found: list[bytes] = []
        for _ in range(answer.number()):
            found.append(answer.string())
            answer.string()  # what the user calls it
        return found

    def sign(self, key: bytes, data: bytes, namespace: str) -> str:
        """Return the armoured signature of some bytes, for a purpose that the namespace names. Raises `AgentFailed`."""
        digest = hashlib.new(_HASH.decode(), data).digest()
        signed = _MAGIC + b"".join(map(_string, (namespace.encode(), b"", _HASH, digest)))
        flags = _RSA_SHA2_512 if kind_of(key) == "ssh-rsa" else 0
        asked = bytes([_SIGN]) + _string(key) + _string(signed) + flags.to_bytes(4, "big")
        signature = _Fields(self._ask(asked, _SIGNED)).string()
        parts = (key, namespace.encode(), b"", _HASH, signature)
        whole = base64.b64encode(_MAGIC + (1).to_bytes(4, "big") + b"".join(map(_string, parts))).decode()
        lines = ("-----BEGIN SSH SIGNATURE-----", *textwrap.wrap(whole, 70), "-----END SSH SIGNATURE-----")
        return "\n".join(lines)

    def _ask(self, question: bytes, wanted: int) -> bytes:
        try:
            self._socket.sendall(_string(question))
            size = int.from_bytes(self._read(4), "big")
            if not 0 < size <= _LONGEST:
                raise AgentFailed("its answer makes no sense")
            answer = self._read(size)
        except OSError as error:
            raise AgentFailed(f"it does not answer ({error.strerror or 'timed out'})") from None
        if answer[0] != wanted:
            raise AgentFailed("it refused")
        return answer[1:]

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise AgentFailed("it hung up")
            data += more
        return data


def public_key(said: str) -> bytes | None:
    """Return the public key that a line like `ssh-ed25519 AAAA… comment` holds, or None."""
    words = said.split()
    try:
        key = base64.b64decode(words[1], validate=True)
    except (IndexError, ValueError):
        return None
    return key if kind_of(key) == words[0] else None


def public_key_of(file: Path) -> bytes | None:
    """Return the public key in a file of a public or a private key, or beside it, or None. Raises `OSError`."""
    for one in (file, file.with_name(f"{file.name}.pub")):
        said = one.read_text(errors="replace") if one.is_file() else ""
        key = public_key(said) or _public_in_private(said)
        if key is not None:
            return key
    return None


def kind_of(key: bytes) -> str:
    """Return a public key's kind, like `ssh-ed25519`, or an empty string."""
    try:
        return _Fields(key).string().decode("ascii")
    except (AgentFailed, UnicodeDecodeError):
        return ""


def _public_in_private(said: str) -> bytes | None:
    """Return the public half, which stands in clear before the private one even where that is locked."""
    lines = [line for line in said.split("\n") if line and not line.startswith("-----")]
    try:
        data = base64.b64decode("".join(lines), validate=True)
        if not data.startswith(_PRIVATE):
            return None
        fields = _Fields(data[len(_PRIVATE) :])
        for _ in ("cipher", "key derivation", "its options"):
            fields.string()
        return fields.string() if fields.number() == 1 else None
    except (AgentFailed, ValueError):
        return None


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


class _Fields:
    """Bytes read as SSH's numbers and strings, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def number(self) -> int:
        return int.from_bytes(self._take(4), "big")

    def string(self) -> bytes:
        return self._take(self.number())

    def _take(self, size: int) -> bytes:
        taken, self._data = self._data[:size], self._data[size:]
        if len(taken) != size:
            raise AgentFailed("its answer is cut off")
        return taken
