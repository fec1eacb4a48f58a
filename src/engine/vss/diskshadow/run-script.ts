/**
 * Runs a script of diskshadow in a folder of its own and prints one line of Base64 of JSON. Runs in
 * Windows PowerShell 5.1 and in PowerShell 7. `$in` is `{name, lines, mounts, old, keep, look}`:
 *
 * - `old`: the folder exists already; if it does not, nothing is done;
 * - `look`: no script runs, only the log is read;
 * - `mounts`: number of empty folders v1, v2, … that are made in it, for shadow copies;
 * - `keep`: `yes`, the folder stays; `failed`, it stays if the script fails; `no`, it is removed, and
 *   nothing below a mount is ever entered.
 *
 * The answer is `{missing}`, `{gone}`, or `{dir, code, log}` with the log in Base64.
 *
 * A new folder has a random name, and only administrators and SYSTEM may enter it: another user
 * could otherwise replace the script, and have commands run as an administrator. The lines end with CR LF,
 * without which diskshadow loses their last character.
 *
 * UNCONFIRMED: was not run on Windows. The access list of the folder exists there alone; the tests
 * run the rest in the real PowerShell.
 */
export const RUN_SCRIPT = `
$exe=[IO.Path]::Combine($env:SystemRoot,'System32','diskshadow.exe')
$dir=[IO.Path]::Combine($env:ProgramData,'Refpoint-'+$in.name)
$log=[IO.Path]::Combine($dir,'log.txt')
$there=[IO.Directory]::Exists($dir)
$out=@{dir=$dir}
if($in.old -and -not $there){$out.gone=$true}
elseif(-not [IO.File]::Exists($exe)){$out.missing=$true}else{
if(-not $in.old){
if($there -or [IO.File]::Exists($dir)){throw 'The folder exists'}
if($IsLinux -or $IsMacOS){mkdir -p -m 700 $dir}else{
$acl=New-Object Security.AccessControl.DirectorySecurity
$acl.SetSecurityDescriptorSddlForm('O:BAD:PAI(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)')
if('IO.FileSystemAclExtensions' -as [type]){[void][IO.FileSystemAclExtensions]::CreateDirectory($acl,$dir)}
else{[void][IO.Directory]::CreateDirectory($dir,$acl)}}
for($i=1;$i -le $in.mounts;$i++){[void][IO.Directory]::CreateDirectory([IO.Path]::Combine($dir,'v'+$i))}}
try{
if(-not $in.look){
if($in.old){$log=[IO.Path]::Combine($dir,'end.txt')}
[IO.File]::WriteAllText([IO.Path]::Combine($dir,'script.txt'),($in.lines -join "\`r\`n")+"\`r\`n",[Text.Encoding]::ASCII)
Push-Location -LiteralPath $dir
$ErrorActionPreference='Continue'
& $exe /s script.txt /l ([IO.Path]::GetFileName($log)) 2>&1|Out-Null
$out.code=$LASTEXITCODE
$ErrorActionPreference='Stop'
Pop-Location}
$out.log=''
if([IO.File]::Exists($log)){$out.log=[Convert]::ToBase64String([IO.File]::ReadAllBytes($log))}
}finally{if($in.keep -eq 'no' -or ($in.keep -eq 'failed' -and $out.code -eq 0)){
foreach($v in [IO.Directory]::GetDirectories($dir)){[IO.Directory]::Delete($v)}
foreach($f in [IO.Directory]::GetFiles($dir)){[IO.File]::Delete($f)}
[IO.Directory]::Delete($dir)}}}
[Console]::Out.WriteLine([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json $out -Compress))))`;
