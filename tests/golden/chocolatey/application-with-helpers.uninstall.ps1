$ErrorActionPreference = 'Stop'

# Install-ChocolateyZipPackage keeps its list of files under this name.
Uninstall-ChocolateyZipPackage -PackageName $env:ChocolateyPackageName -ZipFileName "$($env:ChocolateyPackageName)Install.zip"
Uninstall-BinFile -Name 'hello'
