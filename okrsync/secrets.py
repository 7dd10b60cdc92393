"""The secret behind a reference of the configuration: the only module that reads one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from okrsync.errors import ConfigError, Problem
from okrsync.model import Secret, SecretRef

CREDENTIALS = "CREDENTIALS_DIRECTORY"
LONGEST = 64 * 1024  # bytes of a file that may be a secret


def resolve(ref: SecretRef, environ: Mapping[str, str], base: Path) -> Secret:
    """The secret that the reference names: an environment variable, a file (relative ones start at ``base``, the folder
    of the configuration) or a credential of systemd. White space around it is no part of it.

    ConfigError where it is missing, empty or no single line; the message names the reference, never the value.
    """
    match ref.kind:
        case "env":
            text = _variable(ref, environ)
        case "file":
            text = _content(ref, base / ref.name)
        case "credential":
            text = _content(ref, _credential(ref, environ))
        case _:
            raise _error(ref, "is no kind of reference; write env, file or credential")
    secret = text.strip()  # here and nowhere later: what is sent is what the log is told to hide
    if not secret:
        raise _error(ref, f"is empty; {_advice(ref)}")
    if not secret.isprintable():
        raise _error(ref, "holds more than one line, or characters that no token has; write the token alone")
    return Secret(secret)


def _variable(ref: SecretRef, environ: Mapping[str, str]) -> str:
    value = environ.get(ref.name)
    if value is None:
        raise _error(ref, f"the variable {ref.name} is not set; {_advice(ref)}")
    return value


def _credential(ref: SecretRef, environ: Mapping[str, str]) -> Path:
    folder = environ.get(CREDENTIALS)
    if not folder:
        message = (
            f"{CREDENTIALS} is not set; start okrsync by systemd, with LoadCredential={ref.name}:/path/of/the/file"
        )
        raise _error(ref, message)
    return Path(folder) / ref.name


def _content(ref: SecretRef, path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except FileNotFoundError:
        raise _error(ref, f"there is no file {path}; {_advice(ref)}") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "no usable name"
        raise _error(ref, f"{path} cannot be read: {why}") from None
    if len(content) > LONGEST:
        raise _error(ref, f"{path} is too long for a token; write the token alone")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise _error(ref, f"{path} is not text in UTF-8; write the token alone") from None


def _advice(ref: SecretRef) -> str:
    """What to type."""
    match ref.kind:
        case "env":
            return f"type `export {ref.name}=…`, or keep the token in a file: token = {{ file = … }}"
        case "file":
            return "write the token into it, readable by okrsync alone"
        case _:
            return f"check LoadCredential={ref.name}: in the unit of the service"


def _error(ref: SecretRef, message: str) -> ConfigError:
    return ConfigError([Problem(f'token = {{ {ref.kind} = "{ref.name}" }}', message)])
