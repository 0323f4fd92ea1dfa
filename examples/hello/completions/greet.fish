# fish completion for greet
complete -c greet -f
complete -c greet -s l -l language -x -a 'de en es fr it nl' -d 'Greet in this language'
complete -c greet -s s -l shout -d 'Greet in capital letters'
complete -c greet -s h -l help -d 'Show the help'
complete -c greet -s V -l version -d 'Show the version'
