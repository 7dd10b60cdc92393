"""The secret of a webhook, as it is stored: encrypted by the ``webhook_secret`` of its source."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from okrsync.model import Secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def seal(value: str, hook: str, secret: Secret) -> str:
    """The value, readable only with the same secret and for the same webhook."""
    return _cipher(hook, secret).encrypt(value.encode()).decode("ascii")


def unseal(sealed: str, hook: str, secret: Secret) -> str | None:
    """What was sealed; None where the secret is another one by now."""
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(hook, secret).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _cipher(hook: str, secret: Secret) -> Fernet:
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    key = HKDF(SHA256(), length=32, salt=None, info=f"okrsync webhook {hook}".encode())
    return Fernet(base64.urlsafe_b64encode(key.derive(secret.reveal().encode())))
