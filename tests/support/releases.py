"""A catalog as a real vendor would have it: a terminal program and an application, two channels, two versions."""

from __future__ import annotations

import hashlib

from repogen import layout
from repogen.artifact import ArchiveFacts, Artifact, DebFacts, InstallerFacts, Kind, NupkgFacts, RpmFacts
from repogen.catalog import Catalog, Product, PublicKey
from repogen.packed_text import Text
from tests.support.catalogs import catalog

KEY = PublicKey(
    fingerprint="3F2A90C17B64E8D50F1C9A7742BE06D3815CA94E",
    algorithm="ed25519",
    created="2026-01-01T00:00:00Z",
    expires="2029-01-01T00:00:00Z",
    user_id="Acme Releases <releases@acme.example>",
    armored="-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEaVW5ABYJKwYBBAHaRw8BAQdA\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n",
    binary=b"\x98\x33binary",
)

TASKGUARD = Product(
    id="taskguard",
    title="Taskguard",
    description="Runs your scheduled jobs, watches them, and tells you when one did not happen.",
    homepage="https://acme.example/taskguard",
    license="Apache-2.0",
)
QUIET = Product(
    id="quiet",
    title="Quiet",
    description="Noise suppression for calls, on your own computer.",
    homepage="https://acme.example/quiet",
    license="GPL-3.0-only",
    type="app",
)

NOTES = """# Taskguard 1.4.0

A release about **knowing sooner**: missed jobs are reported after one minute instead of five.

- `taskguard watch` shows what runs now, and what should.
- Calendars understand *the last working day of the month*.
- Fixed: a job that ended during a clock change was reported twice ([#214](https://acme.example/issues/214)).

```sh
taskguard watch --since yesterday
```
"""


def artifact(
    path: str, kind: Kind, product: str, version: str, os: str, arch: str, *, filename: str = "", channel: str = "stable", size: int = 0, **fields: object
) -> Artifact:
    """A published file whose digests are those of its own path."""
    digest = hashlib.sha256(path.encode()).hexdigest()
    size = size or 400_000 + int(digest[:6], 16)
    return Artifact(
        path=path,
        filename=filename or path.rpartition("/")[2],
        kind=kind,
        product=product,
        version=version,
        channel=channel,
        os=os,
        arch=arch,
        size=size,
        sha256=digest,
        sha512=hashlib.sha512(path.encode()).hexdigest(),
        **{"date": "2026-01-01T12:00:00Z", **fields},
    )


def download(product: str, version: str, filename: str, kind: Kind, os: str, arch: str, **fields: object) -> Artifact:
    return artifact(layout.download(product, version, filename), kind, product, version, os, arch, filename=filename, **fields)


def deb(product: str, version: str, arch: str = "amd64", *, package: str = "", **fields: object) -> Artifact:
    package, plain = package or product, version.replace("-", "~", 1)
    facts = DebFacts(package=package, version=f"{plain}-1", architecture=arch, source=package, packed_stanza=Text(f"Package: {package}\n".encode()))
    return artifact(layout.apt_pool("main", package, package, f"{plain}-1", arch), Kind.DEB, product, version, "linux", arch, facts=facts, **fields)


def rpm(product: str, version: str, arch: str = "x86_64", *, channel: str = "stable", **fields: object) -> Artifact:
    plain = version.replace("-", "~", 1)
    facts = RpmFacts(
        name=product, epoch=0, version=plain, release="1", architecture=arch, packed_primary=Text(b""), packed_filelists=Text(b""), packed_other=Text(b"")
    )
    own = {"x86_64": "amd64", "aarch64": "arm64", "noarch": "any"}.get(arch, arch)
    return artifact(layout.yum_package(channel, product, plain, "1", arch), Kind.RPM, product, version, "linux", own, facts=facts, channel=channel, **fields)


def archive(product: str, version: str, os: str, arch: str, *, libc: str = "", suffix: str = "tar.gz", **fields: object) -> Artifact:
    """An archive with one folder and the product's program in it."""
    stem = f"{product}-{version}-{os}-{arch}" + (f"-{libc}" if libc else "")
    program = f"{stem}/{product}" + (".exe" if os == "windows" else "")
    facts = ArchiveFacts(members=(program,), executables=(program,), top=stem)
    kind = Kind.ZIP if suffix == "zip" else Kind.TAR
    return download(product, version, f"{stem}.{suffix}", kind, os, arch, facts=facts, libc=libc, **fields)


def nupkg(product: str, version: str, **fields: object) -> Artifact:
    facts = NupkgFacts(id=product, version=version, nuspec=b"<package/>")
    return artifact(layout.nupkg(product, version), Kind.NUPKG, product, version, "windows", "amd64", facts=facts, size=3200, **fields)


def terminal_release(version: str, *, channel: str = "stable", **fields: object) -> tuple[Artifact, ...]:
    both: dict[str, object] = {"channel": channel, **fields}
    return (
        *(deb("taskguard", version, arch, **both) for arch in ("amd64", "arm64")),
        *(rpm("taskguard", version, arch, **both) for arch in ("x86_64", "aarch64")),
        *(archive("taskguard", version, "linux", arch, **both) for arch in ("amd64", "arm64")),
        archive("taskguard", version, "linux", "amd64", libc="musl", **both),
        *(archive("taskguard", version, "macos", arch, **both) for arch in ("amd64", "arm64")),
        *(archive("taskguard", version, "windows", arch, suffix="zip", **both) for arch in ("amd64", "arm64")),
        nupkg("taskguard", version, **both),
    )


def application_release(version: str, **fields: object) -> tuple[Artifact, ...]:
    image, installer = InstallerFacts(bundle="Quiet.app"), InstallerFacts(technology="msi")
    return (
        deb("quiet", version, **fields),
        download("quiet", version, f"QUIET-{version}-Linux.AppImage", Kind.APPIMAGE, "linux", "amd64", size=84_213_760, **fields),
        download("quiet", version, f"QUIET-{version}-macOS.dmg", Kind.DMG, "macos", "universal", size=61_903_144, facts=image, **fields),
        download("quiet", version, f"QUIET-{version}-Windows.msi", Kind.MSI, "windows", "amd64", size=42_118_912, facts=installer, **fields),
        nupkg("quiet", version, **fields),
    )


def acme(**fields: object) -> Catalog:
    """The whole catalog of Acme Tools; keyword arguments replace fields of the catalog."""
    artifacts = (
        *terminal_release("1.3.0", date="2026-05-04T09:00:00Z"),
        *terminal_release("1.4.0", date="2026-09-14T09:00:00Z"),
        *terminal_release("1.5.0-beta.2", channel="beta", date="2026-11-02T09:00:00Z"),
        *application_release("1.0.0", date="2026-10-20T09:00:00Z"),
    )
    made = catalog(*artifacts, products=(QUIET, TASKGUARD), **{"keys": (KEY,), **fields})
    return made.with_notes({("taskguard", "1.4.0"): NOTES, ("quiet", "1.0.0"): "The first release: *hello*.\n"})
