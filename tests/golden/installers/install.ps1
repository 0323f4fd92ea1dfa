# Installs from https://dl.acme.example on Windows, in PowerShell:
#   irm https://dl.acme.example/install.ps1 | iex
#   & ([scriptblock]::Create((irm https://dl.acme.example/install.ps1))) -Help
# The whole script is one function, called on the last line: a download that is cut short runs nothing.
param(
  [string] $Product = '',
  [string] $Channel = '',
  [string] $Version = '',
  [string] $Dir = '',
  [switch] $Uninstall,
  [switch] $DryRun,
  [switch] $Help
)

function Install-Release {
param([string] $Product, [string] $Channel, [string] $Version, [string] $Dir, [switch] $Uninstall, [switch] $DryRun, [switch] $Help)
Set-StrictMode -Off
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$name = 'acme'
$title = 'Acme Tools'
$site = $env:ACME_URL
if (-not $site) { $site = 'https://dl.acme.example' }
$site = $site.TrimEnd('/')
if (-not $Product) { $Product = $env:ACME_PRODUCT }
if (-not $Channel) { $Channel = $env:ACME_CHANNEL }
if (-not $Version) { $Version = $env:ACME_VERSION }
if (-not $Dir) { $Dir = $env:ACME_DIR }

$usage = @'
Usage: install.ps1 [options]

Unpacks an archive into a folder of yours and adds it to your PATH, or runs an installer where there is no archive.
What it fetches must have the SHA-256 that stands in this script.

  -Product NAME     what to install
  -Channel NAME     stable, beta, nightly or another channel
  -Version VERSION  this version and not the newest
  -Dir DIR          unpack below this folder, and not below %LOCALAPPDATA%\Programs
  -Uninstall        remove what this script installed
  -DryRun           only show what would be done
  -Help             this text

The same by environment: ACME_PRODUCT, ACME_CHANNEL, ACME_VERSION, ACME_DIR,
and ACME_URL for another address to fetch from.
'@

# -- what is published ----------------------------------------------------------------------------------

$products = @(
  'hello'
)

# The newest of a channel first.
$files = @(
  @{
    product = 'hello'; channel = 'stable'; version = '1.2.0'
    arch = 'amd64'; form = 'zip'; folder = '1.2.0'
    sha256 = '30eb80eb38f024d5f8e305a1998327018470b9914685a8771a3f839c7001f669'
    path = 'downloads/hello/1.2.0/hello-1.2.0-windows-amd64.zip'
    programs = @(
      @{ member = 'hello-1.2.0-windows-amd64/hello.exe'; name = 'hello' }
    )
  }
  @{
    product = 'hello'; channel = 'stable'; version = '1.2.0'
    arch = 'i386'; form = 'msi'; folder = '1.2.0'
    sha256 = 'c61cec9c05f54b8d45f2cfb930ef8a460d09e006364e1e8dc05ee4749ba9ba0c'
    path = 'downloads/hello/1.2.0/hello.msi'
    arguments = '/qn /norestart'
    programs = @(
    )
  }
)

$withdrawn = @(
)

# By what Windows knows the products that an installer brings.
$registered = @(
  @{
    product = 'hello'
    codes = @('{74A27351-55AA-5BCC-81D5-153C2CF64AAD}')
    names = @('Hello')
    arguments = '/qn /norestart'
  }
)

# -- small tools ----------------------------------------------------------------------------------------

function Write-Line([string] $text) { Write-Host $text }

# Never `exit`: it would close the window of whoever pasted the line.
function Stop-Here([string] $problem, [string] $hint) {
  if ($hint) { $problem = $problem + "`nhint: " + $hint }
  throw ('install.ps1: ' + $problem)
}

function Test-Administrator {
  $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
  return (New-Object Security.Principal.WindowsPrincipal $identity).IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Get-Sha256([string] $path) {
  $stream = [IO.File]::OpenRead($path)
  try { $digest = [Security.Cryptography.SHA256]::Create().ComputeHash($stream) } finally { $stream.Dispose() }
  return -join ($digest | ForEach-Object { $_.ToString('x2') })
}

function Get-Checked($file, [string] $target) {
  $address = $site + '/' + $file.path
  Write-Line "Fetching $address"
  # An older Windows begins with TLS 1.0, which servers refuse; 0 is what the system thinks best.
  $protocols = [int] [Net.ServicePointManager]::SecurityProtocol
  if ($protocols -ne 0) { [Net.ServicePointManager]::SecurityProtocol = $protocols -bor 3072 }
  foreach ($attempt in 1, 2, 3) {
    try {
      Invoke-WebRequest -UseBasicParsing -Uri $address -OutFile $target
      break
    } catch {
      if ($attempt -eq 3) { Stop-Here "$address cannot be fetched: $($_.Exception.Message)" '' }
      Start-Sleep -Seconds $attempt
    }
  }
  $actual = Get-Sha256 $target
  if ($actual -ne $file.sha256) {
    Stop-Here "$address has the SHA-256 $actual and not $($file.sha256)" 'do not use it; try again later or tell the publisher'
  }
}

# Processors whose programs run here, the best first.
function Get-Processor {
  $processor = $env:PROCESSOR_ARCHITEW6432
  if (-not $processor) { $processor = $env:PROCESSOR_ARCHITECTURE }
  # A PowerShell that runs emulated is told another processor, and then only the name tells.
  if ($processor -eq 'ARM64' -or $env:PROCESSOR_IDENTIFIER -like 'ARM*') {
    # Windows 10 emulates 32-bit programs alone.
    if ([Environment]::OSVersion.Version.Build -ge 22000) { return @('arm64', 'amd64', 'any', 'i386') }
    return @('arm64', 'any', 'i386')
  }
  if ($processor -eq 'AMD64') { return @('amd64', 'any', 'i386') }
  return @('i386', 'any')
}

# -- what is wanted -------------------------------------------------------------------------------------

function Find-Product {
  if ($Product) {
    $known = @($products) + @($withdrawn | ForEach-Object { $_.product })
    if ($known -notcontains $Product) { Stop-Here "there is no product '$Product'" "choose one of: $products" }
    return $Product
  }
  if ($products.Count -eq 0) { Stop-Here 'nothing is offered here now' "look at $site/" }
  if ($products.Count -ne 1) { Stop-Here 'this site has several products' "choose one with -Product: $products" }
  return $products[0]
}

# The first release that fits is the newest of its channel; "stable" comes before others.
function Find-File {
  $release = $null
  foreach ($file in $files) {
    if ($file.product -ne $Product) { continue }
    if ($Channel -and $file.channel -ne $Channel) { continue }
    if ($Version -and $file.version -ne $Version) { continue }
    $release = $file
    break
  }
  if (-not $release) {
    foreach ($gone in $withdrawn) {
      if ($gone.product -ne $Product) { continue }
      if ($Channel -and $gone.channel -ne $Channel) { continue }
      if ($Version -and $gone.version -ne $Version) { continue }
      $why = ''
      if ($gone.reason) { $why = ': ' + $gone.reason }
      Stop-Here "$Product $($gone.version) was withdrawn$why" "look at $site/ for what there is"
    }
    Stop-Here "there is no $Product $Version $Channel for Windows" "look at $site/ for what there is"
  }
  foreach ($processor in Get-Processor) {
    foreach ($file in $files) {
      if ($file.product -ne $Product -or $file.channel -ne $release.channel) { continue }
      if ($file.version -eq $release.version -and $file.arch -eq $processor) { return $file }
    }
  }
  Stop-Here "$Product $($release.version) has nothing for this processor, $env:PROCESSOR_ARCHITECTURE" "look at $site/ for other downloads"
}

# -- by an archive --------------------------------------------------------------------------------------

function Get-Place {
  $parent = $Dir
  if (-not $parent) { $parent = Join-Path $env:LOCALAPPDATA 'Programs' }
  $parent = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($parent)
  return Join-Path (Join-Path $parent $name) $Product
}

function Test-Inside([string] $path, [string] $folder) {
  return ($path.TrimEnd('\') + '\').StartsWith($folder.TrimEnd('\') + '\', [StringComparison]::OrdinalIgnoreCase)
}

# Puts these folders into the user's PATH in place of all that lie below $place.
function Set-UserPath([string] $place, [string[]] $folders) {
  $key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment', $true)
  try {
    # Read as it stands: an expanded one would lose its %VARIABLES%.
    $old = [string] $key.GetValue('Path', '', [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    $kept = @($old -split ';' | Where-Object { $_ -and -not (Test-Inside $_ $place) })
    $new = (@($kept) + @($folders)) -join ';'
    if ($new -ne $old) {
      $key.SetValue('Path', $new, [Microsoft.Win32.RegistryValueKind]::ExpandString)
      # Setting a variable in this way tells all windows that the environment has changed.
      [Environment]::SetEnvironmentVariable('REPOGEN_PATH_CHANGED', '1', 'User')
      [Environment]::SetEnvironmentVariable('REPOGEN_PATH_CHANGED', $null, 'User')
    }
  } finally { $key.Dispose() }
  $here = @($env:Path -split ';' | Where-Object { $_ -and -not (Test-Inside $_ $place) })
  $env:Path = (@($here) + @($folders)) -join ';'
}

function Expand-File($file, [string] $archive, [string] $folder) {
  if ($file.form -eq 'zip') {
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    [IO.Compression.ZipFile]::ExtractToDirectory($archive, $folder)
  } elseif ($file.form -eq 'tar') {
    & (Join-Path $env:SystemRoot 'System32\tar.exe') -xf $archive -C $folder
    if ($LASTEXITCODE -ne 0) { Stop-Here "$archive cannot be unpacked" 'Windows has a tar since version 1803' }
  } else {
    Copy-Item -LiteralPath $archive -Destination (Join-Path $folder "$Product.exe")
  }
}

# Gives the programs their names, and returns the folders in which they are.
function Rename-Program($file, [string] $folder) {
  if ($file.programs.Count -eq 0) { return @('') }
  $folders = @()
  foreach ($program in $file.programs) {
    $member = $program.member -replace '/', '\'
    $parent = Split-Path -Parent $member
    $old = Join-Path $folder $member
    $new = Join-Path (Join-Path $folder $parent) ($program.name + '.exe')
    if ($old -ne $new) { Move-Item -LiteralPath $old -Destination $new -Force }
    if ($folders -notcontains $parent) { $folders += $parent }
  }
  return $folders
}

# Whether a folder is gone. One from which a program runs cannot be renamed, and so is left whole.
function Remove-Folder([string] $folder) {
  $aside = $folder + '.old-' + $PID
  try { Move-Item -LiteralPath $folder -Destination $aside } catch { return $false }
  Remove-Item -LiteralPath $aside -Recurse -Force -ErrorAction SilentlyContinue
  return $true
}

function Install-Archive($file, [string] $archive) {
  $place = Get-Place
  $target = Join-Path $place $file.folder
  $fresh = Join-Path $place ('.new-' + $PID)
  New-Item -ItemType Directory -Force -Path $fresh | Out-Null
  try {
    Expand-File $file $archive $fresh
    $folders = @(Rename-Program $file $fresh)
    if ((Test-Path -LiteralPath $target) -and -not (Remove-Folder $target)) { Stop-Here "$target is in use" "close $Product and try again" }
    Move-Item -LiteralPath $fresh -Destination $target
  } finally {
    if (Test-Path -LiteralPath $fresh) { Remove-Item -LiteralPath $fresh -Recurse -Force }
  }
  $folders = @($folders | ForEach-Object { if ($_) { Join-Path $target $_ } else { $target } })
  Set-UserPath $place $folders
  # A version that still runs stays until the next run.
  foreach ($other in Get-ChildItem -LiteralPath $place -Force) {
    if ($other.FullName -ne $target) { Remove-Folder $other.FullName | Out-Null }
  }
  Write-Line "Installed $Product $($file.version) in $target"
  Write-Line 'It is in your PATH; windows that are open already learn of it when they are opened again.'
}

# -- by an installer ------------------------------------------------------------------------------------

function Invoke-Installer([string] $program, [string] $arguments, [int[]] $fine, [switch] $Elevated) {
  $options = @{ FilePath = $program; Wait = $true; PassThru = $true }
  if ($arguments) { $options.ArgumentList = $arguments }
  if ($Elevated -and -not (Test-Administrator)) { $options.Verb = 'RunAs' }
  $run = Start-Process @options
  if ($fine -notcontains $run.ExitCode) { Stop-Here "$program ended with the code $($run.ExitCode)" 'look at the Windows event log for what went wrong' }
  if ($run.ExitCode -eq 3010 -or $run.ExitCode -eq 1641) { Write-Line 'Windows must be restarted to finish.' }
}

function Install-ByInstaller($file, [string] $installer) {
  if ($file.form -eq 'msi') {
    Invoke-Installer 'msiexec.exe' ('/i "' + $installer + '" ' + $file.arguments) @(0, 1641, 3010) -Elevated
  } else {
    Invoke-Installer $installer $file.arguments @(0, 1641, 3010)
  }
  Write-Line "Installed $Product $($file.version)"
}

function Find-Registered {
  $key = 'Software\Microsoft\Windows\CurrentVersion\Uninstall\*'
  $keys = "HKCU:\$key", "HKLM:\$key", 'HKLM:\Software\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*'
  $known = @($registered | Where-Object { $_.product -eq $Product })
  if ($known.Count -eq 0) { return }
  $entries = @(Get-ItemProperty -Path $keys -ErrorAction SilentlyContinue)
  $sure = @($entries | Where-Object { $known[0].codes -contains $_.PSChildName })
  if ($sure.Count -gt 0) { return $sure }
  # After a name only a version or, in parentheses, a processor may stand: GitHub Desktop is not Git.
  $rest = '(\s+(version\s|v?\d|\().*)?$'
  foreach ($entry in $entries) {
    foreach ($each in $known[0].names) {
      if ($entry.DisplayName -match ('^' + [regex]::Escape($each) + $rest)) { $entry; break }
    }
  }
}

function Remove-Registered {
  $found = @(Find-Registered)
  if ($found.Count -eq 0) {
    Stop-Here "$Product is not installed" 'where it was unpacked elsewhere, name the folder with -Dir; else look in the settings of Windows'
  }
  if ($found.Count -gt 1) {
    Stop-Here "$($found.Count) programs match: $(($found | ForEach-Object { $_.DisplayName }) -join ', ')" 'uninstall the right one in the settings of Windows'
  }
  $entry = $found[0]
  if ($DryRun) { Write-Line "would uninstall $($entry.DisplayName)"; return }
  $fine = @(0, 1605, 1614, 1641, 3010)
  if ($entry.WindowsInstaller -eq 1) {
    Invoke-Installer 'msiexec.exe' ('/x ' + $entry.PSChildName + ' /qn /norestart') $fine -Elevated
  } else {
    $command, $silent = [string] $entry.QuietUninstallString, ''
    if (-not $command) {
      $command = [string] $entry.UninstallString
      $silent = [string] (@($registered | Where-Object { $_.product -eq $Product })[0].arguments)
    }
    $program, $rest = $command, ''
    if ($command -match '^\s*"([^"]+)"\s*(.*)$') { $program, $rest = $Matches[1], $Matches[2] }
    elseif ($command -match '^\s*(.+?\.exe)\s+(.*)$') { $program, $rest = $Matches[1], $Matches[2] }
    $arguments = ($rest + ' ' + $silent).Trim()
    Invoke-Installer $program $arguments $fine
  }
  Write-Line "Removed $($entry.DisplayName)"
}

function Remove-Product {
  $place = Get-Place
  if (-not (Test-Path -LiteralPath $place)) { Remove-Registered; return }
  if ($DryRun) { Write-Line "would remove $place"; return }
  if (-not (Remove-Folder $place)) { Stop-Here "$place is in use" "close $Product and try again" }
  Set-UserPath $place @()
  Write-Line "Removed $Product from $place"
}

# -- the way through ------------------------------------------------------------------------------------

if ($Help) {
  Write-Line $usage
  Write-Line "Products: $products"
  return
}
if ($env:OS -ne 'Windows_NT') { Stop-Here 'this is not Windows' "use $site/install.sh" }
$Product = Find-Product
if ($Uninstall) { Remove-Product; return }
$Version = $Version -replace '^v(?=\d)', ''
$file = Find-File
$unpacked = @('zip', 'tar', 'portable') -contains $file.form
Write-Line "Installing $Product $($file.version) ($($file.channel)) of $title"
if ($DryRun) {
  Write-Line "would install $site/$($file.path) (SHA-256 $($file.sha256))"
  return
}
if ($Dir -and -not $unpacked) { Stop-Here "$Product comes as an installer, which chooses its folder itself" 'leave -Dir out' }
$work = Join-Path ([IO.Path]::GetTempPath()) ($name + '-install-' + [Guid]::NewGuid().ToString('N'))
New-Item -ItemType Directory -Path $work | Out-Null
try {
  $download = Join-Path $work (Split-Path -Leaf $file.path)
  Get-Checked $file $download
  if ($unpacked) { Install-Archive $file $download } else { Install-ByInstaller $file $download }
} finally {
  Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
}
}

& { Install-Release -Product $Product -Channel $Channel -Version $Version -Dir $Dir -Uninstall:$Uninstall -DryRun:$DryRun -Help:$Help }
