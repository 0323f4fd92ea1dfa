#!/bin/sh
# Makes the environment: venv.sh FOLDER EXTRAS, where EXTRAS is empty or "[test]".
set -eu

folder=$1 extras=$2
here=$(dirname "$0")
# A folder that a stopped run left behind, or whose Python is gone, is made anew.
if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    # A minimal Debian has no Python at all; root may have one.
    python=$("$here/python.sh" 2>/dev/null) || { "$here/system.sh" python; python=$("$here/python.sh"); }
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$here/system.sh" python
        "$python" -c 'import ensurepip, venv' 2>/dev/null ||
            { echo "$python cannot make environments: install its venv module (Debian: apt-get install python3-venv)" >&2; exit 1; }
    fi
    echo "making $folder with $("$python" --version)"
    "$python" -m venv --clear "$folder"
fi
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --retries 5 --editable ".$extras"
