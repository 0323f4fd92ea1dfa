$ErrorActionPreference = 'Stop'

if ((Get-OSArchitectureWidth -Compare 32) -or $env:ChocolateyForceX86 -eq 'true') {
  throw ('Hello' + ' needs a 64-bit Windows: there is no 32-bit version of it.')
}

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  fileFullPath   = Join-Path $toolsDir 'hello.exe'
  url64bit       = 'https://dl.acme.example/downloads/hello/1.2.0/hello-windows-amd64.exe'
  checksum64     = '43293c56cf23bb8145446d70806b5a6fb73a50a6c25e34214a6e9f581dab993f'
  checksumType64 = 'sha256'
}

Get-ChocolateyWebFile @packageArgs
