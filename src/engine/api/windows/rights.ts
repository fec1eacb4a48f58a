/**
 * Rights of an account on a host, and the commands that grant them, as data: the front doors have
 * the words.
 */

/** Parts of the product that need rights of their own on a host. */
export const RIGHT_FEATURES = [
  'inventory',
  'checkpoints',
  'referencePoints',
  'changeTracking',
  'export',
  'cluster',
] as const;

export type RightFeature = (typeof RIGHT_FEATURES)[number];

/**
 * A right or a part of the host that is missing.
 *
 * | name | meaning |
 * | --- | --- |
 * | `winrm` | WinRM refuses the account: neither an administrator nor in Remote Management Users |
 * | `winrmExecute` | WinRM lets the account read, but not call methods (RootSDDL) |
 * | `wmiNamespace` | the security of the WMI namespace refuses the account |
 * | `hyperVAdministrators` | Hyper-V shows the account nothing, or refuses its calls |
 * | `tokenFilter` | the account may be a local administrator whose rights UAC removes remotely |
 * | `vmms` | the service vmms may be stopped |
 * | `hyperVRole` | the Hyper-V role is not installed |
 * | `server2016` | the host has no reference points: it is older than Server 2016 |
 * | `clusterNamespace` | the security of the cluster's namespace refuses the account |
 */
export type MissingRight =
  | 'winrm'
  | 'winrmExecute'
  | 'wmiNamespace'
  | 'hyperVAdministrators'
  | 'tokenFilter'
  | 'vmms'
  | 'hyperVRole'
  | 'server2016'
  | 'clusterNamespace';

/** Rights of the account for one feature, as the host's answers show them. Nothing is changed to find out. */
export interface FeatureRight {
  readonly feature: RightFeature;
  readonly ok: boolean;
  /** Empty if ok. Otherwise what may be missing, the most probable first. */
  readonly missing: readonly MissingRight[];
}

const wmiGrant = (namespace: string): string =>
  [
    `$sid = (New-Object Security.Principal.NTAccount 'ACCOUNT').Translate([Security.Principal.SecurityIdentifier]).Value`,
    `$s = Get-CimInstance -Namespace ${namespace} -ClassName __SystemSecurity`,
    `$sd = (Invoke-CimMethod -InputObject $s -MethodName GetSecurityDescriptor).Descriptor`,
    `$trustee = New-CimInstance -ClientOnly -Namespace root/cimv2 -ClassName Win32_Trustee -Property @{SIDString=$sid}`,
    // Enable, execute methods, remote enable.
    `$ace = New-CimInstance -ClientOnly -Namespace root/cimv2 -ClassName Win32_ACE -Property @{AceType=[uint32]0;AceFlags=[uint32]2;AccessMask=[uint32]0x23;Trustee=$trustee}`,
    `$sd.DACL += $ace`,
    `Invoke-CimMethod -InputObject $s -MethodName SetSecurityDescriptor -Arguments @{Descriptor=$sd}`,
  ].join('; ');

/**
 * PowerShell commands for an elevated prompt on the host; `ACCOUNT` stands for the user. Not run
 * against a real host yet: UNCONFIRMED.
 */
export const GRANTING_COMMANDS: Readonly<Record<MissingRight, readonly string[]>> = {
  winrm: [`Add-LocalGroupMember -SID S-1-5-32-580 -Member 'ACCOUNT'`],
  winrmExecute: [
    String.raw`$p = 'WSMan:\localhost\Service\RootSDDL'; Set-Item $p ((Get-Item $p).Value -replace 'D:P', 'D:P(A;;GRGX;;;S-1-5-32-580)') -Force`,
  ],
  wmiNamespace: [wmiGrant('root/virtualization/v2')],
  hyperVAdministrators: [`Add-LocalGroupMember -SID S-1-5-32-578 -Member 'ACCOUNT'`],
  tokenFilter: [
    String.raw`New-ItemProperty HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System -Name LocalAccountTokenFilterPolicy -PropertyType DWord -Value 1 -Force`,
  ],
  vmms: ['Start-Service vmms'],
  hyperVRole: ['Install-WindowsFeature Hyper-V -IncludeManagementTools -Restart'],
  server2016: [],
  clusterNamespace: [wmiGrant('root/MSCluster')],
};
