$ErrorActionPreference = 'Stop'

if ((Get-OSArchitectureWidth -Compare 32) -or $env:ChocolateyForceX86 -eq 'true') {
  throw ('Hello' + ' needs a 64-bit Windows: there is no 32-bit version of it.')
}

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  unzipLocation  = $toolsDir
  file64         = Join-Path $toolsDir 'x64\hello-1.2.0-windows-amd64.zip'
}

Get-ChocolateyUnzip @packageArgs

# choco makes a shim for each program, but for those with such a mark beside them.
$program = Join-Path $toolsDir 'Hello-1.2.0-windows-amd64.exe'
if (Test-Path -LiteralPath $program) {
  Set-Content -LiteralPath "$program.ignore" -Value ''
  Install-BinFile -Name 'hello' -Path $program -UseStart
}
$program = Join-Path $toolsDir 'resources\elevate.exe'
if (Test-Path -LiteralPath $program) {
  Set-Content -LiteralPath "$program.ignore" -Value ''
}

# What has been installed takes no more room here, and gets no shim either if Windows still holds it.
foreach ($file in 'x64\hello-1.2.0-windows-amd64.zip') {
  $installer = Join-Path $toolsDir $file
  Remove-Item -LiteralPath $installer -ErrorAction SilentlyContinue
  if (Test-Path -LiteralPath $installer) {
    Set-Content -LiteralPath "$installer.ignore" -Value ''
  }
}

# A shim of an application does not wait for its end.
Get-ChildItem -Path $toolsDir -Recurse -Filter '*.exe' | ForEach-Object { Set-Content -LiteralPath "$($_.FullName).gui" -Value '' }
