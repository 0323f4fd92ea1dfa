"""The words for operating systems, architectures and C libraries, and how others write them."""

from __future__ import annotations

SYSTEMS = (
    "linux", "macos", "windows", "freebsd", "openbsd", "netbsd", "android",
    "dragonfly", "illumos", "solaris", "aix", "plan9", "haiku", "redox", "ios", "openharmony",
)  # fmt: skip
ARCHITECTURES = (
    "amd64", "arm64", "i386", "armv7", "armv6", "riscv64", "ppc64le", "s390x", "loong64",
    "armv5", "ppc64", "mips", "mipsle", "mips64", "mips64le", "sparc64",
)  # fmt: skip
#: Systems whose ELF files say no more than that they are ELF: those of Go and Rust look like Linux's.
LIKE_LINUX = {"dragonfly", "illumos", "solaris", "haiku", "redox", "openharmony", "android", "freebsd", "openbsd", "netbsd"}
#: Systems that are named beside the one that they come from: ``aarch64-linux-android``, ``aarch64-apple-ios``, ``aarch64-unknown-linux-ohos``.
OFFSPRING = {"android": "linux", "openharmony": "linux", "ios": "macos"}

#: Words in file names (lower case) and what they say. ``universal`` is one build for both Macs.
SYSTEM_WORDS = {
    "linux": "linux", "linux64": "linux", "linux32": "linux",
    "macos": "macos", "darwin": "macos", "osx": "macos", "mac": "macos", "apple": "macos", "macosx": "macos",
    "windows": "windows", "win": "windows", "win32": "windows", "win64": "windows", "pc": "", "unknown": "",
    "freebsd": "freebsd", "openbsd": "openbsd", "netbsd": "netbsd", "android": "android",
    "dragonfly": "dragonfly", "dragonflybsd": "dragonfly", "illumos": "illumos", "solaris": "solaris", "sunos": "solaris", "aix": "aix", "plan9": "plan9",
    "haiku": "haiku", "redox": "redox", "ios": "ios", "ohos": "openharmony", "openharmony": "openharmony",
}  # fmt: skip
ARCHITECTURE_WORDS = {
    "amd64": "amd64", "x86_64": "amd64", "x64": "amd64", "x86-64": "amd64", "win64": "amd64", "linux64": "amd64", "intel": "amd64",
    "arm64": "arm64", "aarch64": "arm64", "silicon": "arm64",
    "i386": "i386", "i486": "i386", "i586": "i386", "i686": "i386", "386": "i386", "x86": "i386", "ia32": "i386", "win32": "i386", "linux32": "i386",
    "64bit": "amd64", "32bit": "i386",
    "armhf": "armv7", "armv7": "armv7", "armv7l": "armv7", "armv7hl": "armv7", "arm": "armv7",
    "armel": "armv6", "armv6": "armv6", "armv6l": "armv6", "armv6hf": "armv6", "armv5": "armv5", "armv5te": "armv5", "armv5tel": "armv5",
    "riscv64": "riscv64", "riscv64gc": "riscv64", "ppc64le": "ppc64le", "ppc64el": "ppc64le", "powerpc64le": "ppc64le",
    "ppc64": "ppc64", "powerpc64": "ppc64", "mips": "mips", "mipsle": "mipsle", "mipsel": "mipsle", "mips64": "mips64", "mips64le": "mips64le",
    "mips64el": "mips64le", "sparc64": "sparc64", "sparcv9": "sparc64",
    "s390x": "s390x", "loong64": "loong64", "loongarch64": "loong64",
    "universal": "universal", "universal2": "universal",
    "all": "any", "noarch": "any", "any": "any",
}  # fmt: skip
LIBC_WORDS = {
    "musl": "musl", "musleabihf": "musl", "musleabi": "musl", "gnu": "gnu", "gnueabihf": "gnu", "gnueabi": "gnu", "glibc": "gnu",
}  # fmt: skip

SYSTEM_TITLES = {
    "linux": "Linux", "macos": "macOS", "windows": "Windows", "freebsd": "FreeBSD", "openbsd": "OpenBSD",
    "netbsd": "NetBSD", "android": "Android", "dragonfly": "DragonFly BSD", "illumos": "illumos", "solaris": "Solaris", "aix": "AIX", "plan9": "Plan 9",
    "haiku": "Haiku", "redox": "Redox", "ios": "iOS", "openharmony": "OpenHarmony", "any": "Any system",
}  # fmt: skip
ARCHITECTURE_TITLES = {
    "amd64": "x86-64", "arm64": "ARM64", "i386": "x86 (32-bit)", "armv7": "ARMv7", "armv6": "ARMv6", "riscv64": "RISC-V 64",
    "ppc64le": "POWER (ppc64le)", "s390x": "IBM Z (s390x)", "loong64": "LoongArch", "armv5": "ARMv5", "ppc64": "POWER (big-endian)", "mips": "MIPS",
    "mipsle": "MIPS (little-endian)",
    "mips64": "MIPS64", "mips64le": "MIPS64 (little-endian)", "sparc64": "SPARC64", "universal": "Universal", "any": "",
}  # fmt: skip
