$ErrorActionPreference = 'Stop'

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  fileType       = 'exe'
  url            = 'https://dl.acme.example/downloads/hello/1.2.0/Hello-Setup-1.2.0.exe'
  checksum       = 'a1120911299222b03df5cff8f605ee9a2dc6117556f936a758ce71329c03ec51'
  checksumType   = 'sha256'
  silentArgs     = '/S'
  validExitCodes = @(0, 1641, 3010)
  softwareName   = 'Hello Program*'
}

Install-ChocolateyPackage @packageArgs
