$ErrorActionPreference = 'Stop'

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  unzipLocation  = $toolsDir
  file           = Join-Path $toolsDir 'x86\hello-1.2.0-windows-i386.zip'
  file64         = Join-Path $toolsDir 'x64\hello-1.2.0-windows-amd64.zip'
}

# PowerShell may run emulated, and then only the processor's name tells.
if (($env:PROCESSOR_ARCHITECTURE -eq 'ARM64' -or $env:PROCESSOR_IDENTIFIER -like 'ARM*') -and $env:ChocolateyForceX86 -ne 'true') {
  $packageArgs.file64 = Join-Path $toolsDir 'arm64\hello-1.2.0-windows-arm64.zip'
}

Get-ChocolateyUnzip @packageArgs

# What has been installed takes no more room here, and gets no shim either if Windows still holds it.
foreach ($file in 'x86\hello-1.2.0-windows-i386.zip', 'x64\hello-1.2.0-windows-amd64.zip', 'arm64\hello-1.2.0-windows-arm64.zip') {
  $installer = Join-Path $toolsDir $file
  Remove-Item -LiteralPath $installer -ErrorAction SilentlyContinue
  if (Test-Path -LiteralPath $installer) {
    Set-Content -LiteralPath "$installer.ignore" -Value ''
  }
}
