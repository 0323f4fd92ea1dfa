$ErrorActionPreference = 'Stop'

[array]$found = Get-UninstallRegistryKey -SoftwareName 'Hello Program*'

if ($found.Count -eq 0) {
  Write-Warning "$env:ChocolateyPackageName is not installed any more."
} elseif ($found.Count -gt 1) {
  Write-Warning "$($found.Count) programs match; none is uninstalled, so that no other one is lost:"
  $found | ForEach-Object { Write-Warning "- $($_.DisplayName)" }
} else {
  # The line in the registry may hold arguments, such as for whom the program was installed.
  $file, $arguments = $found[0].UninstallString, ''
  if ($file -match '^"([^"]+)"\s*(.*)$') {
    $file, $arguments = $Matches[1], $Matches[2]
  }
  $packageArgs = @{
    packageName    = $env:ChocolateyPackageName
    fileType       = 'exe'
    silentArgs     = ($arguments + ' ' + '/S').Trim()
    file           = $file
    validExitCodes = @(0, 1605, 1614, 1641, 3010)
  }
  Uninstall-ChocolateyPackage @packageArgs
}
