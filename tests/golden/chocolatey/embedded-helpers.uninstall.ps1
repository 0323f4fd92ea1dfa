$ErrorActionPreference = 'Stop'

# Get-ChocolateyUnzip keeps its list of files under the archive's name; the lists of archives that were not unpacked are not there.
Uninstall-ChocolateyZipPackage -PackageName $env:ChocolateyPackageName -ZipFileName 'hello-1.2.0-windows-amd64.zip'
Uninstall-BinFile -Name 'hello'
