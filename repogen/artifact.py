"""One released file and the facts that were read out of it.

All values are frozen and are stored as they are (MessagePack) in the published catalog, so a
field may be added with a default, but not renamed or given another meaning.
"""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct, field

from repogen.packed_text import Text

#: The packager's count of builds of one version, behind the last hyphen; what follows it names a distribution.
_REVISION = re.compile(r"-([0-9]+(?:\.[0-9]+)*)(?=[^-]*$)")


class Kind(StrEnum):
    """What a released file is, settled by its content."""

    DEB = "deb"
    RPM = "rpm"
    TAR = "tar"
    ZIP = "zip"
    EXE = "exe"
    MSI = "msi"
    DMG = "dmg"
    PKG = "pkg"
    APPIMAGE = "appimage"
    BINARY = "binary"
    APK = "apk"
    SNAP = "snap"
    FLATPAK = "flatpak"
    PACMAN = "pacman"
    """A package for Arch Linux, offered as a download."""
    NUPKG = "nupkg"
    """A Chocolatey package; derived by us from an exe, msi or zip, never read."""
    UPDATE = "update"
    """A package of Squirrel.Windows or Velopack, with which installed applications update themselves; a NuGet package too, but none of Chocolatey's."""
    DSC = "dsc"
    """A Debian source package, by the text that names its files."""
    SOURCE = "source"
    """A file of a Debian source package."""
    SIDE = "side"
    """A file about another one: signature, blockmap, update manifest, SBOM."""
    NOTES = "notes"
    """Release notes in Markdown; read into the release, not published as a file."""
    MODULES = "modules"
    """Module metadata of a yum repository, which carries it as it came."""
    PRODUCTID = "productid"
    """Product certificate of a yum repository, which carries it as it came."""
    SUMS = "sums"
    """Checksums that came with the files; checked, and superseded by our own."""


class DebFacts(Struct, frozen=True, kw_only=True, tag="deb"):
    """A Debian binary package, as far as an index needs it."""

    package: str
    version: str
    """The whole Debian version, with epoch and revision."""
    architecture: str
    source: str
    """Source package name without version; the package's own name if it names none."""
    packed_stanza: Text = field(name="stanza")
    description: str = ""
    """First line of Description."""
    homepage: str = ""
    packed_files: Text | None = field(name="files", default=None)

    @property
    def stanza(self) -> bytes:
        """The control fields as apt-ftparchive would write them, without Filename, Size and digests; ends in one newline.

        Bytes, because old packages hold Latin-1 that must be published unchanged.
        """
        return self.packed_stanza.content

    @property
    def files(self) -> bytes | None:
        """Paths of the files that it installs, sorted, one a line; None where nobody asked for them when it came in."""
        return self.packed_files.content if self.packed_files else None

    @property
    def texts(self) -> tuple[Text, ...]:
        """All long texts."""
        return (self.packed_stanza, self.packed_files) if self.packed_files else (self.packed_stanza,)


class SourceFile(Struct, frozen=True, kw_only=True):
    """A file that a .dsc names."""

    name: str
    size: int
    sha256: str


class SourceFacts(Struct, frozen=True, kw_only=True, tag="source"):
    """A Debian source package."""

    package: str
    version: str
    """The whole Debian version, with epoch and revision."""
    stanza: bytes
    """The fields as apt-ftparchive would write them into Sources, the .dsc among the files, without Directory; ends in one newline."""
    files: tuple[SourceFile, ...]
    """All of them but the .dsc."""


class RpmFacts(Struct, frozen=True, kw_only=True, tag="rpm"):
    """An RPM package as ready XML of its three indices."""

    name: str
    epoch: int
    version: str
    release: str
    architecture: str
    """The package's architecture, ``src`` for a source package."""
    packed_primary: Text = field(name="primary")
    packed_filelists: Text = field(name="filelists")
    packed_other: Text = field(name="other")
    summary: str = ""
    license: str = ""
    homepage: str = ""
    signed: bool = False
    """Whether the header carries an OpenPGP signature."""
    signers: tuple[str, ...] = ()
    """Ids (16 hexadecimal digits) of the keys that these signatures name."""
    packed_filelists_ext: Text | None = field(name="filelists_ext", default=None)
    module: str = ""
    """``name:stream:version:context`` of the module that it belongs to; empty for most."""

    @property
    def evr(self) -> str:
        """Epoch, version and release in one word: ``3:1.0-10``; without the epoch where it is 0, as rpm's own tools have it."""
        return f"{self.epoch}:{self.version}-{self.release}" if self.epoch else f"{self.version}-{self.release}"

    @property
    def primary(self) -> bytes:
        """The whole ``<package type="rpm">`` element of primary.xml."""
        return self.packed_primary.content

    @property
    def filelists(self) -> bytes:
        """The whole ``<package>`` element of filelists.xml."""
        return self.packed_filelists.content

    @property
    def other(self) -> bytes:
        """The whole ``<package>`` element of other.xml."""
        return self.packed_other.content

    @property
    def filelists_ext(self) -> bytes | None:
        """The whole ``<package>`` element of filelists-ext.xml; None where nobody asked for it when the package came in."""
        return self.packed_filelists_ext.content if self.packed_filelists_ext else None

    @property
    def texts(self) -> tuple[Text, ...]:
        """All long texts."""
        always = (self.packed_primary, self.packed_filelists, self.packed_other)
        return (*always, self.packed_filelists_ext) if self.packed_filelists_ext else always


class ArchiveFacts(Struct, frozen=True, kw_only=True, tag="archive"):
    """What stands in a tar or zip archive."""

    members: tuple[str, ...]
    """Member paths (files only), sorted; at most 5,000."""
    executables: tuple[str, ...]
    """Members that are programs (ELF, Mach-O, PE, or a script with its execute bit), or links that lead to one."""
    top: str = ""
    """The one folder that holds everything, or empty."""
    bundles: tuple[str, ...] = ()
    """macOS application bundles (``X.app``) in the archive."""
    links: tuple[str, ...] = ()
    """Those of the executables that are symbolic links."""


class Authenticode(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The signature that Windows looks for in a program or installer."""

    signer: str = ""
    """Common name of the certificate that signed; empty where the file is not signed."""
    issuer: str = ""
    """Common name of the authority that issued it."""
    timestamp: str = ""
    """When the signature was stamped, ``2026-11-20T10:00:00Z``; empty where it was not, so that it ends with its certificate."""


class InstallerFacts(Struct, frozen=True, kw_only=True, tag="installer"):
    """What a Windows or macOS installer says of itself."""

    technology: str = ""
    """``nsis``, ``inno``, ``msi``, ``wix-burn``, ``portable`` or empty when unknown."""
    product_name: str = ""
    product_code: str = ""
    """MSI ProductCode, with braces."""
    product_version: str = ""
    bundle: str = ""
    """macOS application in the image (``Quiet.app``), where it can be read."""
    package_ids: tuple[str, ...] = ()
    """Receipt identifiers of a macOS pkg, for ``uninstall pkgutil:``."""
    authenticode: Authenticode | None = None
    """None for what is not for Windows, and where nobody looked when it came in."""


class NupkgFacts(Struct, frozen=True, kw_only=True, tag="nupkg"):
    """A Chocolatey package that repogen made."""

    id: str
    version: str
    """Normalised NuGet version."""
    nuspec: bytes
    """The nuspec in it, which the feed serves beside it."""
    description: str = ""
    title: str = ""
    authors: str = ""
    tags: str = ""
    project_url: str = ""


class AppImageFacts(Struct, frozen=True, kw_only=True, tag="appimage"):
    """What an AppImage carries beside its image."""

    block_map_size: int = 0
    """Bytes of the block map that electron-builder appends; 0 when there is none."""
    update_information: str = ""
    """Where its updater looks for newer ones (section ``.upd_info``), such as ``zsync|https://.../app-latest-x86_64.AppImage.zsync``."""


class ManifestFile(Struct, frozen=True, kw_only=True):
    """A file that an update manifest names."""

    url: str
    sha512: str = ""
    """As it stands there: in base64, or hexadecimal."""
    size: int = 0
    more: bytes = b"{}"
    """JSON object with the keys that are none of these, such as ``blockMapSize``."""


class ManifestFacts(Struct, frozen=True, kw_only=True, tag="manifest"):
    """An update manifest of electron-builder."""

    version: str
    files: tuple[ManifestFile, ...]
    more: bytes = b"{}"
    """JSON object with the keys that say neither version nor files."""


class AppcastEntry(Struct, frozen=True, kw_only=True):
    """A file that an appcast names."""

    url: str
    size: int = 0
    signature: str = ""
    """Ed25519 signature over the file, in base64."""
    build: str = ""
    """``sparkle:version``, the CFBundleVersion that Sparkle compares; empty where it is the version."""
    minimum_system: str = ""


class AppcastFacts(Struct, frozen=True, kw_only=True, tag="appcast"):
    """An appcast of Sparkle or WinSparkle that came with the files."""

    entries: tuple[AppcastEntry, ...]


class SignatureFacts(Struct, frozen=True, kw_only=True, tag="signature"):
    """A signature that Tauri's updater demands, beside the file that it is over."""

    text: str
    """Content of the ``.sig`` file: a minisign signature in base64."""


class UpdatePackageFacts(Struct, frozen=True, kw_only=True, tag="update-package"):
    """A package of Squirrel.Windows or Velopack."""

    id: str
    """As its nuspec says."""
    delta: bool
    """Whether it holds but what differs from the version before."""
    sha1: str


class PackageEntry(Struct, frozen=True, kw_only=True):
    """A package that a list of Squirrel.Windows or Velopack names."""

    name: str
    version: str
    """Empty where the name of a package says none."""
    size: int
    sha1: str
    sha256: str = ""
    more: bytes = b"{}"
    """JSON object with the keys that are none of these, such as ``NotesMarkdown``."""


class PackageListFacts(Struct, frozen=True, kw_only=True, tag="package-list"):
    """``RELEASES`` of Squirrel.Windows, or ``releases.<channel>.json`` of Velopack."""

    channel: str = ""
    """Velopack's own channel, ``win``; empty for a ``RELEASES``."""
    entries: tuple[PackageEntry, ...]


class ZsyncFacts(Struct, frozen=True, kw_only=True, tag="zsync"):
    """A control file of zsync, by which an AppImage is updated."""

    url: str
    """Of the file that it is about; a plain name where that stands beside it."""
    size: int
    sha1: str


Facts = (
    DebFacts
    | SourceFacts
    | RpmFacts
    | ArchiveFacts
    | InstallerFacts
    | NupkgFacts
    | AppImageFacts
    | ManifestFacts
    | SignatureFacts
    | AppcastFacts
    | UpdatePackageFacts
    | PackageListFacts
    | ZsyncFacts
)


class Artifact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One published file: where it stands, what it is, and its facts."""

    path: str
    """Address from the site's root; with the channel, the identity of the published bytes."""
    filename: str
    """Name as it was released; shown to people, never used as a path."""
    kind: Kind
    product: str
    """Product id: lower-case letters, digits and ``-``."""
    version: str
    """Version of the release (semantic form where there is one), not the package's own with revision and epoch."""
    channel: str
    os: str
    """One of platforms.SYSTEMS, or ``any``."""
    arch: str
    """One of platforms.ARCHITECTURES, ``universal`` or ``any``."""
    libc: str = ""
    """``gnu``, ``musl`` or empty."""
    size: int
    sha256: str
    sha512: str = ""
    """Hexadecimal; empty where the configuration turned it off."""
    source_sha256: str = ""
    """Digest that the file came in with, where publishing changed its bytes (an rpm that we signed)."""
    eddsa: str = ""
    """Ed25519 signature over its bytes in base64, by the key for Sparkle; empty where none was configured."""
    date: str
    """When it was first published, ``2026-11-20T10:00:00Z``."""
    facts: Facts | None = None

    @property
    def release(self) -> tuple[str, str, str]:
        """Product, version and channel: key of the release that it belongs to."""
        return self.product, self.version, self.channel

    @property
    def plainness(self) -> tuple[object, ...]:
        """To sort the files of a release by: of two for one machine the plain build has the shorter name, and ``-debug`` is its variant.

        Of one package in several packaging revisions the last comes first.
        """
        revision = _REVISION.search(self.package_version) if self.package_version != self.version else None
        if revision is None:
            return len(self.path), self.path, (0,)
        before, _, behind = self.path.rpartition(revision[0])
        return len(before + behind), before + behind, (*(-int(number) for number in revision[1].split(".")), 0)

    @property
    def package_version(self) -> str:
        """The package's own version, with epoch and revision; that of the release where it has none of its own."""
        match self.facts:
            case DebFacts(version=version) | SourceFacts(version=version):
                return version
            case RpmFacts(epoch=epoch, version=version, release=release):
                return f"{epoch}:{version}-{release}"
        return self.version
