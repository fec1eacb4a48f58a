/**
 * Run once in each shell. Text goes in and out as Base64 of UTF-8 JSON: the console of Windows
 * PowerShell has a code page that loses other characters, and `-Command -` reads line by line. Runs
 * in Windows PowerShell 5.1 and in PowerShell 7.
 *
 * Every text of the data begins with `=`, so that no PowerShell takes one for a time.
 */
export const PROLOGUE = `
$global:ErrorActionPreference = 'Stop'
$global:ProgressPreference = 'SilentlyContinue'
$global:WarningPreference = 'SilentlyContinue'
$global:RpSession = @{}
$global:RpClasses = @{}
$global:RpPages = @{}

function Write-RpFrame($reply) {
  $json = ConvertTo-Json $reply -Compress -Depth 40 -WarningAction Stop
  [Console]::Out.WriteLine([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($json)))
}

function Get-RpNumber($record) {
  if ($record.FullyQualifiedErrorId -match '^HRESULT (0x[0-9a-fA-F]{8})') { return $Matches[1] }
  $fault = $record.Exception.ErrorData
  if ($null -ne $fault -and $null -ne $fault.error_Code) { return '0x{0:x8}' -f $fault.error_Code }
  '0x{0:x8}' -f $record.Exception.HResult
}

function Invoke-RpCall([string]$Name, [string]$Data) {
  try {
    $text = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Data))
    $in = ConvertFrom-Json $text
    $reply = @{ value = (& $Name $in) }
  } catch {
    $reply = @{ error = @{
      message = [string]$_
      id = [string]$_.FullyQualifiedErrorId
      type = $_.Exception.GetType().FullName
      number = (Get-RpNumber $_)
    } }
  }
  Write-RpFrame $reply
}`;
