#!/bin/sh
# Makes one release of greet in all its packages: release.sh VERSION OUTDIR
#
# The same version gives the same bytes. A package whose packer is not on this machine is left out,
# with a line that says so.
set -eu

[ $# -eq 2 ] || { echo "usage: release.sh VERSION OUTDIR" >&2; exit 2; }
version=$1
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)

# 2026-01-01, the day of the first release; every file in every package bears it.
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1767225600}" LC_ALL=C TZ=UTC
python=${PYTHON:-python3}
package_version=$(printf '%s' "$version" | sed 's/-/~/')   # 2.0.0-beta.1 comes before 2.0.0 for dpkg and rpm
numbers=${version%%[-+]*}                                  # Windows and macOS take numbers only
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

made() { echo "  $1"; }

# have PROGRAM PACKAGE...: whether the packer is here; otherwise says what is left out.
have() {
    command -v "$1" >/dev/null 2>&1 && return
    program=$1 && shift
    echo "  left out, since $program is not on this machine: $*"
    return 1
}

# fill FILE PLATFORM: the file with its placeholders filled in.
fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@NUMBERS@|$numbers|g" -e "s|@PLATFORM@|$2|g" -e "s|@PACKAGE_VERSION@|$package_version|g" "$here/$1"
}

# dated FOLDER: everything in it bears the day of the release.
dated() { find "$1" -exec "$python" -c 'import os, sys; [os.utime(name, (int(sys.argv[1]),) * 2) for name in sys.argv[2:]]' "$SOURCE_DATE_EPOCH" {} +; }

crlf() { awk '{ printf "%s\r\n", $0 }'; }

# uuid NAME: an identifier that is the same whenever this version is packed.
uuid() { "$python" -c 'import sys, uuid; print(str(uuid.uuid5(uuid.NAMESPACE_URL, sys.argv[1])).upper())' "https://acme.example/greet/$version/$1"; }

# unix_root FOLDER PLATFORM: the files as they lie on a Linux system.
unix_root() {
    mkdir -p "$1/usr/bin" "$1/usr/share/man/man1" "$1/usr/share/bash-completion/completions" \
        "$1/usr/share/zsh/vendor-completions" "$1/usr/share/fish/vendor_completions.d"
    fill src/greet.sh "$2" > "$1/usr/bin/greet"
    chmod 755 "$1/usr/bin/greet"
    fill src/greet.1 "$2" | gzip -9n > "$1/usr/share/man/man1/greet.1.gz"
    cp "$here/completions/greet.bash" "$1/usr/share/bash-completion/completions/greet"
    cp "$here/completions/_greet" "$1/usr/share/zsh/vendor-completions/_greet"
    cp "$here/completions/greet.fish" "$1/usr/share/fish/vendor_completions.d/greet.fish"
}

windows_files() {
    mkdir -p "$1"
    fill src/greet.cmd windows/amd64 | crlf > "$1/greet.cmd"
    fill src/greet.ps1 windows/amd64 | crlf > "$1/greet.ps1"
    crlf < "$here/../../LICENSE" > "$1/LICENSE.txt"
}

deb() {   # deb ROOT CONTROL ARCHITECTURE FILE
    mkdir -p "$1/DEBIAN"
    size=$(($(find "$1/usr" -type f -exec cat {} + | wc -c) / 1024 + 1))
    fill "packaging/$2" any | sed -e "s|@ARCHITECTURE@|$3|" -e "s|@INSTALLED_SIZE@|$size|" > "$1/DEBIAN/control"
    dpkg-deb --root-owner-group -Zxz --build "$1" "$out/$4" >/dev/null
    made "$4"
}

debs() {
    for architecture in amd64 arm64; do
        root=$work/deb-$architecture
        unix_root "$root" "linux/$architecture"
        mkdir -p "$root/usr/share/doc/greet"
        cp "$here/packaging/copyright" "$root/usr/share/doc/greet/copyright"
        deb "$root" control.in "$architecture" "greet_${package_version}_$architecture.deb"
    done
    documents=$work/deb-doc/usr/share/doc/greet-doc
    mkdir -p "$documents"
    cp "$here/packaging/copyright" "$documents/copyright"
    gzip -9nc "$here/CHANGELOG.md" > "$documents/changelog.gz"
    deb "$work/deb-doc" control-doc.in all "greet-doc_${package_version}_all.deb"
}

rpms() {
    for architecture in x86_64 aarch64; do
        stage=$work/rpm-$architecture
        case $architecture in x86_64) unix_root "$stage" linux/amd64 ;; *) unix_root "$stage" linux/arm64 ;; esac
        rpmbuild -bb --quiet --target "$architecture" --define "_topdir $work/rpmbuild" --define "_rpmdir $work/rpms" \
            --define "stage $stage" --define "package_version $package_version" --define "_buildhost build.acme.example" \
            --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
            --define "_binary_payload w9.gzdio" --define "_build_id_links none" "$here/packaging/greet.spec" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
        made "greet-$package_version-1.$architecture.rpm"
    done
    find "$work/rpms" -name '*.rpm' -exec cp {} "$out" \;
}

archives() {
    for platform in linux-amd64 linux-arm64 darwin-amd64 darwin-arm64; do
        name=greet-$version-$platform
        folder=$work/$name
        mkdir -p "$folder/man" "$folder/completions"
        fill src/greet.sh "$(echo "$platform" | tr - /)" > "$folder/greet"
        chmod 755 "$folder/greet"
        fill src/greet.1 any > "$folder/man/greet.1"
        cp "$here"/completions/* "$folder/completions"
        cp "$here/../../LICENSE" "$folder/LICENSE"
        "$python" "$here/packaging/archive.py" "$out/$name.tar.gz" "$folder"
        made "$name.tar.gz"
    done
    name=greet-$version-windows-amd64
    windows_files "$work/$name"
    "$python" "$here/packaging/archive.py" "$out/$name.zip" "$work/$name"
    made "$name.zip"
}

exe() {
    windows_files "$work/nsis"
    # Its own date is in the stub's header and in the uninstaller; SOURCE_DATE_EPOCH settles both. In the C locale it takes no path beyond ASCII.
    LC_ALL=C.UTF-8 makensis -V2 -NOCD "-DVERSION=$version" "-DNUMBERS=$numbers" "-DSTAGE=$work/nsis" "-DOUT=$out/greet-$version-windows-amd64-setup.exe" \
        "$here/packaging/installer.nsi" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    made "greet-$version-windows-amd64-setup.exe"
}

msi() {
    windows_files "$work/msi"
    dated "$work/msi"
    # wixl finds files by relative names only.
    cp "$here/packaging/greet.wxs" "$work/msi/greet.wxs"
    (cd "$work/msi" && wixl --arch x64 -D "Numbers=$numbers" -D "ProductCode=$(uuid product)" \
        -o "$out/greet-$version-windows-amd64.msi" greet.wxs)
    "$python" "$here/packaging/msi_summary.py" "$out/greet-$version-windows-amd64.msi" "$(uuid package)"
    made "greet-$version-windows-amd64.msi"
}

dmg() {
    contents=$work/dmg/Greet.app/Contents
    mkdir -p "$contents/MacOS"
    fill packaging/Info.plist.in darwin > "$contents/Info.plist"
    fill src/greet.sh darwin/universal > "$contents/MacOS/greet-cli"
    cp "$here/src/Greet" "$contents/MacOS/Greet"
    chmod 755 "$contents/MacOS"/*
    dated "$work/dmg"
    xorriso -as mkisofs -quiet -V Greet -R -hfsplus -hfsplus-serial-no 4772656574000001 --modification-date=2026010100000000 \
        -uid 0 -gid 0 -o "$work/greet.img" "$work/dmg" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    "$python" "$here/packaging/udif.py" "$out/Greet-$version-macOS.dmg" "$work/greet.img"
    made "Greet-$version-macOS.dmg"
}

notes() {
    awk -v title="## $version" '$0 == title { on = 1; next } /^## / { on = 0 } on' "$here/CHANGELOG.md" | sed '1{/^$/d;}' > "$out/greet-$version.md"
    [ -s "$out/greet-$version.md" ] || echo "Release $version." > "$out/greet-$version.md"
    made "greet-$version.md"
}

echo "greet $version in $2:"
if have dpkg-deb deb; then debs; fi
if have rpmbuild rpm; then rpms; fi
archives
if have makensis "setup.exe"; then exe; fi
if have wixl msi; then msi; fi
if have xorriso dmg; then dmg; fi
notes
