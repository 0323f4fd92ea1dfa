"""The texts of ``templates/<format>/*.j2``: found in a checkout and in an installed wheel alike."""

from __future__ import annotations

import sys
import zlib
from contextlib import suppress
from functools import lru_cache
from importlib.util import cache_from_source
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

from repogen import quoting

#: Pieces of a large text that are put together at once.
_PIECES = 1000
_HERE = Path(__file__).parent


def resource(folder: str) -> Path:
    """The folder ``templates`` or ``site``: in the wheel below the package, in a checkout beside it."""
    installed = _HERE / "_resources" / folder
    return installed if installed.is_dir() else _HERE.parent / folder


def prepare() -> None:
    """Do now what rendering the first template would do."""
    _environment()


@lru_cache(maxsize=1)
def _environment() -> Any:
    import jinja2  # here, so that an unchanged build does not pay for it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource("templates")),
        bytecode_cache=_compiled(jinja2),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2", "xml.j2", "nuspec.j2"), default=False),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(quoting.FILTERS)
    return environment


def _compiled(jinja2: ModuleType) -> Any:
    """Compiled templates are kept where Python keeps those of its modules, if it may: compiling them costs as much as rendering a large page."""

    class Compiled(jinja2.FileSystemBytecodeCache):  # type: ignore[name-defined,misc]  # jinja2 is imported late
        def load_bytecode(self, bucket: Any) -> None:
            with suppress(OSError):
                super().load_bytecode(bucket)

        def dump_bytecode(self, bucket: Any) -> None:
            with suppress(OSError):  # a folder of the system's, or a full disk
                super().dump_bytecode(bucket)

    if sys.dont_write_bytecode:
        return None
    # jinja2 compares a template with what was compiled of it; what else goes into it is this module and the filters.
    mark = zlib.crc32(repr([Path(module).stat().st_mtime_ns for module in (__file__, quoting.__file__)]).encode())
    return Compiled(str(Path(cache_from_source(__file__)).parent), f"%s-{mark:08x}.jinja.pyc")


def render(name: str, /, **values: object) -> str:
    """The template ``<format>/<file>.j2`` with these values; a missing value is an error, not an empty text."""
    return str(_environment().get_template(name).render(**values))


def render_large(name: str, /, **values: object) -> bytes:
    """The same as UTF-8, made piece by piece: a text of many megabytes is held once. What is no text in a package is replaced."""
    whole = BytesIO()
    stream = _environment().get_template(name).stream(**values)
    stream.enable_buffering(_PIECES)
    for some in stream:
        whole.write(some.encode("utf-8", "replace"))
    return whole.getvalue()
