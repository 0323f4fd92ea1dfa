#!/bin/sh
# greet: say hello, in more than one language.
set -eu

version='@VERSION@'
platform='@PLATFORM@'

usage() {
    cat <<'USAGE'
Usage: greet [OPTION]... [NAME]...

Say hello to each NAME, or to the world.

  -l, --language CODE  greet in this language: de, en, es, fr, it or nl
  -s, --shout          greet in capital letters
  -h, --help           show this help
  -V, --version        show the version

Without --language the first two letters of $LANG decide.
USAGE
}

refuse() {
    printf 'greet: %s\nTry "greet --help".\n' "$1" >&2
    exit 2
}

word_in() {
    case $1 in
        de) echo Hallo ;;
        en) echo Hello ;;
        es) echo Hola ;;
        fr) echo Bonjour ;;
        it) echo Ciao ;;
        nl) echo Hoi ;;
        *) return 1 ;;
    esac
}

greet() {
    line="$word, $1!"
    if [ "$shout" = yes ]; then
        line=$(printf '%s' "$line" | tr '[:lower:]' '[:upper:]')
    fi
    printf '%s\n' "$line"
}

language=
shout=no
while [ $# -gt 0 ]; do
    case $1 in
        -l | --language)
            [ $# -ge 2 ] || refuse "$1 needs a language"
            language=$2
            shift
            ;;
        --language=*) language=${1#*=} ;;
        -s | --shout) shout=yes ;;
        -h | --help) usage && exit 0 ;;
        -V | --version) printf 'greet %s (%s)\n' "$version" "$platform" && exit 0 ;;
        --) shift && break ;;
        -*) refuse "there is no option $1" ;;
        *) break ;;
    esac
    shift
done

if [ -n "$language" ]; then
    word=$(word_in "$language") || refuse "language $language is not known"
else
    word=$(word_in "$(printf '%.2s' "${LANG:-en}")") || word=Hello
fi

[ $# -gt 0 ] || set -- world
for name; do
    greet "$name"
done
