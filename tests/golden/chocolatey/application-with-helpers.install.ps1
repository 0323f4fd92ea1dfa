$ErrorActionPreference = 'Stop'

if ((Get-OSArchitectureWidth -Compare 32) -or $env:ChocolateyForceX86 -eq 'true') {
  throw ('Hello' + ' needs a 64-bit Windows: there is no 32-bit version of it.')
}

$toolsDir = Split-Path -Parent $MyInvocation.MyCommand.Definition

$packageArgs = @{
  packageName    = $env:ChocolateyPackageName
  unzipLocation  = $toolsDir
  url64bit       = 'https://dl.acme.example/downloads/hello/1.2.0/hello-1.2.0-windows-amd64.zip'
  checksum64     = '30eb80eb38f024d5f8e305a1998327018470b9914685a8771a3f839c7001f669'
  checksumType64 = 'sha256'
}

Install-ChocolateyZipPackage @packageArgs

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

# A shim of an application does not wait for its end.
Get-ChildItem -Path $toolsDir -Recurse -Filter '*.exe' | ForEach-Object { Set-Content -LiteralPath "$($_.FullName).gui" -Value '' }
