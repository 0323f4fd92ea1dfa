$ErrorActionPreference = 'Stop'

if ((Get-OSArchitectureWidth -Compare 32) -or $env:ChocolateyForceX86 -eq 'true') {
  throw ('Hello' + ' needs a 64-bit Windows: there is no 32-bit version of it.')
}

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  fileType       = 'msi'
  url64bit       = 'https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-x64.msi'
  checksum64     = '10d17a8af6cffc0f887b664595ebb65e57a668bf8a4c2a4675804886f01d4a85'
  checksumType64 = 'sha256'
  silentArgs     = '/qn /norestart'
  validExitCodes = @(0, 1641, 3010)
  softwareName   = 'Hello Program*'
}

Install-ChocolateyPackage @packageArgs
