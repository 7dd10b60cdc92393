"""A mail server on this machine, that takes, refuses, waits or goes away as it is told."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "s3cret-of-the-post"


@dataclass
class Post:
    """What came in, and how the server behaves."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)  # address → the answer that it gets
    data: str = "250 taken"
    delay: float = 0.0
    cut: bool = False  # the connection breaks in the middle of the message

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.delay)
        if self.cut:
            server.transport.abort()
        if self.data.startswith("2"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            self.envelopes.append(list(envelope.rcpt_tos))
        return self.data


class _Authenticator:
    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, auth: Any) -> AuthResult:
        assert isinstance(auth, LoginPassword)
        fine = auth.login == b"okrsync" and auth.password == PASSWORD.encode()
        return AuthResult(success=fine, handled=False)


@dataclass(frozen=True)
class Served:
    post: Post
    port: int


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextmanager
def serving(
    post: Post, *, security: str = "none", login: bool = False, context: ssl.SSLContext | None = None
) -> Iterator[Served]:
    port = free_port()
    how: dict[str, Any] = {"hostname": "127.0.0.1", "port": port}
    if security == "tls":
        how["ssl_context"] = context
    if security == "starttls":
        how |= {"tls_context": context, "require_starttls": True}
    if login:
        how |= {"authenticator": _Authenticator(), "auth_required": True, "auth_require_tls": security == "starttls"}
    controller = Controller(post, **how)
    controller.start()
    try:
        yield Served(post, port)
    finally:
        controller.stop()


def certificates(folder: Path, name: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """An authority of our own, and the context of a server on this machine that it signed for, under that name."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)

    def certificate(subject: str, key: Any, *extensions: tuple[x509.ExtensionType, bool]) -> x509.Certificate:
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )
        for extension, critical in extensions:
            made = made.add_extension(extension, critical)
        return made.sign(authority, hashes.SHA256())

    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    root = certificate("Test authority", authority, (x509.BasicConstraints(ca=True, path_length=None), True))
    own = certificate(name, server, (names, False))
    ca_file, pem = folder / "ca.pem", folder / "server.pem"
    ca_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    private = server.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + own.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return ca_file, context
