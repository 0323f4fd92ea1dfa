"""RPMs with every odd feature, made by rpmbuild, and rpms made by hand where rpmbuild would not."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from pathlib import Path

from repogen.readers import Digests
from tests.support.clients import require, run

_ODD_SPEC = rb"""
Name: odd
Version: 2.0.0~beta.3
Release: 1%{?dist}
Epoch: 3
Summary: Everything <odd> & "quoted" in 'one' package
License: MIT and (GPL-2.0-or-later OR Apache-2.0)
URL: https://acme.example/odd?a=1&b=2
Vendor: Acme & Sons
Packager: "The Packager" <packager@acme.example>
Group: Applications/System
Requires: bash >= 4
Requires: bash >= 4
Requires: plain
Requires: epochal = 2:1.5-3
Requires: ((foo >= 1 and bar) if baz)
Requires: /usr/bin/odd
Requires: /opt/odd/data
Requires: libc.so.6()(64bit)
Requires: libc.so.6(GLIBC_2.9)(64bit)
Requires: libc.so.6(GLIBC_2.34)(64bit)
Requires: libc.so.6(GLIBC_2.4)(64bit)
Requires: odd = 3:2.0.0~beta.3-1
Requires(pre): shadow-utils
Requires(post): systemd
Requires(preun): preun-tool
Requires(postun): postun-tool
Requires(pretrans): pretrans-tool
Requires(posttrans): posttrans-tool
Provides: odd-api = 3
Provides: odd-api(x) <= 4.2-1
Provides: bundled(js) = 1:2
Conflicts: even < 1
Conflicts: (never and ever)
Obsoletes: older <= 2:1.9
Recommends: weak-one
Recommends: (weak-two if something)
Suggests: hint > 1
Supplements: (odd and langpack)
Enhances: other-thing = 1.0-1
%description
A description with <b>markup</b> & "quotes",
	a tab, a long line xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,

an empty line, and Unicode: \xc3\xa9\xc3\xa8 \xe2\x86\x92 \xf0\x9f\x8e\x89.

%package latin
Summary: Latin-1 caf\xe9 \x93quoted\x94
Version: 1.0^20260101git
%description latin
Fa\xe7ade \x80 in Latin-1.

%package plus
Summary: A version with a plus sign
Version: 1.0+build5
BuildArch: noarch
%description plus
A noarch one.

%package -n g++-odd
Summary: A name with plus signs
%description -n g++-odd
No files at all.

%package -n _under
Summary: Scripts of every kind
%description -n _under
Scripts.

%pre -n _under
echo pre
%post -n _under
echo post
%preun -n _under
echo preun
%postun -n _under -p /sbin/ldconfig
%pretrans -n _under -p <lua>
print("pretrans")
%posttrans -n _under
echo posttrans
%triggerin -n _under -- bash
echo trigger

%install
mkdir -p %{buildroot}/etc/odd %{buildroot}/usr/bin %{buildroot}/usr/lib %{buildroot}/opt/odd/bin %{buildroot}/usr/share/doc/odd %{buildroot}/usr/share/odd/empty
echo conf > %{buildroot}/etc/odd/odd.conf
printf '#!/bin/sh\necho odd\n' > %{buildroot}/usr/bin/odd; chmod 4755 %{buildroot}/usr/bin/odd
echo > %{buildroot}/usr/lib/sendmail
echo > %{buildroot}/opt/odd/bin/tool
echo > %{buildroot}/opt/odd/data
echo > '%{buildroot}/opt/odd/with space & <angle>'
echo > %{buildroot}/usr/share/doc/odd/README
ln -s odd %{buildroot}/usr/bin/odd-link
echo > %{buildroot}/usr/share/odd/latin
echo > %{buildroot}/usr/share/odd/plus
echo > %{buildroot}/usr/share/odd/script

%files
%dir /etc/odd
%config(noreplace) /etc/odd/odd.conf
/usr/bin/odd
/usr/bin/odd-link
/usr/lib/sendmail
/opt/odd
%doc /usr/share/doc/odd/README
%dir /usr/share/odd/empty
%ghost /var/log/odd.log
%ghost %dir /run/odd
%files latin
/usr/share/odd/latin
%files plus
/usr/share/odd/plus
%files -n g++-odd
%files -n _under
/usr/share/odd/script

%changelog
* Thu Jan 08 2026 Newest Author <n@acme.example> - 2.0.0-12
- Twelve & <last>
* Wed Jan 07 2026 A B <a@acme.example>
- same day, first
* Wed Jan 07 2026 A B <a@acme.example>
- same day, second
* Wed Jan 07 2026 A B <a@acme.example>
- same day, third
* Tue Jan 06 2026 L\xe9on <l@acme.example>
- Latin-1 caf\xe9
* Mon Jan 05 2026 U <u@acme.example> - 1
- seven
* Sun Jan 04 2026 U <u@acme.example>
- six
* Sat Jan 03 2026 U <u@acme.example>
- five
* Fri Jan 02 2026 U <u@acme.example>
- four
* Thu Jan 01 2026 U <u@acme.example>
- three
* Wed Dec 31 2025 U <u@acme.example>
- two, beyond the limit
* Tue Dec 30 2025 U <u@acme.example>
- one, beyond the limit
"""

_SMALL_SPEC = """
Name: small-{payload}
Version: 1.0
Release: 1
Summary: Payload in {payload}
License: MIT
BuildArch: noarch
%description
Small.
%install
mkdir -p %{{buildroot}}/usr/bin
echo small > %{{buildroot}}/usr/bin/small-{payload}
%files
/usr/bin/small-{payload}
"""


def build(folder: Path, spec: bytes, *defines: str, words: Sequence[str | Path] = ()) -> list[Path]:
    """Binary and source packages of a spec file, moved into ``folder``. ``words`` come before rpmbuild, to run that of another system."""
    if not words:
        require("rpmbuild")
    work = folder / ".build"
    work.mkdir(parents=True)
    (work / "package.spec").write_bytes(spec)
    macros = [
        f"_topdir {work}", f"_rpmdir {work}/out", f"_srcrpmdir {work}/out", "_invalid_encoding_terminates_build 0", "_build_id_links none",
        "use_source_date_epoch_as_buildtime 1", "_buildhost acme.example", *defines,
    ]  # fmt: skip
    options = [word for macro in macros for word in ("--define", macro)]
    run(*words, "rpmbuild", "-ba", "--target", "x86_64", *options, work / "package.spec", env={"SOURCE_DATE_EPOCH": "1767225600"})
    built = [path.rename(folder / path.name) for path in sorted((work / "out").rglob("*.rpm"))]
    run("rm", "-r", work)
    return built


def small(folder: Path, payload: str = "gzip", words: Sequence[str | Path] = ()) -> Path:
    """A small noarch package with this payload compression: gzip, xz, zstd or none."""
    macro = {"gzip": "w9.gzdio", "xz": "w2.xzdio", "zstd": "w3.zstdio", "none": "w.ufdio"}[payload]
    package, source = build(folder, _SMALL_SPEC.format(payload=payload).encode(), f"_binary_payload {macro}", words=words)
    source.unlink()
    return package


def build_corpus(folder: Path, words: Sequence[str | Path] = ()) -> list[Path]:
    """Ten packages: weak and rich dependencies, scripts, Latin-1, sources, four payload compressions and so on."""
    return [*build(folder, _ODD_SPEC, words=words), *(small(folder, payload, words) for payload in ("gzip", "xz", "zstd", "none"))]


def digests(path: Path) -> Digests:
    """What scanning says of a file."""
    data, status = path.read_bytes(), path.stat()
    return Digests(size=len(data), sha256=hashlib.sha256(data).hexdigest(), mtime=int(status.st_mtime))


# -- by hand -------------------------------------------------------------------------------

Value = str | bytes | int | list[str] | list[bytes] | list[int] | tuple[str, ...]


def header(region: int, tags: dict[int, Value], wide: frozenset[int] = frozenset()) -> bytes:
    """A header structure with its region.

    Text becomes STRING, a list of texts STRING_ARRAY, a tuple I18NSTRING, bytes BIN, numbers INT32 (INT64 for the tags in ``wide``).
    """
    store, entries = bytearray(), []
    for tag, value in sorted(tags.items()):
        kind, count, data, align = _encoded(tag, value, tag in wide)
        store += bytes(-len(store) % align)
        entries.append((tag, kind, len(store), count))
        store += data
    trailer = struct.pack(">IiiI", region, 7, -16 * (len(entries) + 1), 16)
    index = struct.pack(">IIII", region, 7, len(store), 16) + b"".join(struct.pack(">IIII", *entry) for entry in entries)
    store += trailer
    return b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", len(entries) + 1, len(store)) + index + store


_SHORTS = (1030, 1033)


def _encoded(tag: int, value: Value, wide: bool) -> tuple[int, int, bytes, int]:
    if isinstance(value, bytes):
        return 7, len(value), value, 1
    if isinstance(value, str):
        return 6, 1, value.encode() + b"\0", 1
    if isinstance(value, int):
        value = [value]
    if tag in _SHORTS:
        return 3, len(value), struct.pack(f">{len(value)}H", *value), 2
    if value and isinstance(value[0], int):
        return (5, len(value), struct.pack(f">{len(value)}Q", *value), 8) if wide else (4, len(value), struct.pack(f">{len(value)}I", *value), 4)
    texts = [text.encode() if isinstance(text, str) else text for text in value]
    return (9 if isinstance(value, tuple) else 8), len(texts), b"".join(text + b"\0" for text in texts), 1


def handmade(path: Path, *, payload: bytes = b"payload", v6: bool = False, signature: dict[int, Value] | None = None, **changes: Value) -> Path:
    """An rpm whose digests are right. ``changes`` are ``t1003=5``: tag 1003 is 5; None takes a tag away."""
    tags: dict[int, Value] = {
        100: ["C"], 1000: "handmade", 1001: "1.0", 1002: "1", 1004: ("By hand",), 1005: ("Made by hand.",), 1006: 1767225600, 1007: "acme.example",
        1009: 5, 1014: "MIT", 1016: ("Unspecified",), 1021: "linux", 1022: "x86_64", 1044: "handmade-1.0-1.src.rpm",
        1047: ["handmade"], 1112: [8], 1113: ["1.0-1"], 5092: [hashlib.sha256(payload).hexdigest()], 5093: 8,
    }  # fmt: skip
    wide = frozenset({5009, 5112, 5113} & ({int(k[1:]) for k in changes} | {5112, 5113}))
    if v6:
        tags |= {5112: len(payload), 5113: 999, 5114: 6}
    tags |= {int(key[1:]): value for key, value in changes.items()}
    main = header(63, {tag: value for tag, value in tags.items() if value is not None}, wide)
    sums: dict[int, Value] = {273: hashlib.sha256(main).hexdigest()}
    if v6:
        sums |= {279: hashlib.sha3_256(main).hexdigest(), 999: bytes(4128)}
    else:
        sums |= {269: hashlib.sha1(main).hexdigest(), 1000: len(main) + len(payload), 1007: 284, 1004: hashlib.md5(main + payload).digest(), 1008: bytes(4128)}
    sums |= signature or {}
    head = header(62, {tag: value for tag, value in sums.items() if value is not None}, frozenset({270, 271}))
    lead = b"\xed\xab\xee\xdb\x04\0\0\0\0\x01" + b"handmade-1.0-1".ljust(66, b"\0") + b"\0\x01\0\x05" + bytes(16)
    path.write_bytes(lead + head + bytes(-len(head) % 8) + main + payload)
    return path
