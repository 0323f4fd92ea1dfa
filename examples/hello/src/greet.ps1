# greet: say hello, in more than one language.
param(
    [Alias('l')][ValidateSet('de', 'en', 'es', 'fr', 'it', 'nl')][string] $Language,
    [Alias('s')][switch] $Shout,
    [Alias('V')][switch] $Version,
    [Parameter(ValueFromRemainingArguments = $true)][string[]] $Names = @('world')
)

$words = @{ de = 'Hallo'; en = 'Hello'; es = 'Hola'; fr = 'Bonjour'; it = 'Ciao'; nl = 'Hoi' }
if ($Version -or $Names -contains '--version') {
    Write-Output 'greet @VERSION@ (@PLATFORM@)'
    exit 0
}
if (-not $Language) { $Language = (Get-Culture).TwoLetterISOLanguageName }
$word = $words[$Language]
if (-not $word) { $word = 'Hello' }
foreach ($name in $Names) {
    $line = "$word, $name!"
    if ($Shout) { $line = $line.ToUpper() }
    Write-Output $line
}
