/** The calls of a client, as functions of the shell. Each takes the data of `Invoke-RpCall`. */
export const CALLS = `
function Get-RpClass([string]$namespace, [string]$class) {
  $key = ($namespace + ':' + $class).ToLowerInvariant()
  if (-not $RpClasses.ContainsKey($key)) {
    $RpClasses[$key] = Get-CimClass @RpSession -Namespace $namespace -ClassName $class
  }
  $RpClasses[$key]
}

function Read-RpInstance($in) {
  if ($in.target.k.Count -eq 0 -and $in.target.q.Count -eq 0) {
    return Get-RpObject (Get-RpOnly $in.target $in.seconds)
  }
  $target = New-RpTarget $in.target
  Get-RpObject (Get-CimInstance @RpSession -InputObject $target -OperationTimeoutSec $in.seconds)
}

function Get-RpOnly($target, $seconds) {
  $class = @{ Namespace = $target.n.Substring(1); ClassName = $target.c.Substring(1) }
  Get-CimInstance @RpSession @class -OperationTimeoutSec $seconds | Select-Object -First 1
}

function Read-RpRows($in) {
  $from = @{ Namespace = $in.namespace.Substring(1); OperationTimeoutSec = $in.seconds }
  if ($null -ne $in.wql) { $from.Query = $in.wql.Substring(1) }
  else { $from.ClassName = $in.class.Substring(1); if ($in.form -eq 'reference') { $from.KeyOnly = $true } }
  $rows = New-Object System.Collections.ArrayList
  Get-CimInstance @RpSession @from | ForEach-Object { [void]$rows.Add($_) }
  $id = [string][guid]::NewGuid()
  $RpPages[$id] = @{ rows = $rows; at = 0; form = $in.form; size = $in.size }
  Read-RpPage @{ id = '=' + $id }
}

function Read-RpPage($in) {
  $id = $in.id.Substring(1)
  $page = $RpPages[$id]
  $end = [Math]::Min($page.at + $page.size, $page.rows.Count)
  $out = New-Object System.Collections.ArrayList
  $names = @{}
  for ($i = $page.at; $i -lt $end; $i++) {
    $row = $page.rows[$i]
    $page.rows[$i] = $null
    $made = @{}
    if ($page.form -ne 'reference') {
      $object = Get-RpObject $row
      $made.o = $object
      $shared = [string]::Join(',', [string[]]$object.p)
      if ($names[$object.c] -ceq $shared) { $object.Remove('p') } else { $names[$object.c] = $shared }
    }
    if ($page.form -ne 'object') { $made.r = Get-RpReference $row }
    [void]$out.Add($made)
  }
  $page.at = $end
  $more = $end -lt $page.rows.Count
  if (-not $more) { $RpPages.Remove($id) }
  @{ id = $id; rows = $out; more = $more }
}

function Remove-RpPage($in) { $RpPages.Remove($in.id.Substring(1)) }

function Invoke-RpMethod($in) {
  $class = Get-RpClass $in.target.n.Substring(1) $in.target.c.Substring(1)
  $method = $class.CimClassMethods[$in.method.Substring(1)]
  if ($null -eq $method) { throw [InvalidOperationException]::new('HRESULT 0x8004102e') }
  $arguments = @{}
  for ($i = 0; $i -lt $in.arguments.Count; $i += 2) {
    $name = $in.arguments[$i].Substring(1)
    $arguments[$name] = Convert-RpArgument $in.arguments[$i + 1] ([string]$method.Parameters[$name].CimType)
  }
  if ($in.target.k.Count -eq 0 -and $in.target.q.Count -eq 0) { $target = Get-RpOnly $in.target $in.seconds }
  else { $target = New-RpTarget $in.target }
  $result = Invoke-CimMethod @RpSession -InputObject $target -MethodName $in.method.Substring(1) -Arguments $arguments -OperationTimeoutSec $in.seconds
  $out = New-Object System.Collections.ArrayList
  foreach ($property in $result.PSObject.Properties) {
    if ($property.Name -eq 'PSComputerName' -or $property.Name -eq 'ReturnValue') { continue }
    [void]$out.Add($property.Name)
    [void]$out.Add((Get-RpValue $property.Value (([string]$method.Parameters[$property.Name].CimType) -like 'Reference*')))
  }
  @{ returned = [string]$result.ReturnValue; out = $out }
}`;
