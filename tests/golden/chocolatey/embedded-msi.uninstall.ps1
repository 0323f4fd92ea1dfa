$ErrorActionPreference = 'Stop'

[array]$found = Get-UninstallRegistryKey -SoftwareName 'Hello Program*'

if ($found.Count -eq 0) {
  Write-Warning "$env:ChocolateyPackageName is not installed any more."
} elseif ($found.Count -gt 1) {
  Write-Warning "$($found.Count) programs match; none is uninstalled, so that no other one is lost:"
  $found | ForEach-Object { Write-Warning "- $($_.DisplayName)" }
} else {
  $packageArgs = @{
    packageName    = $env:ChocolateyPackageName
    fileType       = 'msi'
    silentArgs     = "$($found[0].PSChildName) /qn /norestart"
    file           = ''
    validExitCodes = @(0, 1605, 1614, 1641, 3010)
  }
  Uninstall-ChocolateyPackage @packageArgs
}
