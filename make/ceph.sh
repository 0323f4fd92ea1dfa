#!/bin/sh
# Makes a folder with Ceph's object gateway, against which tests run as against Amazon's S3: ceph.sh [SUITE] prints it.
#
# The gateway of Debian's testing honours conditional writes; Debian 12's does not know them, Debian 13's gets them wrong.
# The folder is made once, in the user's cache folder. apt fetches and verifies the packages of that release apart from those
# of this machine; they are unpacked, and nothing of them is installed or started, so this needs neither root nor chroot.
# The programs run by their own dynamic loader (tests/support/ceph.py).
set -eu

suite=${1:-testing}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/repogen/tests
folder=$cache/ceph-$suite
part=$folder.part
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# cannot REASON: the one sentence that says why there is no gateway here, with the first thing that apt complained about.
cannot() {
    said=$(grep -m 1 -E '^E:|^ [^ ]+ :' "$part/log" 2> /dev/null | sed 's/^E: *//; s/^ *//') || said=
    rm -rf --one-file-system "$part"
    echo "no Ceph gateway of Debian $suite here: $1${said:+ ($said)}" >&2
    exit 1
}

# of_suite ARGUMENTS: apt-get with the sources of that release and nothing installed.
of_suite() {
    apt-get -q -o "Dir=$part/apt" -o "Dir::State::status=$part/apt/status" -o "Dir::Etc::sourcelist=$part/apt/sources.list" \
        -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User= -o APT::Install-Recommends=false "$@" >> "$part/log" 2>&1
}

for program in apt-get dpkg-deb flock setpriv; do
    command -v "$program" > /dev/null || cannot "this machine has no $program"
done
[ -e "$keyring" ] || cannot "this machine has no debian-archive-keyring"
mkdir -p "$cache"

exec 9> "$folder.lock"
flock 9
if [ ! -d "$folder" ]; then
    # The mirror that apt uses on this machine, else Debian's own.
    # shellcheck disable=SC2016 # apt puts the values in
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2> /dev/null | head -n 1)
    rm -rf --one-file-system "$part"
    mkdir -p "$part/apt/var/lib/apt/lists/partial" "$part/apt/var/cache/apt/archives/partial" "$part/apt/etc/apt/sources.list.d"
    : > "$part/apt/status"
    echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main" > "$part/apt/sources.list"

    of_suite update -o APT::Update::Error-Mode=any || cannot "the mirror does not serve the release whole just now"
    of_suite install --simulate radosgw ceph-mon ceph-osd ceph-base || cannot "its packages do not fit together today"
    of_suite install --yes --download-only radosgw ceph-mon ceph-osd ceph-base || cannot "the mirror does not hand out every package"

    for package in "$part"/apt/var/cache/apt/archives/*.deb; do
        dpkg-deb --extract "$package" "$part" 2>> "$part/log" || cannot "${package##*/} cannot be unpacked"
    done
    (cd "$part" && rm -rf apt log etc var usr/share)
    mv "$part" "$folder"
fi
echo "$folder"
