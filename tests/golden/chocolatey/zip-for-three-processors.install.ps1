$ErrorActionPreference = 'Stop'

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  unzipLocation  = $toolsDir
  url            = 'https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-windows-i386.zip'
  checksum       = 'a30dde72b1b5b56b90a19eb5c1a335ebcb542888d8c46db18ba8e133b2c1bdb3'
  checksumType   = 'sha256'
  url64bit       = 'https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-windows-amd64.zip'
  checksum64     = '30eb80eb38f024d5f8e305a1998327018470b9914685a8771a3f839c7001f669'
  checksumType64 = 'sha256'
}

# PowerShell may run emulated, and then only the processor's name tells.
if (($env:PROCESSOR_ARCHITECTURE -eq 'ARM64' -or $env:PROCESSOR_IDENTIFIER -like 'ARM*') -and $env:ChocolateyForceX86 -ne 'true') {
  $packageArgs.url64bit = 'https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-windows-arm64.zip'
  $packageArgs.checksum64 = '758e9825608736034be6610a4e47a40e7680ff6cc88cf1ee3a65a257351f29df'
  $packageArgs.checksumType64 = 'sha256'
}

Install-ChocolateyZipPackage @packageArgs
