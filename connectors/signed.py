"""Whether what came in bears the signature of a secret: HMAC-SHA256 over the body as it came, compared in constant
time."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

_HEX = re.compile(r"[0-9a-f]{64}")


def is_signed(headers: Mapping[str, str], name: str, prefix: str, body: bytes, secret: bytes) -> bool:
    """Whether the header of this name is ``prefix`` and the signature of the body, in small hexadecimals.

    What has another form (none, empty, another method, two headers in one) is refused before anything is compared, so
    that the one comparison is of texts of equal length.
    """
    given = headers.get(name, "")
    if not secret or not given.startswith(prefix) or not _HEX.fullmatch(given, len(prefix)):
        return False
    expected = prefix + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode("ascii"), given.encode("ascii"))
