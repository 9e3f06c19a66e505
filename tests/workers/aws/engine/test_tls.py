import datetime as dt
import ssl

import pytest
from botocore.exceptions import BotoCoreError, SSLError
from botocore.httpsession import URLLib3Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.workers.aws.scripted import serving
from tests.workers.aws.worlds import Engine
from workers.aws.engine import tls


def make_certificate(directory, host):
    """A certificate that is its own authority; the paths of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = directory / f"{host}.pem", directory / f"{host}.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret


@pytest.fixture
def serve_as(tmp_path, monkeypatch):
    """Serves over TLS with a certificate of the named host, which clients trust."""

    def start(host):
        certificate, key = make_certificate(tmp_path, host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        return serving(context)

    return start


def who(engine, region, url):
    with engine.caller().calling():
        return engine.clients.get("sts", region, url).get_caller_identity()["Account"]


def test_the_authorities_are_read_once_for_all_clients(serve_as, monkeypatch):
    made = []
    create = tls.create_urllib3_context
    monkeypatch.setattr(tls, "create_urllib3_context", lambda: made.append(1) or create())
    with serve_as("localhost") as aws:
        engine = Engine()
        assert who(engine, "eu-west-1", aws.url) == "AKIDFIRST"
        assert who(engine, "us-east-1", aws.url) == "AKIDFIRST"
        assert aws.connections == 2
    assert made == [1]


def test_a_certificate_of_another_authority_is_refused(serve_as, monkeypatch):
    with serve_as("localhost") as aws:
        monkeypatch.delenv("AWS_CA_BUNDLE")
        with pytest.raises(SSLError):
            who(Engine(), "eu-west-1", aws.url)


def test_a_certificate_of_another_host_is_refused(serve_as):
    with serve_as("elsewhere.example") as aws, pytest.raises(SSLError):
        who(Engine(), "eu-west-1", aws.url)


def test_the_socket_options_of_botocore_are_kept(engine):
    http = engine.clients.get("sts", "eu-west-1")._endpoint.http_session
    assert http._manager.connection_pool_kw["socket_options"] == http._socket_options
    assert http._socket_options


def test_a_client_behind_a_proxy_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    client = Engine().clients.get("sts", "eu-west-1")
    assert not tls.share_context(client)
    assert "_setup_ssl_cert" not in vars(client._endpoint.http_session)


def test_a_botocore_that_has_changed_gives_plain_clients(monkeypatch, caplog):
    monkeypatch.delattr(URLLib3Session, "_setup_ssl_cert")
    tls._warn_once.cache_clear()
    client = Engine().clients.get("sts", "eu-west-1")
    assert not tls.share_context(client)
    assert "TLS contexts are not shared" in caplog.text


def test_a_bundle_that_is_not_there_is_told_at_the_call(monkeypatch, serve_as):
    with serve_as("localhost") as aws:
        monkeypatch.setenv("AWS_CA_BUNDLE", "/there/is/no/bundle.pem")
        with pytest.raises(BotoCoreError, match="No such file"):
            who(Engine(), "eu-west-1", aws.url)
