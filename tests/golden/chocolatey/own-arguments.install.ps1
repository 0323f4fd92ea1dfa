$ErrorActionPreference = 'Stop'

if ((Get-OSArchitectureWidth -Compare 32) -or $env:ChocolateyForceX86 -eq 'true') {
  throw ('Hello' + ' needs a 64-bit Windows: there is no 32-bit version of it.')
}

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  fileType       = 'exe'
  url64bit       = 'https://dl.acme.example/downloads/hello/1.2.0/hello-setup.exe'
  checksum64     = '31a90123dcaaaf1136f93ffee2465eec9d473d3d302bd1e16648f4101ebfa6fd'
  checksumType64 = 'sha256'
  silentArgs     = '--quiet --no''restart'
  validExitCodes = @(0, 1641, 3010)
  softwareName   = 'Hello*'
}

Install-ChocolateyPackage @packageArgs
