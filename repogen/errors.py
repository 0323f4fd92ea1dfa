"""Everything that repogen says when it cannot go on.

The tree of errors, with the exit code of each::

    RepogenError                 1   something failed; one sentence that names the file
    ├── InputError               1   a release file is damaged, odd or cannot be placed
    ├── SigningError             1   no key, wrong passphrase, expired key, gpg failed
    ├── StoreError               1   the destination cannot be read or written
    ├── CdnError                 1   a CDN was not purged, or still serves what was there before
    ├── PushError                1   the tap's commits were not pushed to the git repository elsewhere
    ├── UsageError               2   wrong use: an option, or a key in repogen.toml
    └── ProtectionError          3   refused, because it would harm what is published

An error is a sentence (``message``) and, where there is one, the next step (``hint``).
The command line prints both and exits with the code; nothing else catches these.
"""

from __future__ import annotations

from typing import ClassVar


class RepogenError(Exception):
    """A failure that the user can understand: a sentence, and a hint what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class InputError(RepogenError):
    """A release file is damaged, changes while it is read, or cannot be placed."""


class SigningError(RepogenError):
    """There is no usable key, or gpg refused to sign."""


class StoreError(RepogenError):
    """The destination cannot be reached, read or written."""


class CdnError(RepogenError):
    """The destination is whole, but the CDN before it was not purged or still serves old files."""


class PushError(RepogenError):
    """The destination is whole, but the Homebrew tap was not pushed to the git repository elsewhere."""


class UsageError(RepogenError):
    """The command line or repogen.toml asks for something that is not there."""

    exit_code = 2


class ProtectionError(RepogenError):
    """Refused to protect what is published, such as other bytes under a published name."""

    exit_code = 3
