"""rpms with headers as chance brings them, the same for the same seed: combinations that nobody thought of, for comparison with createrepo_c."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.support.rpms import Value, handmade

_NAMES = (
    "libc.so.6", "libc.so.6()(64bit)", "libc.so.6(GLIBC_2.2.5)(64bit)", "libc.so.6(GLIBC_2.34)(64bit)", "libc.so.6(GLIBC_2.10)", "libm.so.6", "/bin/sh",
    "/etc/a", "/usr/bin/f", "/usr/lib/sendmail", "rpmlib(X)", "a", "b", "self", "self(x86-64)", "(a or b)", "(c if d else e)", "ä", "a<b&c", 'x"y', "",
    "font(:lang=en)",
)  # fmt: skip
_VERSIONS = ("", "1", "1.0-1", "1:1.0-1", "0:1-1", "2:", "~1", "1^2", "99999999999:1", "a:1", "-1", "1-", "1--2", ":1-1", "+1:2", "1:2:3", "ä-1")
#: Without those of %pretrans and %posttrans, which createrepo_c marks only since 1.0.
_FLAGS = (0, 2, 4, 8, 10, 12, 14, 1 << 24 | 8, 1 << 6, 1 << 9, 1 << 9 | 12, 1 << 10 | 8, 1 << 11, 1 << 12, 1 << 8, 1 << 19, 1 << 27 | 8, 1 << 14)
_TEXTS = ("x", "a & b <c>", "ä ö", "  lead", "trail  ", "two\nlines", "tab\tx", "\"q\" 'p'", "cr\rx", "a\n\nb")
_FOLDERS = ("/", "/usr/bin/", "/etc/", "/opt/x/", "/usr/share/d & d/", "/usr/lib/")
#: Tags of names, flags and versions of each kind of dependency, the old weak ones too.
_DEPENDENCIES = (
    (1047, 1112, 1113), (1049, 1048, 1050), (1054, 1053, 1055), (1090, 1114, 1115), (5046, 5048, 5047), (5049, 5051, 5050), (5052, 5054, 5053),
    (5055, 5057, 5056), (1156, 1158, 1157), (1159, 1161, 1160),
)  # fmt: skip


def random_rpms(folder: Path, count: int, seed: int) -> list[Path]:
    """``count`` packages in this folder."""
    chance = Random(seed)
    return [handmade(folder / f"p{number}.rpm", v6=chance.random() < 0.1, **dict(_tags(chance, number))) for number in range(count)]


def _tags(chance: Random, number: int) -> Iterator[tuple[str, Value]]:
    yield "t1000", f"p{number}"
    yield "t1001", chance.choice(("1", "1.0", "2~rc1", "1^git", "0"))
    yield "t1022", chance.choice(("x86_64", "noarch", "i686", "aarch64"))
    yield "t1003", chance.choice((0, 1, 7))
    yield from ((f"t{tag}", (chance.choice(_TEXTS),)) for tag in (1004, 1005, 1016))
    yield from ((f"t{tag}", chance.choice(_TEXTS)) for tag in (1007, 1011, 1014, 1015, 1020) if chance.random() < 0.8)
    for names, flags, versions in _DEPENDENCIES:
        if size := chance.choice((0, 0, 1, 2, 3, 7, 12)):
            yield f"t{names}", chance.choices(_NAMES, k=size)
            yield f"t{flags}", chance.choices(_FLAGS, k=size)
            yield f"t{versions}", chance.choices(_VERSIONS, k=size)
    if chance.random() < 0.7:
        yield from _files(chance, chance.choice((1, 2, 5, 12)))
    if size := chance.choice((0, 1, 3, 9, 10, 11, 15)):
        yield "t1080", chance.choices((1, 5, 5, 5, 6, 7, 100), k=size)
        yield "t1081", chance.choices(("A B <a@b> - 1-1", "x  ", " y", "", "é", "& <"), k=size)
        yield "t1082", chance.choices(_TEXTS, k=size)


def _files(chance: Random, size: int) -> Iterator[tuple[str, Value]]:
    """As rpm takes them: no more folders than files."""
    yield "t1118", chance.sample(_FOLDERS, min(size, 3))
    yield "t1117", [f"{name}{number}" for number, name in enumerate(chance.choices(("f", "sendmail", "a b", "x<y", "ä", "self.conf"), k=size))]
    yield "t1116", [chance.randrange(min(size, 3)) for _ in range(size)]
    yield "t1037", chance.choices((0, 1, 2, 8, 64, 16, 65), k=size)
    yield "t1030", chance.choices((0o100644, 0o040755, 0o120777, 0o100755), k=size)
    numbers: tuple[tuple[int, Value], ...] = ((1028, [1] * size), (1034, [1] * size), (1033, [0] * size))
    yield from ((f"t{tag}", value) for tag, value in numbers)
    yield from ((f"t{tag}", [text] * size) for tag, text in ((1035, ""), (1036, ""), (1039, "root"), (1040, "root")))
