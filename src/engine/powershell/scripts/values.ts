/**
 * Values of CIM as data of an answer (`client/decode.ts` reads them), and arguments back
 * (`client/encode.ts` writes them).
 *
 *     text, number, boolean, null       as they are
 *     { n: '18446744073709551615' }     a number that JSON's may not hold exactly
 *     { t: 'ISO 8601 or xs:duration' }  a time
 *     { a: [ … ] }                      an array
 *     { r: reference }, { o: instance } objects
 *
 * A reference is \`{ c: class, n: namespace, k: [name, text, …], q: [name, reference, …] }\`. Rows
 * of one class share the names of its properties.
 */
export const VALUES = `
function Get-RpText($value) {
  if ($value -is [string]) { return $value }
  if ($value -is [bool]) { return ([string]$value).ToLowerInvariant() }
  [string]::Format([Globalization.CultureInfo]::InvariantCulture, '{0}', $value)
}

function Get-RpReference($object) {
  $keys = New-Object System.Collections.ArrayList
  $nested = New-Object System.Collections.ArrayList
  $system = $object.CimSystemProperties
  $properties = @($object.CimInstanceProperties)
  $flagged = @($properties | Where-Object { ($_.Flags -band 4096) -ne 0 })
  if ($flagged.Count -eq 0 -and $properties.Count -gt 0) {
    # Some transports tell the keys only with the class.
    $names = @((Get-RpClass $system.Namespace $system.ClassName).CimClassProperties |
      Where-Object { ($_.Flags -band 4096) -ne 0 } | ForEach-Object { $_.Name })
    $flagged = @($properties | Where-Object { $names -contains $_.Name })
  }
  foreach ($key in $flagged) {
    if ($null -eq $key.Value) { continue }
    if ($null -ne $key.Value.CimInstanceProperties) {
      [void]$nested.Add($key.Name); [void]$nested.Add((Get-RpReference $key.Value))
    } else {
      [void]$keys.Add($key.Name); [void]$keys.Add((Get-RpText $key.Value))
    }
  }
  @{ c = $system.ClassName; n = $system.Namespace; k = $keys; q = $nested }
}

function Get-RpValue($value, [bool]$isReference) {
  if ($null -eq $value -or $value -is [string] -or $value -is [bool]) { return ,$value }
  if ($value -is [Array]) {
    $list = New-Object System.Collections.ArrayList
    foreach ($each in $value) { [void]$list.Add((Get-RpValue $each $isReference)) }
    return @{ a = $list }
  }
  if ($value -is [uint64] -or $value -is [int64]) { return @{ n = [string]$value } }
  if ($value -is [datetime]) {
    # Milliseconds as WS-Management has them, or microseconds if there are any.
    $utc = $value.ToUniversalTime()
    $format = 'yyyy-MM-ddTHH:mm:ss.ffffffZ'
    if ($utc.Ticks % 10000 -eq 0) { $format = 'yyyy-MM-ddTHH:mm:ss.fffZ' }
    return @{ t = $utc.ToString($format, [Globalization.CultureInfo]::InvariantCulture) }
  }
  if ($value -is [timespan]) {
    $seconds = ([decimal]($value.Ticks % 600000000) / 10000000).ToString('0.#######', [Globalization.CultureInfo]::InvariantCulture)
    return @{ t = ('P{0}DT{1}H{2}M{3}S' -f $value.Days, $value.Hours, $value.Minutes, $seconds) }
  }
  if ($value -is [char]) { return [int]$value }
  if ($value -is [single] -or $value -is [double]) { return @{ n = $value.ToString('R', [Globalization.CultureInfo]::InvariantCulture) } }
  if ($null -ne $value.CimInstanceProperties) {
    if ($isReference) { return @{ r = (Get-RpReference $value) } }
    return @{ o = (Get-RpObject $value) }
  }
  $value
}

function Get-RpObject($object) {
  $names = New-Object System.Collections.ArrayList
  $values = New-Object System.Collections.ArrayList
  foreach ($property in $object.CimInstanceProperties) {
    [void]$names.Add($property.Name)
    $value = $property.Value
    if ($null -eq $value -or $value -is [string] -or $value -is [bool]) { [void]$values.Add($value) }
    else { [void]$values.Add((Get-RpValue $value (([string]$property.CimType) -like 'Reference*'))) }
  }
  @{ c = $object.CimSystemProperties.ClassName; p = $names; v = $values }
}

# A text comes with a mark before it.
function Get-RpPlain($value) {
  if ($value -is [string]) { return $value.Substring(1) }
  $value
}

function New-RpTarget($reference) {
  $names = @(); $properties = @{}
  $class = Get-RpClass $reference.n.Substring(1) $reference.c.Substring(1)
  for ($i = 0; $i -lt $reference.k.Count; $i += 2) {
    $name = $reference.k[$i].Substring(1)
    $names += $name
    $properties[$name] = Convert-RpArgument $reference.k[$i + 1] ([string]$class.CimClassProperties[$name].CimType)
  }
  for ($i = 0; $i -lt $reference.q.Count; $i += 2) {
    $name = $reference.q[$i].Substring(1)
    $names += $name
    $properties[$name] = New-RpTarget $reference.q[$i + 1]
  }
  New-CimInstance -ClientOnly -Namespace $reference.n.Substring(1) -ClassName $reference.c.Substring(1) -Property $properties -Key $names
}

function Convert-RpArgument($value, [string]$type) {
  if ($null -eq $value) { return $null }
  if ($type -like '*Array') {
    $one = $type.Substring(0, $type.Length - 5)
    $list = New-Object System.Collections.ArrayList
    foreach ($each in $value.a) { [void]$list.Add((Convert-RpArgument $each $one)) }
    switch ($one) {
      'Boolean' { return ,[bool[]]$list }
      'UInt8' { return ,[byte[]]$list }
      'UInt16' { return ,[uint16[]]$list }
      'UInt32' { return ,[uint32[]]$list }
      'UInt64' { return ,[uint64[]]$list }
      'SInt8' { return ,[sbyte[]]$list }
      'SInt16' { return ,[int16[]]$list }
      'SInt32' { return ,[int32[]]$list }
      'SInt64' { return ,[int64[]]$list }
      'String' { return ,[string[]]$list }
    }
    return ,$list.ToArray()
  }
  if ($null -ne $value.r) { return New-RpTarget $value.r }
  if ($null -ne $value.t) {
    $time = $value.t.Substring(1)
    if ($time.StartsWith('P')) { return [Xml.XmlConvert]::ToTimeSpan($time) }
    return [Xml.XmlConvert]::ToDateTime($time, [Xml.XmlDateTimeSerializationMode]::Utc)
  }
  $plain = Get-RpPlain $value
  $culture = [Globalization.CultureInfo]::InvariantCulture
  switch ($type) {
    'Boolean' { return [Xml.XmlConvert]::ToBoolean(([string]$plain).ToLowerInvariant()) }
    'String' { return [string]$plain }
    'UInt8' { return [byte]::Parse($plain, $culture) }
    'UInt16' { return [uint16]::Parse($plain, $culture) }
    'UInt32' { return [uint32]::Parse($plain, $culture) }
    'UInt64' { return [uint64]::Parse($plain, $culture) }
    'SInt8' { return [sbyte]::Parse($plain, $culture) }
    'SInt16' { return [int16]::Parse($plain, $culture) }
    'SInt32' { return [int32]::Parse($plain, $culture) }
    'SInt64' { return [int64]::Parse($plain, $culture) }
    'Real32' { return [single]::Parse($plain, $culture) }
    'Real64' { return [double]::Parse($plain, $culture) }
    'Char16' { return [char][int]$plain }
  }
  $plain
}`;
