#!/bin/sh
# Brings programs to the machine: system.sh python|demo|test|benchmark.
#
# As root on Debian and its relatives it installs what is missing, without a question; elsewhere it says what is
# missing and ends well, since the demo and the tests go on with what there is.
set -eu

python='python3 python3-venv ca-certificates'
packers='dpkg rpm nsis wixl osslsigncode xorriso gnupg curl git'
clients='ksh93u+m mksh zsh apt apt-utils sqv dnf zypper libsolv-tools createrepo-c rubocop ruby shellcheck nginx chromium fonts-dejavu-core nuget mono-mcs minisign zsync binutils wget alien aptly reprepro debmirror debootstrap'
# A newer NuGet takes parts of mono that Debian's own does not; libatomic1 is for the program that drives Chromium, python3-dateutil for a plugin of dnf that tests unpack.
tools='libmono-system-net-http4.0-cil libmono-system-io-compression4.0-cil libmono-system-io-compression-filesystem4.0-cil libatomic1 python3-dateutil libarchive-tools dpkg-dev zstd xz-utils bzip2 zip unzip file msitools genisoimage squashfs-tools dash busybox procps openssl libxml2-utils'
case ${1:-} in
    python) wanted=$python ;;
    demo) wanted="$packers" ;;
    test) wanted="$python $packers $clients $tools" ;;
    benchmark) wanted="$packers apt-utils createrepo-c aptly reprepro time s3cmd rclone" ;;
    *) echo "usage: system.sh python|demo|test|benchmark" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "not a Debian system: packers and clients are used where they are installed, and left out elsewhere"
    exit 0
fi

# is_here PACKAGE: whether dpkg has it installed, or something else that provides it.
is_here() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=
for package in $wanted; do
    is_here "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "these Debian packages are not installed; what needs them is left out:$missing"
    echo "to have them: sudo apt-get install --no-install-recommends$missing"
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
apt_get() { apt-get -qq -o Acquire::Retries=5 -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@"; }

# again COMMAND...: up to three times, since mirrors have bad moments.
again() {
    for pause in 2 10 0; do
        "$@" && return
        sleep "$pause"
    done
    return 1
}

# No service starts because its package was installed.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi

echo "installing:$missing"
again apt_get update
# shellcheck disable=SC2086 # a list of package names
if ! again apt_get install -y --no-install-recommends $missing >/dev/null; then
    # One package that this distribution does not have must not keep the others away.
    for package in $missing; do
        apt_get install -y --no-install-recommends "$package" >/dev/null || echo "could not install $package; what needs it is left out"
    done
fi
