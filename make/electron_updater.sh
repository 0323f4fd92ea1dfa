#!/bin/sh
# Installs the real electron-updater, whose version and digests tests/clients/electron fixes, into the user's cache folder: electron_updater.sh NPM prints its folder.
set -eu

npm=${1:?usage: electron_updater.sh NPM}
here=$(cd "$(dirname "$0")/../tests/clients/electron" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/repogen/tests
folder=$cache/electron-updater-$(cksum < "$here/package-lock.json" | cut -d ' ' -f 1)
mkdir -p "$cache"

# Several tests may ask at once.
exec 9> "$cache/electron-updater.lock"
flock 9
if [ ! -d "$folder" ]; then
    rm -rf "$folder.part"
    mkdir "$folder.part"
    cp "$here/package.json" "$here/package-lock.json" "$folder.part"
    "$npm" ci --prefix "$folder.part" --ignore-scripts --no-audit --no-fund >&2
    mv "$folder.part" "$folder"
fi
echo "$folder"
