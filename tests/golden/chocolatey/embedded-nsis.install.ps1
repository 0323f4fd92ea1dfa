$ErrorActionPreference = 'Stop'

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  fileType       = 'exe'
  file           = Join-Path $toolsDir 'x86\Hello-Setup-1.2.0.exe'
  silentArgs     = '/S'
  validExitCodes = @(0, 1641, 3010)
  softwareName   = 'Hello Program*'
}

Install-ChocolateyInstallPackage @packageArgs

# What has been installed takes no more room here, and gets no shim either if Windows still holds it.
foreach ($file in 'x86\Hello-Setup-1.2.0.exe') {
  $installer = Join-Path $toolsDir $file
  Remove-Item -LiteralPath $installer -ErrorAction SilentlyContinue
  if (Test-Path -LiteralPath $installer) {
    Set-Content -LiteralPath "$installer.ignore" -Value ''
  }
}
