"""Write docs/configuration.md out of the docstrings in repogen/config.py, so that the two cannot part.

python make/configuration_page.py > docs/configuration.md
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BEGINNING = """\
# Configuration

`repogen.toml` says what the site is called, where the release files are, which key signs and where the site goes.
`repogen init` writes one by looking at the release files that it finds. Paths are relative to the file's own folder.
An unknown key is an error that names the nearest known one.

This is enough to begin:

```toml
{example}```

Besides the file:

| environment variable | says |
|---|---|
| `REPOGEN_SIGNING_KEY` | the secret key: armored text (several, one after another, are several keys), or the path of a file with it; comes before `[signing]` |
| `REPOGEN_SIGNING_PASSPHRASE` | its passphrase, the same for several keys, or a line for each; there is no other place for it |
| `REPOGEN_SPARKLE_KEY` | the key for Sparkle's signatures, or the path of a file with it; comes before `[updates] sparkle_key` |
| `SOURCE_DATE_EPOCH` | date of the build in seconds since 1970, where `--date` does not say it |
| `AWS_*`, `AWS_ENDPOINT_URL` | credentials, region and endpoint of S3, as for every AWS tool |
| `CLOUDFLARE_API_TOKEN` | the token that may purge the zone of `[cdn]` |
| `REPOGEN_CHOCOLATEY_KEY` | the API key with which `repogen push chocolatey` pushes |
| `REPOGEN_HOMEBREW_TOKEN` | the token that may push to `[homebrew] push` |

"""
EXAMPLE = TOP / "examples/hello/repogen.toml"


@dataclass(frozen=True)
class Key:
    """One key of a table: its name, its type and default as Python writes them, and its docstring."""

    name: str
    type: str
    default: str | None
    text: str


def page(source: str) -> str:
    """The whole page, from the source text of repogen/config.py."""
    classes = tables_in(source)
    example = EXAMPLE.read_text(encoding="utf-8").split("\n\n", 1)[1].partition("\n[[product]]")[0]
    parts = [BEGINNING.format(example=example)]
    parts += sections(classes["Config"], classes)
    return "\n".join(parts)


def tables_in(source: str) -> dict[str, ast.ClassDef]:
    """Classes by name: of this module, and of those that it takes tables from."""
    body = ast.parse(source).body
    classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
    for node in body:
        if isinstance(node, ast.ImportFrom) and any(alias.name.endswith("Config") for alias in node.names):
            classes |= tables_in((TOP / f"{str(node.module).replace('.', '/')}.py").read_text(encoding="utf-8"))
    return classes


def sections(table: ast.ClassDef, classes: dict[str, ast.ClassDef], outer: str = "") -> list[str]:
    """A section for each table below this one, each followed by its own."""
    found = []
    for field in keys_of(table):
        if inner := classes.get(element(field)):
            named = Key(f"{outer}{field.name}", field.type, field.default, field.text)
            found += [section(named, inner, classes), *sections(inner, classes, f"{named.name}.")]
    return found


def element(field: Key) -> str:
    """Type of what a repeated field holds, or of the field."""
    return re.sub(r"tuple\[(\w+), \.\.\.\]", r"\1", field.type)


def section(field: Key, table: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> str:
    repeated = field.type.startswith("tuple")
    heading = f"[[{field.name}]]" if repeated else f"[{field.name}]"
    said = (ast.get_docstring(table) or "").partition(":")[2].strip()
    lines = [f"## `{heading}`", ""]
    if said:
        lines += [cell(said[0].upper() + said[1:].rstrip(".") + "."), ""]
    if repeated:
        lines += ["The table may be there several times, once for each.", ""]
    lines += ["| key | type | default | |", "|---|---|---|---|"]
    lines += [f"| `{key.name}` | {type_words(key.type)} | {default_words(key)} | {cell(key.text)} |" for key in keys_of(table) if element(key) not in classes]
    return "\n".join([*lines, ""])


def keys_of(table: ast.ClassDef) -> list[Key]:
    """Annotated fields in order, each with the string that follows it."""
    found = []
    for node, after in zip(table.body, [*table.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str) else ""
            found.append(Key(node.target.id, ast.unparse(node.annotation), ast.unparse(node.value) if node.value else None, text))
    return found


def type_words(annotation: str) -> str:
    words = {
        "str": "text",
        "bool": "true or false",
        "bool | None": "true or false",
        "int": "number",
        "float": "number",
        "tuple[str, ...]": "list of texts",
        "int | dict[str, int]": "number, or table of numbers",
        "int | dict[str, int] | None": "number, or table of numbers",
        "tuple[str, ...] | None": "list of texts",
        "str | dict[str, str]": "text, or table of texts",
        "dict[str, str]": "table of texts",
        "dict[str, tuple[str, ...]]": "table of lists of texts",
    }
    return words[annotation]


def default_words(key: Key) -> str:
    if key.default is None:
        return "must be there"
    value = ast.literal_eval(key.default)
    if value is None:
        return "by itself"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (list, tuple)):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def cell(text: str) -> str:
    return " ".join(text.replace("``", "`").split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page((TOP / "repogen/config.py").read_text(encoding="utf-8")))
