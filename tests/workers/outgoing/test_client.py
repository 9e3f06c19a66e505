import logging
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from findings.outgoing_addresses import AllowList
from tests.workers.outgoing.servers import raw_server, receiver
from workers.outgoing.calls import Request
from workers.outgoing.client import Client
from workers.outgoing.errors import (
    Ambiguous,
    ConnectFailed,
    NameUnknown,
    Refused,
    TimedOut,
    TlsFailed,
    TooLarge,
)

LOOPBACK = AllowList.parse(["127.0.0.0/8"])


def client(**changes):
    return Client(**{"allow": LOOPBACK, "read_seconds": 2, "total_seconds": 4, **changes})


def get(url, **changes):
    return client(**changes).send(Request(method="GET", url=url))


def test_sends_what_was_asked_and_returns_what_was_answered():
    with receiver() as server:
        server.answers = [(201, {"X-Kind": "a"}, b"\x00made")]
        answer = client().send(
            Request(
                method="POST", url=f"{server.url}/a b?q=1#f", headers={"X-Key": "k"}, body=b"body"
            )
        )
        asked = server.received[0]
    assert (answer.status, answer.headers["x-kind"], answer.body) == (201, "a", b"\x00made")
    assert (asked.method, asked.path, asked.body) == ("POST", "/a%20b?q=1", b"body")
    assert asked.headers["X-Key"] == "k"
    assert asked.headers["Host"] == f"127.0.0.1:{server.server_port}"


def test_loopback_is_refused_unless_allowed():
    with receiver() as server:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"):
            with pytest.raises(Refused, match="CAIRN_OUTGOING_ALLOW"):
                get(f"http://{host}:{server.server_port}/", allow=AllowList())
        assert server.received == []


def test_a_name_that_changes_its_address_is_asked_once_and_never_followed():
    answers = [["93.184.216.34"], ["127.0.0.1"]]

    def rebinding(host, port):
        return answers.pop(0)

    pinned = client(resolver=rebinding, allow=AllowList()).target("https://rebind.example/")
    assert [str(address) for address in pinned.addresses] == ["93.184.216.34"]
    with pytest.raises(Refused, match=r"127\.0\.0\.1"):
        client(resolver=rebinding, allow=AllowList()).target("https://rebind.example/")


def test_connects_to_the_address_that_was_judged_under_the_name_that_was_asked():
    with receiver() as server:
        names = {"hooks.example": ["127.0.0.1"]}
        get(
            f"http://hooks.example:{server.server_port}/",
            resolver=lambda host, port: names.pop(host),  # a second question would fail
        )
        assert server.received[0].headers["Host"] == f"hooks.example:{server.server_port}"


def test_one_private_address_among_public_ones_refuses_the_name():
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        get("https://x.example/", resolver=lambda host, port: ["8.8.8.8", "10.0.0.1"])


def test_an_address_with_a_zone_is_refused():
    with pytest.raises(Refused):
        get("https://x.example/", resolver=lambda host, port: ["fe80::1%eth0"])


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "file:///etc/passwd", "https://", "a.example", "https://u:p@a.example/"],
)
def test_what_is_no_plain_url_of_the_web_is_refused(url):
    with pytest.raises(Refused):
        get(url)


def test_a_public_host_is_not_called_without_tls():
    with pytest.raises(Refused, match="https only"):
        get("http://a.example/", resolver=lambda host, port: ["8.8.8.8"])


def test_a_redirect_is_an_answer():
    with receiver() as server:
        server.answers = [(302, {"Location": f"{server.url}/other"}, b"")]
        assert get(server.url).status == 302
        assert len(server.received) == 1


def test_a_name_without_an_address():
    def unknown(host, port):
        raise socket.gaierror("no such name")

    with pytest.raises(NameUnknown, match=r"x\.example"):
        get("https://x.example/", resolver=unknown)


def test_nobody_listens_and_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ConnectFailed) as caught:
        get(f"http://127.0.0.1:{port}/")
    assert not caught.value.sent


def test_silence_after_the_request_is_ambiguous():
    with raw_server(hold=True) as port, pytest.raises(TimedOut) as caught:
        get(f"http://127.0.0.1:{port}/", read_seconds=0.1)
    assert caught.value.sent


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_trickle_of_headers_or_body_ends_with_the_total_time(start):
    trickle = [start, *[b"X: y\r\n"] * 100]
    with raw_server(*trickle, pause=0.02) as port, pytest.raises(TimedOut):
        get(f"http://127.0.0.1:{port}/", total_seconds=0.3)


@pytest.mark.parametrize(
    "answer",
    [b"", b"no http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
)
def test_an_answer_that_breaks_off_is_ambiguous(answer):
    with raw_server(answer) as port, pytest.raises(Ambiguous) as caught:
        get(f"http://127.0.0.1:{port}/")
    assert caught.value.sent


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "nonsense"}])
def test_more_than_the_cap_is_not_read(headers):
    with receiver() as server:
        server.answers = [(200, headers, b"x" * 1001)]
        with pytest.raises(TooLarge) as caught:
            get(server.url, largest_answer=1000)
        assert caught.value.status == 200
        server.answers = [(200, {}, b"x" * 1000)]
        assert len(get(server.url, largest_answer=1000).body) == 1000


def test_a_header_with_a_line_break_is_refused():
    with receiver() as server:
        with pytest.raises(Refused):
            client().send(Request(method="GET", url=server.url, headers={"X": "a\r\nY: b"}))
        assert server.received == []


def test_neither_log_nor_error_nor_repr_holds_a_secret(caplog):
    caplog.set_level(logging.INFO, logger="workers.outgoing.client")
    with receiver() as server:
        request = Request(
            method="GET",
            url=f"{server.url}/services/SECRETPATH?token=SECRETQUERY",
            headers={"Authorization": "SECRETHEADER"},
            secret_path=True,
        )
        client().send(request)
    with pytest.raises(Refused) as refused:
        get("https://SECRETUSER:SECRETWORD@a.example/?SECRETQUERY")
    said = caplog.text + repr(request) + str(refused.value)
    assert "SECRET" not in said
    assert "/***?***" in caplog.text


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with receiver() as server:
        assert get(server.url).status == 200


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    place = tmp_path_factory.mktemp("tls")
    key, name = ec.generate_private_key(ec.SECP256R1()), "hooks.example"
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (place / "crt").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (place / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return place


@pytest.fixture
def secure_server(certificate):
    with receiver() as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "crt", certificate / "key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        yield server


def trusting(certificate):
    return ssl.create_default_context(cafile=certificate / "crt")


def test_tls_is_verified_against_the_name_although_connected_by_address(secure_server, certificate):
    def ask(host, trust):
        url = f"https://{host}:{secure_server.server_port}/"
        return get(url, trust=trust, resolver=lambda host, port: ["127.0.0.1"])

    assert ask("hooks.example", trusting(certificate)).status == 200
    for host, trust in (("other.example", trusting(certificate)), ("hooks.example", None)):
        with pytest.raises(TlsFailed) as caught:
            ask(host, trust)
        assert not caught.value.sent
    assert len(secure_server.received) == 1


def test_through_a_proxy_the_tunnel_leads_to_the_judged_address(secure_server, certificate):
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(
            target=_tunnel, args=(listener, secure_server.server_port, asked), daemon=True
        )
        thread.start()
        answer = get(
            f"https://hooks.example:{secure_server.server_port}/",
            trust=trusting(certificate),
            resolver=lambda host, port: ["127.0.0.1"],
            proxy=f"http://user:word@127.0.0.1:{port}",
        )
        thread.join(2)
    assert answer.status == 200
    assert asked[0].startswith(b"CONNECT 127.0.0.1:%d " % secure_server.server_port)
    assert b"Basic dXNlcjp3b3Jk" in asked[0]
    assert secure_server.received[0].headers["Host"].startswith("hooks.example")


def _tunnel(listener, port, asked):
    held, _ = listener.accept()
    asked.append(held.recv(65536))
    held.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    other = socket.create_connection(("127.0.0.1", port))
    back = threading.Thread(target=_pump, args=(other, held), daemon=True)
    back.start()
    _pump(held, other)
    back.join(2)


def _pump(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def test_without_https_the_proxy_is_not_asked():
    with pytest.raises(Refused, match="only https"):
        get("http://127.0.0.1:1/", proxy="http://127.0.0.1:2")
