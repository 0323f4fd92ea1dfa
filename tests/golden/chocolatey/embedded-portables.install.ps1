$ErrorActionPreference = 'Stop'

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

# choco makes a shim for each program that stays: the one for this machine.
$program = 'x86\hello.exe'
if ((Get-OSArchitectureWidth -Compare 64) -and $env:ChocolateyForceX86 -ne 'true') {
  $program = 'x64\hello.exe'
}

# PowerShell may run emulated, and then only the processor's name tells.
if (($env:PROCESSOR_ARCHITECTURE -eq 'ARM64' -or $env:PROCESSOR_IDENTIFIER -like 'ARM*') -and $env:ChocolateyForceX86 -ne 'true') {
  $program = 'arm64\hello.exe'
}

Get-ChildItem -Path $toolsDir -Recurse -Filter '*.exe' | Where-Object { $_.FullName -ne (Join-Path $toolsDir $program) } | Remove-Item

# A shim of an application does not wait for its end.
Get-ChildItem -Path $toolsDir -Recurse -Filter '*.exe' | ForEach-Object { Set-Content -LiteralPath "$($_.FullName).gui" -Value '' }
