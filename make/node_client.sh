#!/bin/sh
# Installs a real client that npm has, whose version and digests tests/clients/NAME fixes, into the user's cache folder: node_client.sh NPM NAME prints its folder.
set -eu

npm=${1:?usage: node_client.sh NPM NAME}
name=${2:?usage: node_client.sh NPM NAME}
here=$(cd "$(dirname "$0")/../tests/clients/$name" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/repogen/tests
folder=$cache/$name-$(cksum < "$here/package-lock.json" | cut -d ' ' -f 1)
mkdir -p "$cache"

# Several tests may ask at once.
exec 9> "$cache/$name.lock"
flock 9
if [ ! -d "$folder" ]; then
    rm -rf "$folder.part"
    mkdir "$folder.part"
    cp "$here/package.json" "$here/package-lock.json" "$folder.part"
    "$npm" ci --prefix "$folder.part" --ignore-scripts --no-audit --no-fund >&2
    mv "$folder.part" "$folder"
fi
echo "$folder"
