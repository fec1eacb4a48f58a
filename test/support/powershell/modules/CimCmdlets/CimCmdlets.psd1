@{
  RootModule = 'CimCmdlets.psm1'
  ModuleVersion = '7.0.0.0'
  FunctionsToExport = @('Get-CimInstance', 'New-CimInstance', 'Get-CimClass', 'Invoke-CimMethod', 'New-CimSession', 'New-CimSessionOption')
}
