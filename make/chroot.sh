#!/bin/sh
# Makes a small Debian of another release, whose apt, dnf, rpm and zypper tests run by chroot: chroot.sh SUITE prints its folder.
#
# It is made once, in the user's cache folder. The packages are unpacked and not configured, which is enough for these
# programs and takes half the time; so nothing is ever mounted, and no program of it runs before a test does that.
set -eu

suite=${1:?usage: chroot.sh SUITE}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/repogen/tests
case $suite in
bookworm) clients=apt ;;
trixie) clients=dnf,rpm,zypper,createrepo-c ;;
*) clients=dnf5,rpm,zypper,createrepo-c ;;
esac
folder=$cache/$suite-with-$clients
mkdir -p "$cache"

# Several tests may ask at once.
exec 9> "$cache/$suite.lock"
flock 9
if [ ! -d "$folder" ]; then
    # The mirror that apt uses on this machine, else debootstrap's own.
    # shellcheck disable=SC2016 # apt puts the values in
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null | head -n 1)
    rm -rf --one-file-system "$folder.part"
    # The script is that of sid for a release which this machine's debootstrap does not know yet.
    debootstrap --foreign --variant=minbase --include="$clients" "$suite" "$folder.part" "$mirror" sid >&2
    for package in "$folder.part"/var/cache/apt/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -f - -C "$folder.part" --keep-directory-symlink
    done
    rm -rf "$folder.part/var/cache/apt/archives" "$folder.part/usr/share/doc" "$folder.part/usr/share/locale" "$folder.part/usr/share/man"
    mv "$folder.part" "$folder"
fi
echo "$folder"
