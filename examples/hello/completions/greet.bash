# bash completion for greet
_greet() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    case $previous in
        -l | --language) mapfile -t COMPREPLY < <(compgen -W 'de en es fr it nl' -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -W '--language --shout --help --version' -- "$current") ;;
    esac
}
complete -F _greet greet
