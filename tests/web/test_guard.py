"""What stands before the pages: no body, client or proxy gets more than it may, and no page less than its headers."""

from __future__ import annotations

import random
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from callforth.web import serving
from callforth.web.guard import Buckets, client_of
from callforth.web.settings import BadSetting, Rate, settings

from .conftest import ANA, text_of

MANY = Rate(100_000, 0.001)
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}


def raw(served, data: bytes, wait: float = 5.0) -> bytes:
    """Send bytes as they are, and return what is answered."""
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as connection:
        connection.sendall(data)
        found = b""
        while some := connection.recv(65536):
            found += some
        return found


def test_every_answer_forbids_what_no_page_needs(serve):
    served = serve()
    for path, status in (("/", 200), ("/apply", 200), ("/yours/x", 404), ("/../etc/passwd", 404), ("/style.css", 200)):
        answer = served.http.get(path)
        assert answer.status_code == status
        said = answer.headers
        assert said["content-security-policy"].startswith("default-src 'none'; style-src 'self'; ")
        assert "unsafe" not in said["content-security-policy"]
        assert (said["x-content-type-options"], said["referrer-policy"]) == ("nosniff", "no-referrer")
        assert said["cache-control"] == ("public, max-age=3600" if path == "/style.css" else "no-store")
        assert {"server", "set-cookie", "strict-transport-security"} & set(said) == set()
        assert "style=" not in answer.text
        assert "<script" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in served.http.get("/").text
    assert served.http.put("/apply").status_code == 405
    assert served.http.post("/").status_code == 404


def test_hostile_bodies_store_nothing_and_break_nothing(serve, team):
    served = serve(sends=MANY, looks=MANY, most_bytes=64 * 1024, body_seconds=0.3)
    head, once = team.head(), served.once()
    for name in ("application/json", "multipart/form-data; boundary=x", "text/plain", ""):
        assert served.http.post("/apply", content=b"x=y", headers={"content-type": name}).status_code == 415
    long = {"once": once, **ANA, "answer.why": "a" * 70_000}
    assert served.http.post("/apply", data=long).status_code == 413
    pieces = (b"a" * 1000 for _ in range(100))  # of no said length
    assert served.http.post("/apply", content=pieces, headers=FORM_TYPE).status_code == 413
    many = urlencode([(f"n{number}", "") for number in range(600)])
    assert served.http.post("/apply", content=many, headers=FORM_TYPE).status_code == 400
    begun = (
        b"POST /apply HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    )
    assert raw(served, begun + b"Content-Length: 50\r\n\r\nonce=").startswith(b"HTTP/1.1 408 ")
    assert raw(served, begun + b"Content-Length: -1\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    chance = random.Random(6)
    for _ in range(60):
        noise = chance.randbytes(chance.randrange(400))
        assert served.http.post("/apply", content=noise, headers=FORM_TYPE).status_code in (400, 422)
    # A number that this server did not make, one of another kind, and a field that only a program fills in.
    for wrong in ("", "A" * 43, ("B" if once[0] == "A" else "A") + once[1:], once + "é", "%00"):
        answer = served.send(wrong)
        assert (answer.status_code, "send it once more" in text_of(answer)) == (422, True)
    trap = served.send(homepage="https://spam.example.org")
    assert (trap.status_code, "taken for a program" in text_of(trap)) == (422, True)
    for path in ("/yours/" + "A" * 43, "/yours/../../secret", "/yours/%00", "/yours/" + "a" * 5000):
        assert served.http.get(path).status_code in (404, 414)
    assert (team.head(), served.files()) == (head, [])
    assert "a defect" not in "\n".join(served.log)
    # What the first name says counts, and names that nobody asked for do not.
    body = urlencode(
        [("once", once), *ANA.items(), ("applicant.name", "Other"), ("status", "accepted"), ("id", "../x")]
    )
    assert served.http.post("/apply", content=body, headers=FORM_TYPE).status_code == 303
    (name,) = served.files()
    assert team.done("show", name)["applicant"]["name"] == "Ana Silva"


def test_one_client_may_not_do_too_much_and_only_a_known_proxy_says_who_it_is(serve):
    served = serve(sends=Rate(2, 60.0))
    assert [served.send(email=f"p{number}@example.org").status_code for number in range(3)] == [303, 303, 429]
    answer = served.send()
    assert 55 <= int(answer.headers["retry-after"]) <= 61
    assert "still in your browser" in text_of(answer)
    served.http.headers["x-forwarded-for"] = "6.6.6.6, 203.0.113.7"
    assert served.send(email="q@example.org").status_code == 303
    served.stop()
    served = serve(sends=Rate(1, 60.0), proxy="none")
    served.http.headers["x-forwarded-for"] = "203.0.113.8"
    assert served.send(email="r@example.org").status_code == 303
    served.http.headers["x-forwarded-for"] = "203.0.113.9"
    assert served.send(email="s@example.org").status_code == 429


def test_who_only_keeps_connections_open_is_hung_up_on(serve, monkeypatch):
    monkeypatch.setattr(serving, "_PATIENCE", 1.0)
    served = serve()
    whole = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"
    begun = (b"GET / HTTP/1.1\r\nHo", whole + b"GET / HT", post)
    with ThreadPoolExecutor(3) as pool:
        nothing, answered, early = pool.map(lambda data: raw(served, data), begun)
    assert (nothing, answered[-7:], early[:13]) == (b"", b"\r\n\r\nok\n", b"HTTP/1.1 404 ")


def test_behind_a_proxy_links_lead_to_where_applicants_are(serve, team):
    served = serve(url="https://apply.example.org/oslo")
    assert 'href="/oslo/apply"' in served.http.get("/oslo/").text == served.http.get("/oslo").text
    assert served.log[-1].startswith("GET call 200 ")
    assert served.http.get("/apply").headers["strict-transport-security"] == "max-age=31536000"
    served.http.headers["host"] = "evil.example.com"
    assert [served.http.get(path).status_code for path in ("/oslo/apply/", "/style.css/")] == [404] * 2
    answer = served.send()
    assert answer.headers["location"].startswith("/oslo/yours/")
    (mail,) = (team.root / ".git/callforth/outbox").glob("*.eml")
    assert "https://apply.example.org/oslo/yours/" in mail.read_text()
    assert "evil" not in mail.read_text() + served.http.get(answer.headers["location"]).text


def test_a_bucket_fills_again_and_a_network_is_one_client():
    clock = [0.0]
    buckets = Buckets(Rate(2, 10.0), lambda: clock[0])
    assert [buckets.take("a"), buckets.take("a"), buckets.take("a"), buckets.take("b")] == [0, 0, 11, 0]
    clock[0] = 10.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 10]
    clients = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "::ffff:203.0.113.7", "203.0.113.7", "x"]
    assert [client_of({"client": (one, 1)}) for one in clients] == [
        "2001:db8:1:2::/64", "2001:db8:1:2::/64", "203.0.113.7", "203.0.113.7", "nobody"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"url": "javascript:alert(1)"}, "callforth.serve.url is 'javascript:alert(1)'"),
        ({"url": "https://a.example.org/\nx"}, "callforth.serve.url"),
        ({"url": "https://[::1"}, "callforth.serve.url is 'https://[::1'"),
        ({"proxy": "*"}, "callforth.serve.proxy has '*'"),
        ({"proxy": "127.0.0.1, 10.0.0.1/8"}, "callforth.serve.proxy has '10.0.0.1/8'"),
        ({"identity": "nobody"}, "callforth.serve.identity is 'nobody'"),
        ({"keep_days": "a year"}, "callforth.serve.keepDays is 'a year'"),
        ({"outbox": "~nobody-here/out"}, "callforth.mail.outbox is '~nobody-here/out'"),
        ({"smtp": "smtp://me:secret@mail.example.org"}, "CALLFORTH_SMTP_PASSWORD"),
    ],
)
def test_a_setting_that_cannot_be_is_told(said, what):
    with pytest.raises(BadSetting) as told:
        settings(said, "http://127.0.0.1:1", Path("/nowhere"))
    assert what in str(told.value)
    assert "secret@" not in str(told.value)
    assert replace(settings({}, "http://127.0.0.1:1", Path("/nowhere"))).keep_days == 365
