$ErrorActionPreference = 'Stop'

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  fileType       = 'msi'
  file           = Join-Path $toolsDir 'x86\hello-1.2.0-x86.msi'
  file64         = Join-Path $toolsDir 'x64\hello-1.2.0-x64.msi'
  silentArgs     = '/qn /norestart'
  validExitCodes = @(0, 1641, 3010)
  softwareName   = 'Hello Program*'
}

Install-ChocolateyInstallPackage @packageArgs

# What has been installed takes no more room here, and gets no shim either if Windows still holds it.
foreach ($file in 'x86\hello-1.2.0-x86.msi', 'x64\hello-1.2.0-x64.msi') {
  $installer = Join-Path $toolsDir $file
  Remove-Item -LiteralPath $installer -ErrorAction SilentlyContinue
  if (Test-Path -LiteralPath $installer) {
    Set-Content -LiteralPath "$installer.ignore" -Value ''
  }
}
