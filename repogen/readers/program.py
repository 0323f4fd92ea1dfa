"""The system, architecture and C library that a native program is made for, from the first bytes of it.

ELF: see ``elf`` · Mach-O: mach-o/loader.h and fat.h of Apple's cctools ·
PE: https://learn.microsoft.com/windows/win32/debug/pe-format
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from repogen.readers.elf import INTERPRETER, read_elf

#: Machine, width and byte order; x32 and the like have no word of ours.
_ELF_MACHINES = {
    (3, 32, "little"): "i386", (62, 64, "little"): "amd64", (183, 64, "little"): "arm64", (243, 64, "little"): "riscv64", (258, 64, "little"): "loong64",
    (21, 64, "little"): "ppc64le", (21, 64, "big"): "ppc64", (22, 64, "big"): "s390x", (43, 64, "big"): "sparc64",
    (8, 32, "big"): "mips", (8, 32, "little"): "mipsle", (8, 64, "big"): "mips64", (8, 64, "little"): "mips64le",
}  # fmt: skip
_ELF_SYSTEMS = {2: "netbsd", 6: "solaris", 9: "freebsd", 12: "openbsd"}
_MACH_MACHINES = {0x01000007: "amd64", 0x0100000C: "arm64", 7: "i386", 12: ""}
_PE_MACHINES = {0x8664: "amd64", 0xAA64: "arm64", 0x014C: "i386", 0x01C4: "armv7"}
_LIBRARY = re.compile(r"\.(?:so(?:\.[\d.]+)?|dylib|dll|node|o|a|sys|ko)$", re.IGNORECASE)

# Kinds of ELF (e_type), Mach-O (filetype) and PE (characteristics) that are no programs.
_ELF_RELOCATABLE, _ELF_CORE = 1, 4
_MACH_EXECUTE = 2
_PE_DLL = 0x2000


class Program(Struct, frozen=True):
    """What one native file is made for. Empty: it does not say."""

    os: str
    arch: str
    libc: str = ""
    runs: bool = True
    """Whether it is a program, not a library."""


def native(head: bytes, name: str = "") -> Program | None:
    """The program or library that begins with ``head`` (4 KiB are enough); None for anything else."""
    found = _elf(head) or _mach_o(head) or _pe(head)
    if found is not None and found.runs and _LIBRARY.search(name):
        return Program(found.os, found.arch, found.libc, runs=False)
    return found


def agreed(programs: Iterable[Program]) -> Program:
    """What several programs have in common; a field in which they differ is empty."""
    programs = tuple(programs)

    def one(values: Iterable[str]) -> str:
        found = set(values)
        return found.pop() if len(found) == 1 else ""

    libc = {program.libc for program in programs} - {""}
    return Program(one(p.os for p in programs), one(p.arch for p in programs), libc.pop() if len(libc) == 1 else "")


def _elf(head: bytes) -> Program | None:
    elf = read_elf(head)
    if elf is None:
        return None
    arch = _ELF_MACHINES.get((elf.machine, 64 if elf.wide else 32, elf.order), "")
    interpreter = next((head[s.offset : s.offset + min(s.size, 4096)] for s in elf.segments if s.type == INTERPRETER), b"")
    libc = "musl" if b"ld-musl" in interpreter else "gnu" if b"ld-linux" in interpreter or b"/ld64.so" in interpreter else ""
    system = "android" if b"/system/bin/linker" in interpreter else _ELF_SYSTEMS.get(elf.system, "linux")
    return Program(system, arch, libc, runs=elf.type not in {_ELF_RELOCATABLE, _ELF_CORE})


def _mach_o(head: bytes) -> Program | None:
    magic = head[:4]
    if magic in {b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"}:
        return _universal(head, 20 if magic[3] == 0xBE else 32)
    if magic in {b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"}:
        cpu, type = (int.from_bytes(head[at : at + 4], "little") for at in (4, 12))
        return Program("macos", _MACH_MACHINES.get(cpu, ""), runs=type == _MACH_EXECUTE)
    return None


def _universal(head: bytes, step: int) -> Program | None:
    count = int.from_bytes(head[4:8], "big")
    if not 0 < count < 30:
        return None
    cpus = {int.from_bytes(head[at : at + 4], "big") for at in range(8, 8 + step * count, step)}
    arches = {_MACH_MACHINES.get(cpu, "") for cpu in cpus}
    arch = "universal" if {"amd64", "arm64"} <= arches else arches.pop() if len(arches) == 1 else ""
    return Program("macos", arch)


def _pe(head: bytes) -> Program | None:
    if not head.startswith(b"MZ") or len(head) < 64:
        return None
    start = int.from_bytes(head[60:64], "little")
    if head[start : start + 4] != b"PE\0\0" or len(head) < start + 24:
        return None
    machine, flags = (int.from_bytes(head[at : at + 2], "little") for at in (start + 4, start + 22))
    return Program("windows", _PE_MACHINES.get(machine, ""), runs=not flags & _PE_DLL)
