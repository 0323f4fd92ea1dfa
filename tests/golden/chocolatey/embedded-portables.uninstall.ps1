$ErrorActionPreference = 'Stop'

# The program and the marks beside it.
$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition
Get-ChildItem -Path $toolsDir -Recurse -Filter '*.exe*' | Remove-Item -ErrorAction SilentlyContinue
