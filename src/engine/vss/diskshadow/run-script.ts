/**
 * Runs a script of diskshadow and prints `{missing}` or `{code, log}` as Base64 of JSON. Runs in
 * Windows PowerShell 5.1 and in PowerShell 7. `$data` is Base64 of `{name, lines}`.
 *
 * The folder has a new random name, and only administrators and SYSTEM may enter it: another user
 * could otherwise replace the script, and have commands run as an administrator. The lines end with CR LF,
 * without which diskshadow loses their last character.
 *
 * UNCONFIRMED: was not run on Windows. The access list of the folder exists there alone; the tests
 * run the rest in the real PowerShell.
 */
export const RUN_SCRIPT = `
$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue'
$in=ConvertFrom-Json ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($data)))
$exe=[IO.Path]::Combine($env:SystemRoot,'System32','diskshadow.exe')
$out=@{}
if(-not [IO.File]::Exists($exe)){$out.missing=$true}else{
$dir=[IO.Path]::Combine($env:ProgramData,'Refpoint-'+$in.name)
if([IO.Directory]::Exists($dir) -or [IO.File]::Exists($dir)){throw 'The folder exists'}
if($IsLinux -or $IsMacOS){mkdir -p -m 700 $dir}else{
$acl=New-Object Security.AccessControl.DirectorySecurity
$acl.SetSecurityDescriptorSddlForm('O:BAD:PAI(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)')
if('IO.FileSystemAclExtensions' -as [type]){[void][IO.FileSystemAclExtensions]::CreateDirectory($acl,$dir)}
else{[void][IO.Directory]::CreateDirectory($dir,$acl)}}
try{
$log=[IO.Path]::Combine($dir,'log.txt')
[IO.File]::WriteAllText([IO.Path]::Combine($dir,'script.txt'),($in.lines -join "\`r\`n")+"\`r\`n",[Text.Encoding]::ASCII)
Push-Location -LiteralPath $dir
$ErrorActionPreference='Continue'
& $exe /s script.txt /l log.txt 2>&1|Out-Null
$out.code=$LASTEXITCODE
$ErrorActionPreference='Stop'
Pop-Location
$out.log=''
if([IO.File]::Exists($log)){$out.log=[Convert]::ToBase64String([IO.File]::ReadAllBytes($log))}
}finally{[IO.Directory]::Delete($dir,$true)}}
[Console]::Out.WriteLine([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json $out -Compress))))`;
