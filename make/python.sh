#!/bin/sh
# Prints the newest Python from 3.11 on that is on this machine, or says in one sentence what to install.
set -eu

for candidate in ${PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3; do
    "$candidate" -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); print(sys.executable)' 2>/dev/null && exit
done
found=$(python3 --version 2>/dev/null || echo "no Python 3")
echo "repogen needs Python 3.11 or newer and here is $found: install one (Debian: apt-get install python3 python3-venv; macOS: brew install python), or name it: make PYTHON=/path/to/python3.12" >&2
exit 1
