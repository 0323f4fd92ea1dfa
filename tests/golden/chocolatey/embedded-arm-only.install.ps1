$ErrorActionPreference = 'Stop'

if ((Get-OSArchitectureWidth -Compare 32) -or $env:ChocolateyForceX86 -eq 'true') {
  throw ('Hello' + ' needs a 64-bit Windows: there is no 32-bit version of it.')
}

# PowerShell may run emulated, and then only the processor's name tells.
if (-not ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64' -or $env:PROCESSOR_IDENTIFIER -like 'ARM*')) {
  throw ('Hello' + ' needs Windows on ARM64.')
}

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

# choco makes a shim for the program in this package.
