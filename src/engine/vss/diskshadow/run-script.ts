/**
 * Runs a script of diskshadow in a folder of its own and prints one line of Base64 of JSON. Runs in
 * Windows PowerShell 5.1 and in PowerShell 7. `$in` is a list: name, mounts, old, look, keep, and the lines of the script:
 *
 * - `mounts`: number of empty folders v1, v2, … that are made in it, for shadow copies;
 * - `old`: 1, the folder exists already; if it does not, nothing is done;
 * - `look`: 1, no script runs, only the log is read;
 * - `keep`: `yes`, the folder stays; `failed`, it stays if the script fails; `no`, it is removed, and
 *   nothing below a mount is ever entered.
 *
 * The answer is `{missing}`, `{gone}`, or `{dir, code, log}` with folder and log in Base64.
 * No command of a module is used, `Out-Null` is in the engine: loading modules costs a third of PowerShell's start.
 *
 * A new folder has a random name, and only administrators and SYSTEM may enter it: another user
 * could otherwise replace the script, and have commands run as an administrator. The lines end with CR LF,
 * without which diskshadow loses their last character.
 *
 * UNCONFIRMED: was not run on Windows. The access list of the folder exists there alone; the tests
 * run the rest in the real PowerShell.
 */
export const RUN_SCRIPT = `
$name,$mounts,$old,$look,$keep,$lines=$in
$mounts=[int]$mounts;$old=$old -eq '1';$look=$look -eq '1'
function b($t){[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($t))}
function say($t){[Console]::Out.WriteLine((b $t))}
$exe=[IO.Path]::Combine($env:SystemRoot,'System32','diskshadow.exe')
$dir=[IO.Path]::Combine($env:ProgramData,'Refpoint-'+$name)
$log=[IO.Path]::Combine($dir,'log.txt')
$there=[IO.Directory]::Exists($dir)
if($old -and -not $there){say '{"gone":true}'}
elseif(-not [IO.File]::Exists($exe)){say '{"missing":true}'}else{
if(-not $old){
if($there -or [IO.File]::Exists($dir)){throw 'The folder exists'}
if($IsLinux -or $IsMacOS){mkdir -p -m 700 $dir}else{
$acl=n ([Security.AccessControl.DirectorySecurity]) @()
$acl.SetSecurityDescriptorSddlForm('O:BAD:PAI(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)')
if('IO.FileSystemAclExtensions' -as [type]){[void][IO.FileSystemAclExtensions]::CreateDirectory($acl,$dir)}
else{[void][IO.Directory]::CreateDirectory($dir,$acl)}}
for($i=1;$i -le $mounts;$i++){[void][IO.Directory]::CreateDirectory([IO.Path]::Combine($dir,'v'+$i))}}
$code='null'
try{
if(-not $look){
if($old){$log=[IO.Path]::Combine($dir,'end.txt')}
[IO.File]::WriteAllText([IO.Path]::Combine($dir,'script.txt'),($lines -join "\`r\`n")+"\`r\`n",[Text.Encoding]::ASCII)
$at=$ExecutionContext.SessionState.Path
$at.PushCurrentLocation('rp')
[void]$at.SetLocation([Management.Automation.WildcardPattern]::Escape($dir))
$ErrorActionPreference='Continue'
& $exe /s script.txt /l ([IO.Path]::GetFileName($log)) 2>&1|Out-Null
$code=$LASTEXITCODE
$ErrorActionPreference='Stop'
[void]$at.PopLocation('rp')}
$found=''
if([IO.File]::Exists($log)){$found=[Convert]::ToBase64String([IO.File]::ReadAllBytes($log))}
}finally{if($keep -eq 'no' -or ($keep -eq 'failed' -and $code -eq 0)){
foreach($v in [IO.Directory]::GetDirectories($dir)){[IO.Directory]::Delete($v)}
foreach($f in [IO.Directory]::GetFiles($dir)){[IO.File]::Delete($f)}
[IO.Directory]::Delete($dir)}}
say ('{"dir":"'+(b $dir)+'","code":'+$code+',"log":"'+$found+'"}')}`;
