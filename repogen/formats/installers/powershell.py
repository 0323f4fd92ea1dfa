"""``install.ps1``: one line for Windows that unpacks the right archive into the user's own folder, or runs the right installer.

For Windows PowerShell 5.1 and later. ``irm URL | iex`` keeps a byte order mark as a letter before the first word, and the script would not
run; without one, a file is read in the machine's code page. So the script has none, and is ASCII alone. The SHA-256 of every file that
it may fetch stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from repogen import layout
from repogen.artifact import Artifact, InstallerFacts
from repogen.catalog import Catalog, Product
from repogen.config import Config
from repogen.formats.installers.variables import variable_prefix
from repogen.paths import safe_name
from repogen.quoting import line
from repogen.templates import render as render_template
from repogen.tree import File, Stage, Tree
from repogen.windows_rule import KINDS, Way, for_script, silent_args, software_name, way, windows_programs


class Row(Struct, frozen=True, kw_only=True):
    """A file that the script may install."""

    product: str
    channel: str
    version: str
    folder: str
    arch: str
    form: str
    """A Way in lower case."""
    sha256: str
    path: str
    """As it stands in an address."""
    arguments: str = ""
    """Of an installer, for an unattended run."""
    programs: dict[str, str] = {}
    """Member to name of each program of an archive."""


class Installed(Struct, frozen=True):
    """By what Windows knows a product that an installer brought."""

    product: str
    codes: tuple[str, ...]
    """Product codes of every MSI that was ever offered."""
    names: tuple[str, ...]
    arguments: str


def render(catalog: Catalog, config: Config) -> Tree:
    installed = [_installed(catalog, product) for product in catalog.products]
    text = render_template(
        "installers/install.ps1.j2",
        title=line(config.title),
        name=config.repo.name,
        url=config.url,
        prefix=variable_prefix(config.repo.name),
        products=[product.id for product in catalog.offered],
        withdrawn=[(w.release.product, w.release.channel, w.release.version, line(w.reason)) for w in catalog.withdrawn],
        files=list(_rows(catalog)),
        installed=[each for each in installed if each],
    )
    return Tree({layout.INSTALL_PS1: File(_ascii(text), Stage.ENTRY)})


def _ascii(text: str) -> bytes:
    """With the line ends of Windows. What is not ASCII can only stand in a comment here."""
    return text.replace("\n", "\r\n").encode("ascii", "backslashreplace")


def _rows(catalog: Catalog) -> Iterator[Row]:
    """Of every release, those of a product's first channel first, and the newest of a channel first."""
    for product in catalog.holding(*KINDS):
        for channel in catalog.channels:
            for release in catalog.releases_of(product.id, channel):
                for form, artifact in for_script(catalog.files_of(release), product):
                    yield _row(form, artifact, product)


def _row(form: Way, artifact: Artifact, product: Product) -> Row:
    return Row(
        product=product.id,
        channel=artifact.channel,
        version=line(artifact.version),
        folder=safe_name(artifact.version),
        arch=artifact.arch,
        form=form.name.lower(),
        sha256=artifact.sha256,
        path=layout.url("", artifact.path).removeprefix("/"),
        arguments=line(silent_args(artifact, product)) if form in {Way.MSI, Way.EXE} else "",
        programs={line(member): line(name) for member, name in windows_programs(artifact, product.id).items()},
    )


def _installed(catalog: Catalog, product: Product) -> Installed | None:
    """What was withdrawn can be uninstalled too."""
    found = [(each, a) for a in catalog.kept_of(product.id) if (each := way(a, product)) is not None]
    if not found:
        return None
    installers = [a for each, a in found if each in {Way.MSI, Way.EXE}]
    codes = sorted({a.facts.product_code for a in installers if isinstance(a.facts, InstallerFacts) and a.facts.product_code})
    names = sorted({line(software_name(a, product)) for a in installers})
    arguments = next((args for a in installers if (args := silent_args(a, product))), "")
    return Installed(product.id, tuple(line(code) for code in codes), tuple(names), line(arguments))
