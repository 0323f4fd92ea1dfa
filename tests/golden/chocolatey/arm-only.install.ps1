$ErrorActionPreference = 'Stop'

if ((Get-OSArchitectureWidth -Compare 32) -or $env:ChocolateyForceX86 -eq 'true') {
  throw ('Hello' + ' needs a 64-bit Windows: there is no 32-bit version of it.')
}

# PowerShell may run emulated, and then only the processor's name tells.
if (-not ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64' -or $env:PROCESSOR_IDENTIFIER -like 'ARM*')) {
  throw ('Hello' + ' needs Windows on ARM64.')
}

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  unzipLocation  = $toolsDir
  url64bit       = 'https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-windows-arm64.zip'
  checksum64     = '758e9825608736034be6610a4e47a40e7680ff6cc88cf1ee3a65a257351f29df'
  checksumType64 = 'sha256'
}

Install-ChocolateyZipPackage @packageArgs
