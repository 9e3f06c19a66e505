import base64
import datetime as dt
import hashlib
import hmac

from findings.webhook_signing import new_secret, signed_headers

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def test_a_secret_is_of_32_bytes_and_never_the_same():
    one, other = new_secret(), new_secret()
    assert one.startswith("whsec_")
    assert len(base64.b64decode(one[6:])) == 32
    assert one != other


def test_every_secret_signs_id_time_and_body():
    keys = [new_secret(), new_secret()]
    headers = signed_headers(message_id="m1", body=b'{"a":1}', keys=keys, now=NOW)
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("m1", "1772442000")
    expected = []
    for key in keys:
        raw = base64.b64decode(key.split("_")[1])
        made = hmac.new(raw, b'm1.1772442000.{"a":1}', hashlib.sha256).digest()
        expected.append("v1," + base64.b64encode(made).decode())
    assert headers["webhook-signature"].split(" ") == expected


def test_the_example_of_the_specification():
    """From the reference libraries of standardwebhooks.com."""
    headers = signed_headers(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=b'{"test": 2432232314}',
        keys=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        now=dt.datetime.fromtimestamp(1614265330, dt.UTC),
    )
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-signature"] == expected
