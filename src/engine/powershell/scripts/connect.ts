/**
 * A session with another computer. Its password comes through a named pipe that only this user may
 * open and that takes one connection: script block logging keeps every command and its data, and the
 * password is in neither. Windows PowerShell and PowerShell 7 make such a pipe differently.
 */
export const CONNECT = `
function Open-RpPipe($in) {
  $name = $in.pipe.Substring(1)
  $asynchronous = [IO.Pipes.PipeOptions]::Asynchronous
  if ($PSVersionTable.PSVersion.Major -ge 6) {
    $only = $asynchronous -bor [IO.Pipes.PipeOptions]::CurrentUserOnly
    $global:RpPipe = [IO.Pipes.NamedPipeServerStream]::new($name, [IO.Pipes.PipeDirection]::In, 1, [IO.Pipes.PipeTransmissionMode]::Byte, $only)
  } else {
    $me = [Security.Principal.WindowsIdentity]::GetCurrent().User
    $security = New-Object IO.Pipes.PipeSecurity
    $security.SetAccessRuleProtection($true, $false)
    $security.AddAccessRule((New-Object IO.Pipes.PipeAccessRule($me, 'FullControl', 'Allow')))
    $global:RpPipe = New-Object IO.Pipes.NamedPipeServerStream($name, [IO.Pipes.PipeDirection]::In, 1, [IO.Pipes.PipeTransmissionMode]::Byte, $asynchronous, 0, 0, $security)
  }
  $true
}

function Read-RpSecret {
  try {
    $waiting = $RpPipe.BeginWaitForConnection($null, $null)
    if (-not $waiting.AsyncWaitHandle.WaitOne(10000)) { throw [TimeoutException]::new('the pipe was not opened') }
    $RpPipe.EndWaitForConnection($waiting)
    $reader = New-Object IO.StreamReader($RpPipe, (New-Object Text.UTF8Encoding($false)))
    $secret = New-Object Security.SecureString
    while (($code = $reader.Read()) -ge 0) { $secret.AppendChar([char]$code) }
    $secret.MakeReadOnly()
    $secret
  } finally {
    $RpPipe.Dispose()
    $global:RpPipe = $null
  }
}

function Connect-RpHost($in) {
  $session = @{ ComputerName = $in.computer.Substring(1); OperationTimeoutSec = $in.seconds }
  if ($in.protocol -eq 'dcom') { $session.SessionOption = New-CimSessionOption -Protocol Dcom }
  if ($null -ne $in.user) {
    $session.Credential = New-Object Management.Automation.PSCredential($in.user.Substring(1), (Read-RpSecret))
  }
  $global:RpSession = @{ CimSession = (New-CimSession @session) }
  $true
}`;
