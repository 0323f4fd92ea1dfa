$ErrorActionPreference = 'Stop'

if (Get-OSArchitectureWidth -Compare 32) {
  throw ('Hello' + ' needs a 64-bit Windows.')
}

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  unzipLocation  = $toolsDir
}

# PowerShell may run emulated, and then only the processor's name tells.
if ($env:PROCESSOR_ARCHITECTURE -eq 'ARM64' -or $env:PROCESSOR_IDENTIFIER -like 'ARM*') {
  $packageArgs.url64bit = 'https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-windows-arm64.zip'
  $packageArgs.checksum64 = '758e9825608736034be6610a4e47a40e7680ff6cc88cf1ee3a65a257351f29df'
  $packageArgs.checksumType64 = 'sha256'
} else {
  throw ('Hello' + ' needs Windows on ARM64.')
}

Install-ChocolateyZipPackage @packageArgs
