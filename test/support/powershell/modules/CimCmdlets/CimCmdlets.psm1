# Stands in for the module CimCmdlets, which exists only on Windows: the functions of this name take the parameters that
# Refpoint's scripts use, are as strict about types as WMI, and ask a server on loopback, which answers from the lab.
# Values have the types that CIM instances have on Windows.

$script:Http = [Net.Http.HttpClient]::new()
$script:Bridge = $env:REFPOINT_CIM_BRIDGE

function Stop-WithNumber([string]$number, [string]$text) {
  $exception = [InvalidOperationException]::new($text)
  $record = [Management.Automation.ErrorRecord]::new($exception, "HRESULT $number,Microsoft.Management.Infrastructure.CimCmdlets.Stand-in", 'NotSpecified', $null)
  throw $record
}

function Send-ToBridge($session, $request) {
  $request.session = if ($null -eq $session) { $null } else { $session.Id }
  $json = ConvertTo-Json $request -Depth 20 -Compress
  $content = [Net.Http.StringContent]::new($json, [Text.Encoding]::UTF8, 'application/json')
  $answer = $script:Http.PostAsync($script:Bridge, $content).Result
  $text = $answer.Content.ReadAsStringAsync().Result
  $reply = ConvertFrom-Json $text -DateKind String -Depth 60
  if ($null -ne $reply.error) { Stop-WithNumber $reply.error.number $reply.error.text }
  $reply
}

function ConvertTo-NetScalar([string]$type, $text) {
  if ($null -eq $text) { return $null }
  $culture = [Globalization.CultureInfo]::InvariantCulture
  switch ($type) {
    'Boolean' { return ([string]$text) -eq 'true' }
    'UInt8' { return [byte]::Parse($text, $culture) }
    'UInt16' { return [uint16]::Parse($text, $culture) }
    'UInt32' { return [uint32]::Parse($text, $culture) }
    'UInt64' { return [uint64]::Parse($text, $culture) }
    'SInt8' { return [sbyte]::Parse($text, $culture) }
    'SInt16' { return [int16]::Parse($text, $culture) }
    'SInt32' { return [int32]::Parse($text, $culture) }
    'SInt64' { return [int64]::Parse($text, $culture) }
    'Real32' { return [single]::Parse($text, $culture) }
    'Real64' { return [double]::Parse($text, $culture) }
    'DateTime' {
      if ($text.StartsWith('P')) { return [Xml.XmlConvert]::ToTimeSpan($text) }
      return [Xml.XmlConvert]::ToDateTime($text, [Xml.XmlDateTimeSerializationMode]::Local)
    }
    default { return [string]$text }
  }
}

function ConvertTo-NetValue([string]$type, $value) {
  if ($null -eq $value) { return $null }
  if ($type.EndsWith('Array')) {
    $one = $type.Substring(0, $type.Length - 5)
    $made = [Collections.ArrayList]::new()
    foreach ($each in $value) { [void]$made.Add((ConvertTo-NetValue $one $each)) }
    return ,$made.ToArray()
  }
  if ($type -eq 'Reference' -or $type -eq 'Instance') { return ConvertTo-Instance $value }
  ConvertTo-NetScalar $type $value
}

function ConvertTo-Instance($sent) {
  $properties = foreach ($each in $sent.properties) {
    [pscustomobject]@{
      Name = $each.name
      CimType = $each.type
      Flags = [Microsoft.Management.Infrastructure.CimFlags]$(if ($each.key) { 'Property, Key' } else { 'Property' })
      Value = ConvertTo-NetValue $each.type $each.value
    }
  }
  [pscustomobject]@{
    PSTypeName = 'Microsoft.Management.Infrastructure.CimInstance'
    CimSystemProperties = [pscustomobject]@{ ClassName = $sent.class; Namespace = $sent.namespace; ServerName = $sent.server }
    CimInstanceProperties = @($properties)
  }
}

function ConvertFrom-Instance($instance) {
  $keys = foreach ($each in $instance.CimInstanceProperties) {
    if (($each.Flags -band 4096) -eq 0) { continue }
    if ($null -ne $each.Value.CimInstanceProperties) { @{ name = $each.Name; reference = (ConvertFrom-Instance $each.Value) } }
    else { @{ name = $each.Name; text = [string]$each.Value } }
  }
  @{ class = $instance.CimSystemProperties.ClassName; namespace = $instance.CimSystemProperties.Namespace; keys = @($keys) }
}

function Get-CimInstance {
  [CmdletBinding()] param($CimSession, $InputObject, [string]$Namespace = 'root/cimv2', [string]$ClassName, [string]$Query, [switch]$KeyOnly, [uint32]$OperationTimeoutSec)
  if ($null -ne $InputObject) {
    return ConvertTo-Instance (Send-ToBridge $CimSession @{ op = 'get'; target = (ConvertFrom-Instance $InputObject) }).row
  }
  $request = @{ op = 'rows'; namespace = $Namespace; keyOnly = [bool]$KeyOnly }
  if ($Query) { $request.query = $Query } else { $request.class = $ClassName }
  foreach ($row in (Send-ToBridge $CimSession $request).rows) { ConvertTo-Instance $row }
}

function New-CimInstance {
  [CmdletBinding()] param([switch]$ClientOnly, [string]$Namespace, [string]$ClassName, [Collections.IDictionary]$Property, [string[]]$Key)
  if (-not $ClientOnly) { throw 'only instances of the client' }
  $properties = foreach ($name in $Property.Keys) {
    [pscustomobject]@{
      Name = $name
      CimType = if ($null -ne $Property[$name].CimInstanceProperties) { 'Reference' } else { 'String' }
      Flags = [Microsoft.Management.Infrastructure.CimFlags]$(if ($Key -contains $name) { 'Property, Key' } else { 'Property' })
      Value = $Property[$name]
    }
  }
  [pscustomobject]@{
    PSTypeName = 'Microsoft.Management.Infrastructure.CimInstance'
    CimSystemProperties = [pscustomobject]@{ ClassName = $ClassName; Namespace = $Namespace; ServerName = $null }
    CimInstanceProperties = @($properties)
  }
}

function Get-CimClass {
  [CmdletBinding()] param($CimSession, [string]$Namespace, [string]$ClassName)
  $sent = (Send-ToBridge $CimSession @{ op = 'class'; namespace = $Namespace; class = $ClassName }).class
  $properties = [Collections.Hashtable]::new([StringComparer]::OrdinalIgnoreCase)
  foreach ($each in $sent.properties) {
    $properties[$each.name] = [pscustomobject]@{ Name = $each.name; CimType = $each.type; Flags = [Microsoft.Management.Infrastructure.CimFlags]$(if ($each.key) { 'Property, Key' } else { 'Property' }) }
  }
  $methods = [Collections.Hashtable]::new([StringComparer]::OrdinalIgnoreCase)
  foreach ($method in $sent.methods) {
    $parameters = [Collections.Hashtable]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($each in $method.parameters) { $parameters[$each.name] = [pscustomobject]@{ Name = $each.name; CimType = $each.type } }
    $methods[$method.name] = [pscustomobject]@{ Name = $method.name; Parameters = $parameters }
  }
  [pscustomobject]@{ CimClassName = $sent.name; CimClassProperties = $properties; CimClassMethods = $methods }
}

# The type that a value of .NET has for WMI.
function Get-CimTypeName($value) {
  if ($value -is [Array]) {
    $names = @{ 'Byte[]' = 'UInt8Array'; 'UInt16[]' = 'UInt16Array'; 'UInt32[]' = 'UInt32Array'; 'UInt64[]' = 'UInt64Array'; 'String[]' = 'StringArray'; 'Boolean[]' = 'BooleanArray' }
    $name = $names[$value.GetType().Name]
    if ($null -ne $name) { return $name }
    return 'ReferenceArray'
  }
  if ($null -ne $value.CimInstanceProperties) { return 'Reference' }
  $names = @{ Byte = 'UInt8'; SByte = 'SInt8'; Int16 = 'SInt16'; Int32 = 'SInt32'; Int64 = 'SInt64'; Single = 'Real32'; Double = 'Real64'; TimeSpan = 'DateTime' }
  $name = $value.GetType().Name
  if ($names.ContainsKey($name)) { return $names[$name] }
  $name
}

function Invoke-CimMethod {
  [CmdletBinding()] param($CimSession, $InputObject, [string]$MethodName, [Collections.IDictionary]$Arguments, [uint32]$OperationTimeoutSec)
  $target = ConvertFrom-Instance $InputObject
  $class = Get-CimClass -CimSession $CimSession -Namespace $target.namespace -ClassName $target.class
  $method = $class.CimClassMethods[$MethodName]
  $sent = foreach ($name in $Arguments.Keys) {
    $value = $Arguments[$name]
    if ($null -eq $value) { continue }
    $declared = $method.Parameters[$name].CimType
    if ($null -eq $declared) { Stop-WithNumber '0x8004102f' "the method has no parameter $name" }
    $actual = Get-CimTypeName $value
    if ($actual -ne $declared) { Stop-WithNumber '0x80041005' "$name has the type $actual instead of $declared" }
    if ($actual -eq 'Reference') { @{ name = $name; reference = (ConvertFrom-Instance $value) } }
    elseif ($actual -eq 'ReferenceArray') { @{ name = $name; references = @($value | ForEach-Object { ConvertFrom-Instance $_ }) } }
    elseif ($value -is [Array]) { @{ name = $name; texts = @($value | ForEach-Object { [string]$_ }) } }
    elseif ($value -is [datetime]) { @{ name = $name; time = $value.ToUniversalTime().ToString('o') } }
    elseif ($value -is [timespan]) { @{ name = $name; time = [Xml.XmlConvert]::ToString($value) } }
    elseif ($value -is [bool]) { @{ name = $name; text = ([string]$value).ToLowerInvariant() } }
    else { @{ name = $name; text = [string]$value } }
  }
  $reply = Send-ToBridge $CimSession @{ op = 'invoke'; target = $target; method = $MethodName; arguments = @($sent) }
  $result = [pscustomobject]@{ PSComputerName = $null; ReturnValue = [uint32]$reply.returned }
  foreach ($each in $reply.out) {
    $result | Add-Member NoteProperty $each.name (ConvertTo-NetValue $each.type $each.value)
  }
  $result
}

function New-CimSessionOption {
  [CmdletBinding()] param([string]$Protocol)
  [pscustomobject]@{ Protocol = $Protocol }
}

function New-CimSession {
  [CmdletBinding()] param([string]$ComputerName, [pscredential]$Credential, $SessionOption, [uint32]$OperationTimeoutSec)
  $request = @{ op = 'connect'; computer = $ComputerName; protocol = $(if ($null -eq $SessionOption) { 'wsman' } else { $SessionOption.Protocol.ToLowerInvariant() }) }
  if ($null -ne $Credential) {
    $request.user = $Credential.UserName
    $request.password = $Credential.GetNetworkCredential().Password
  }
  [pscustomobject]@{ Id = (Send-ToBridge $null $request).id; ComputerName = $ComputerName }
}

Export-ModuleMember -Function Get-CimInstance, New-CimInstance, Get-CimClass, Invoke-CimMethod, New-CimSession, New-CimSessionOption
