$ErrorActionPreference = 'Stop'

if ((Get-OSArchitectureWidth -Compare 32) -or $env:ChocolateyForceX86 -eq 'true') {
  throw ('Hello' + ' needs a 64-bit Windows: there is no 32-bit version of it.')
}

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

# choco makes a shim for the program in this package.
