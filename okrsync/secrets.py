"""The secret behind a reference of the configuration: the only module that reads one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from okrsync.errors import ConfigError, Problem
from okrsync.model import Secret, SecretRef

CREDENTIALS = "CREDENTIALS_DIRECTORY"
LONGEST = 64 * 1024  # bytes of a file that may be a secret
_LINE_END = re.compile(r"[ \t]*(\r\n|\n|\\n)")  # a variable may spell it
_PEM = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----\n([A-Za-z0-9+/=\n]+)\n-----END \1-----")
_LOCKED = re.compile(r"^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED$", re.MULTILINE)


def resolve(ref: SecretRef, environ: Mapping[str, str], base: Path, option: str = "token") -> Secret:
    """The token, or what else the ``option`` holds, that the reference names: an environment variable, a file (relative
    ones start at ``base``, the folder of the configuration) or a credential of systemd. White space around it is no
    part of it.

    ConfigError where it is missing, empty or no single line; the message names the reference, never the value.
    """
    place = _Place(option, ref)
    secret = place.read(environ, base)
    if not secret.isprintable():
        raise place.error(f"holds more than one line, or characters that no {option} has; write the {option} alone")
    return Secret(secret)


def private_key(ref: SecretRef, environ: Mapping[str, str], base: Path) -> Secret:
    """The private key of an app, in PEM form, found as :func:`resolve` finds a token; ConfigError where it is none."""
    place = _Place("private_key", ref)
    key = _LINE_END.sub("\n", place.read(environ, base))
    if _LOCKED.search(key):
        raise place.error("is locked by a passphrase, which okrsync cannot ask for; give the key without one")
    if not _PEM.fullmatch(key):
        raise place.error("is no private key; give the whole .pem file, from its -----BEGIN line to its -----END line")
    return Secret(key)


def pieces(key: Secret) -> list[str]:
    """The lines of a private key that are secret, each of them alone too."""
    return [line for line in key.reveal().split("\n") if not line.startswith("-----")]


@dataclass(frozen=True, slots=True)
class _Place:
    """An option that names a secret."""

    option: str  # "token" | "private_key" | "password" | "webhook"
    ref: SecretRef

    def read(self, environ: Mapping[str, str], base: Path) -> str:
        match self.ref.kind:
            case "env":
                text = self._variable(environ)
            case "file":
                text = self._content(base / self.ref.name)
            case "credential":
                text = self._content(self._credential(environ))
            case _:
                raise self.error("is no kind of reference; write env, file or credential")
        secret = text.strip()  # here and nowhere later: what is sent is what the log is told to hide
        if not secret:
            raise self.error(f"is empty; {self._advice()}")
        return secret

    def error(self, message: str) -> ConfigError:
        return ConfigError([Problem(f'{self.option} = {{ {self.ref.kind} = "{self.ref.name}" }}', message)])

    def _variable(self, environ: Mapping[str, str]) -> str:
        value = environ.get(self.ref.name)
        if value is None:
            raise self.error(f"the variable {self.ref.name} is not set; {self._advice()}")
        return value

    def _credential(self, environ: Mapping[str, str]) -> Path:
        folder = environ.get(CREDENTIALS)
        if not folder:
            how = f"with LoadCredential={self.ref.name}:/path/of/the/file"
            raise self.error(f"{CREDENTIALS} is not set; start okrsync by systemd, {how}")
        return Path(folder) / self.ref.name

    def _content(self, path: Path) -> str:
        try:
            with path.open("rb") as file:
                content = file.read(LONGEST + 1)
        except FileNotFoundError:
            raise self.error(f"there is no file {path}; {self._advice()}") from None
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "no usable name"
            raise self.error(f"{path} cannot be read: {why}") from None
        if len(content) > LONGEST:
            raise self.error(f"{path} is too long for a {self._word}; write the {self._word} alone")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise self.error(f"{path} is not text in UTF-8; write the {self._word} alone") from None

    def _advice(self) -> str:
        """What to type."""
        match self.ref.kind:
            case "env":
                file = f"{self.option} = {{ file = … }}"
                return f"type `export {self.ref.name}=…`, or keep the {self._word} in a file: {file}"
            case "file":
                return f"write the {self._word} into it, readable by okrsync alone"
            case _:
                return f"check LoadCredential={self.ref.name}: in the unit of the service"

    @property
    def _word(self) -> str:
        return self.option.replace("_", " ")
