"""Signatures, checked by the independent library and the published vector."""

import base64
import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from integrations.webhooks.signing import headers, new_secret, sign


def test_published_vector():
    assert (
        sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_independent_library_agrees():
    secret, body = new_secret(), '{"text":"您好"}'.encode()
    signed = headers(secret, "01936b1e", int(time.time()), body)
    assert Webhook(secret).verify(body, signed) == {"text": "您好"}


@pytest.mark.parametrize("change", ["body", "id", "time", "secret", "age"])
def test_independent_library_refuses(change):
    secret, body, now = new_secret(), b"{}", int(time.time())
    signed = headers(secret, "a", now - 360 if change == "age" else now, body)
    if change == "id":
        signed["webhook-id"] = "b"
    if change == "time":
        signed["webhook-timestamp"] = str(now + 1)
    checker = Webhook(new_secret() if change == "secret" else secret)
    with pytest.raises(WebhookVerificationError):
        checker.verify(b"{} " if change == "body" else body, signed)


def test_secrets_are_random_and_long():
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(base64.b64decode(one.removeprefix("whsec_"))) == 32 for one in secrets)
