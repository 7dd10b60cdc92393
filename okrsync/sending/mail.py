"""Mail by SMTP: one message to several people, over a verified connection, within one deadline.

Every failure is one line that names the server, what it said and what to do. What was accepted cannot be taken back:
where the connection breaks after the message and before the answer, it may have been sent.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime

from config import Smtp
from connectors.answer import WORDS, one_line
from connectors.deadline import Watch, Watchdog
from okrsync.errors import AuthError, ConfigError, OkrsyncError, Problem, Rejected, ToolError, Unavailable
from okrsync.logs import redact
from okrsync.model import Secret

SENDER = "okrsync"  # the name beside the address
PLACE = "[reports.smtp]"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written: a short text, and the page that says all, which comes inline and as a file called ``name``.
    ``id`` is the same whenever the same is sent again, so that a mailbox may know it for a copy."""

    subject: str
    text: str
    page: str
    name: str
    id: str


def message(letter: Letter, to: Collection[str], sender: str, at: datetime, language: str) -> EmailMessage:
    """The letter as it goes over the wire; no text in it can become a header."""
    made = EmailMessage(policy=WIRE)
    made["Subject"] = one_line(letter.subject)
    made["From"] = _address(sender, SENDER)
    made["To"] = tuple(_address(one) for one in to)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{letter.id}@{_ascii_domain(sender).rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(letter.text, cte="quoted-printable")
    made.add_alternative(letter.page, subtype="html", cte="base64")
    made.add_attachment(letter.page, subtype="html", filename=letter.name, cte="base64")
    made["Content-Language"] = language
    return made


def send(made: EmailMessage, to: Collection[str], server: Smtp, password: Secret | None) -> Mapping[str, ToolError]:
    """Hands the message over for these people; why some of them get nothing: Rejected for good, or Unavailable now.

    ToolError where it was not handed over at all, ConfigError where the certificates of ``server`` cannot be read.
    """
    envelope = {_ascii_domain(one): one for one in to}
    with _session(server, password) as client:
        try:
            refused = client.send_message(made, _ascii_domain(server.sender), list(envelope))
        except smtplib.SMTPRecipientsRefused as fault:
            refused = fault.recipients
    return {envelope[one]: _refusal(server, envelope[one], *why) for one, why in refused.items()}


def check(server: Smtp, password: Secret | None) -> None:
    """The server answers, is who it says, and takes the login; else as :func:`send`. Nothing is sent."""
    with _session(server, password) as client:
        client.noop()


# ── one connection ───────────────────────────────────────────────────────────────────────────────────────────────────


class _Client(smtplib.SMTP):
    """Hands its socket to the watch of the deadline."""

    def __init__(self, server: Smtp, watch: Watch) -> None:
        self._watch = watch
        super().__init__(server.host, server.port, timeout=watch.remaining())

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # private, and the only way
        self._watch.hold(line)
        self._watch.sent = True
        return line


class _ClientTLS(_Client):
    """Speaks TLS from the first byte on."""

    def __init__(self, server: Smtp, watch: Watch, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(server, watch)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


@contextlib.contextmanager
def _session(server: Smtp, password: Secret | None) -> Iterator[smtplib.SMTP]:
    """A connection that is signed in; every failure inside is one of ours."""
    context = None if server.security == "none" else _trust(server)
    watchdog = Watchdog()
    try:
        with watchdog.watch(server.timeout.total_seconds()) as watch:
            try:
                client = (
                    _ClientTLS(server, watch, context)
                    if server.security == "tls" and context
                    else _Client(server, watch)
                )
                with contextlib.closing(client):
                    if server.security == "starttls":
                        client.starttls(context=context)
                    if server.user is not None and password is not None:
                        client.login(server.user, password.reveal())
                    yield client
                    with contextlib.suppress(smtplib.SMTPException, OSError):  # all is said and done
                        client.quit()
            except (smtplib.SMTPException, OSError, UnicodeError, ValueError) as fault:
                raise _told(server, fault, late=watch.expired) from None
    finally:
        watchdog.close()


def _trust(server: Smtp) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except (OSError, ssl.SSLError):
        message = f"{server.ca_file} holds no certificates that can be read; give them in PEM form"
        raise ConfigError([Problem(f"{PLACE} ca_file", message)]) from None


# ── what went wrong ──────────────────────────────────────────────────────────────────────────────────────────────────


def _told(server: Smtp, fault: Exception, *, late: bool) -> OkrsyncError:
    """The failure in our words: who, what, what to do."""
    who = f"{server.host}:{server.port}"
    if late or isinstance(fault, TimeoutError) or isinstance(fault.__context__, TimeoutError):  # smtplib wraps it
        seconds = f"{server.timeout.total_seconds():g} s"
        return Unavailable(
            f"{who}: mail was not taken within {seconds}; check host and port, or raise timeout under {PLACE}"
        )
    match fault:
        case smtplib.SMTPAuthenticationError():
            return AuthError(
                f"{who}: refused the login of {server.user}: {_said(fault)}; renew the password of {PLACE}"
            )
        case smtplib.SMTPNotSupportedError() if "STARTTLS" in str(fault):
            return Rejected(f'{who}: offers no STARTTLS; set security = "tls" and its port under {PLACE}')
        case smtplib.SMTPNotSupportedError() if "SMTPUTF8" in str(fault):
            return Rejected(
                f"{who}: takes no addresses in letters beyond ASCII; give others in from and to under [reports]"
            )
        case smtplib.SMTPNotSupportedError():
            return Rejected(f"{who}: takes no login on this connection; take user and password out of {PLACE}")
        case smtplib.SMTPSenderRefused():
            why = f"{who}: takes no mail from {server.sender}: {_said(fault)}; correct from under {PLACE}"
            return _by_code(fault.smtp_code, why)
        case smtplib.SMTPResponseException():
            return _by_code(fault.smtp_code, f"{who}: did not take the mail: {_said(fault)}")
        case ssl.SSLCertVerificationError():
            why = f"its certificate is refused ({one_line(fault.verify_message)})"
            return Unavailable(f"{who}: {why}; name the certificates to trust under ca_file of {PLACE}")
        case ssl.SSLError():
            return Unavailable(f"{who}: speaks no TLS on this port; check security and port of {PLACE}")
        case socket.gaierror() | UnicodeError():
            return Unavailable(f"{who}: there is no such host (DNS); check host of {PLACE}", sent=False)
        case ConnectionRefusedError():
            return Unavailable(f"{who}: refused the connection; check host and port of {PLACE}", sent=False)
        case smtplib.SMTPException() | ConnectionError():
            return Unavailable(f"{who}: broke the connection off; if it goes on, check security and port of {PLACE}")
        case OSError():
            return Unavailable(f"{who}: cannot be reached ({fault.strerror or 'network'})", sent=False)
        case _:
            return Rejected(
                f"{who}: the mail cannot be sent ({type(fault).__name__}); check from and to under [reports]"
            )


def _refusal(server: Smtp, address: str, code: int, words: bytes) -> ToolError:
    why = f"{server.host}:{server.port}: takes no mail for {address}: {_words(code, words)}; correct to under [reports]"
    return _by_code(code, why)


def _by_code(code: int, why: str) -> ToolError:
    """4 … asks to come back, 5 … is for good."""
    return Unavailable(why, sent=False) if 400 <= code < 500 else Rejected(why)


def _said(fault: smtplib.SMTPResponseException) -> str:
    return _words(fault.smtp_code, fault.smtp_error)


def _words(code: int, words: bytes | str) -> str:
    """The server's own words, on one line, cut, without a secret."""
    text = one_line(redact(words.decode("utf-8", "replace") if isinstance(words, bytes) else words))
    return f"{code} {text if len(text) <= WORDS else text[: WORDS - 1] + '…'}".strip()


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _address(address: str, name: str = "") -> Address:
    local, _, domain = _ascii_domain(address).rpartition("@")
    return Address(name, local, domain)


def _ascii_domain(address: str) -> str:
    """The address with its domain as the network writes it; what has no such form is left as it is."""
    local, _, domain = address.rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"
