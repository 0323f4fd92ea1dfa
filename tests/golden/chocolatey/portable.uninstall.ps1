$ErrorActionPreference = 'Stop'

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition
Remove-Item -Path (Join-Path $toolsDir 'hello.exe') -ErrorAction SilentlyContinue
