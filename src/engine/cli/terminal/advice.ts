import type { ErrorData } from '../../base/errors.ts';
import { inLine } from './text.ts';

type Advice = (data: ErrorData) => string;

const text = (data: ErrorData, name: string): string => {
  const value = data[name];
  return typeof value === 'string' ? inLine(value) : '';
};

/** Suggests excluding every disk that cannot be backed up. */
const leaveOut: Advice = (data) => {
  const { slots } = data;
  const all = Array.isArray(slots) ? (slots as readonly string[]) : [text(data, 'slot')];
  const named = all.filter((slot) => slot !== '');
  return named.length === 0
    ? ''
    : `Exclude it with ${named.map((slot) => `--exclude-disk ${inLine(slot)}`).join(' ')}`;
};

/** Suggests the groups that contain a VM with a shared disk, or how to make one. */
const groupOrLeaveOut: Advice = (data) => {
  const { groups, running } = data;
  if (Array.isArray(running) && running.length > 0) return '';
  if (text(data, 'format') !== 'vhds') return leaveOut(data);
  const known = Array.isArray(groups) ? (groups as readonly string[]) : [];
  const how =
    known.length === 0
      ? 'refpoint group create NAME --vm VM --vm VM, then refpoint backup --group NAME'
      : known.map((id) => `refpoint backup --group ${inLine(id)}`).join(', or ');
  return `Back them up together: ${how}. ${leaveOut(data)} to back up the VM without it`;
};

/** Advice for any failed login that NTLM might have completed. */
const NTLM_FORBIDDEN = 'NTLM is tried without --no-ntlm-fallback';

const RIGHTS = 'See what is missing, and the commands that grant it, with: refpoint host test';

/** Advice for files that the account cannot reach over SMB. */
const SHARE_IT =
  'Shares like D$ are for administrators. Share the folder of the disks with the account, which only needs to read, and map it: --path-map "D:\\VMs=\\\\hv01\\vms"';

/**
 * Advice of the command line for an error or a finding, by code. The layers below only give codes
 * and data.
 */
const ADVICE: Readonly<Record<string, Advice>> = {
  'plan.disk': groupOrLeaveOut,
  'plan.members': (data) => {
    const gone = Array.isArray(data['gone']) ? (data['gone'] as readonly string[]) : [];
    if (gone.length === 0) return '';
    return `To go on: ${gone.map((id) => `--without-member ${inLine(id)}`).join(' ')}`;
  },
  'disk.passthrough': leaveOut,
  'disk.shared': leaveOut,
  'disk.format': (data) => (text(data, 'slot') === '' ? '' : leaveOut(data)),
  'path.unmapped': (data) => {
    const folder = text(data, 'folder');
    return `Map it to a local folder with --path-map, for example --path-map "${folder === '' ? 'C:\\VMs' : folder}=/mnt/vms"`;
  },
  'path.missing': () => 'Mount it, or use another --path-map',
  'path.denied': () => SHARE_IT,
  'smb.denied': () => SHARE_IT,
  'smb.share': () => SHARE_IT,
  'smb.server.unknown': (data) =>
    `If the account may log in there, add --smb-server ${text(data, 'server')}`,
  'smb.encryption': () => 'Without encryption, messages are signed: --smb-encryption wanted',
  'smb.unreachable': (data) =>
    ['ENOTFOUND', 'EAI_AGAIN'].includes(text(data, 'reason'))
      ? 'Look at the name of the server, or give its address'
      : 'File sharing listens on port 445. If a firewall drops the packets, run on the host, as an administrator: Enable-NetFirewallRule -Name FPS-SMB-In-TCP',
  'import.name': () => 'Choose another name with --as NAME',
  'rsvd.foreign': () => 'Add --foreign to use it anyway',
  'rsvd.kind': (data) =>
    text(data, 'format') === 'vhdx'
      ? 'Make one with: refpoint rsvd convert UNC --to NAME.vhds'
      : '',
  'rsvd.snapshot': () => 'List them with: refpoint rsvd snapshots UNC',
  'rsvd.unsupported': () =>
    'Shared disks need a scale-out file server: New-SmbShare on a cluster role of that type',
  'import.switch': () => 'Map it with --switch OLD=NEW, or omit --connect',
  'over.confirm': (data) => `Give --confirm ${text(data, 'expected')}`,
  'over.disk': () =>
    'Name the other disks with --disk, or restore the point as a new VM with --import',
  'over.open': (data) =>
    text(data, 'point') === ''
      ? 'Run: refpoint clean VM --store DIR, with the --path-map of the disks'
      : 'Keep the restored disks with --accept VM, or take the old ones back with --undo VM',
  'import.settings': () => 'Restore the disks with --to DIR',
  'plan.method': (data) => {
    if (data['group'] === true) return 'Leave --method out, or give --method smb';
    return data['found'] === 'export' ? 'Add --export-dir with a folder on the host' : '';
  },
  'export.group': () => 'Back it up with: refpoint backup --group G --store DIR',
  'host.checkpoint.foreign': () =>
    'Add --store DIR of the store that made it, or --foreign to convert it anyway',
  'host.checkpoint.notFound': () => 'List them with: refpoint checkpoint list VM',
  'host.referencePoint.foreign': () =>
    'Add --store DIR of the store that made it, or --foreign to remove it anyway',
  'ledger.damaged': (data) =>
    text(data, 'file').endsWith('/ledger.json')
      ? 'Rebuild it with refpoint ledger repair VM --store DIR, which shows a preview first'
      : 'It is your own ledger: if you move it away, the objects that you made by hand count as foreign',
  'powershell.missing': () => 'Name the host to use WS-Management, as in --host hv01',
  'powershell.locked': () =>
    'Name the host to use WS-Management, as in --host localhost with WinRM switched on',
  'powershell.fault.accessDenied': () =>
    'On this computer, start the command as administrator, or join Hyper-V Administrators',
  'http.unreachable': () =>
    'If WinRM is off, run on the host, as an administrator: Enable-PSRemoting -Force',
  'http.timeout': () =>
    "If a firewall drops the packets, run on the host, as an administrator: Enable-NetFirewallRule -Group '@FirewallAPI.dll,-30267'",
  'http.unavailable': () => 'On the host, as an administrator: Start-Service WinRM',
  'http.tls.plain': () => 'Use the name of the host without https, or port 5986',
  'http.tls.expected': () => 'Use https:// with port 5986',
  'http.auth.missing': (data) =>
    text(data, 'path') === ''
      ? 'Set --user and REFPOINT_PASSWORD, or use --auth kerberos with a ticket of kinit'
      : 'Give PEM files that you can read with --cert and --key',
  'http.auth.failed': () =>
    'Try DOMAIN\\user or user@domain. A local administrator also needs, on the host: New-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System -Name LocalAccountTokenFilterPolicy -PropertyType DWord -Value 1 -Force',
  'http.auth.locked': () =>
    'In a domain: Unlock-ADAccount or Enable-ADAccount; on the host: Enable-LocalUser',
  'http.auth.clock': () => 'Set the time here, and on the host with: w32tm /resync',
  'http.auth.noTicket': () => 'Run kinit, or set --user and REFPOINT_PASSWORD',
  'http.auth.spn': () =>
    'Use the full DNS name of the host, as this shows it there: setspn -L COMPUTER',
  'http.auth.scheme': ({ expected }) => (expected === 'basic' ? 'Use --auth basic' : ''),
  'http.url': (data) =>
    data['found'] === 'credentials' ? 'Use --user and REFPOINT_PASSWORD instead' : '',
  'http.tls.unknownCertificate': (data) =>
    `Trust its authority with --ca or, if the fingerprint is right, the certificate with --tls-fingerprint ${text(data, 'fingerprint')}`,
  'http.tls.fingerprint': (data) =>
    `If the certificate was renewed, compare the fingerprint with the host’s before you use --tls-fingerprint ${text(data, 'found')}`,
  'host.rights': () => RIGHTS,
  'host.vmms': () => 'On the host, as an administrator: Start-Service vmms',
  'wsman.fault.accessDenied': () => RIGHTS,
  'wsman.fault.noNamespace': () => RIGHTS,
  'host.vm.notFound': () => 'List the VMs with: refpoint vm list',
  'host.vm.moved': () =>
    'Run refpoint clean with --host of that node to remove the checkpoint, then back the VM up there',
  'point.damaged': (data) => (Array.isArray(data['expected']) ? 'Name it with --point' : ''),
  'point.incomplete': () => 'Run refpoint clean to remove it',
  'restore.exists': () => 'Use another folder, or --force to replace it',
  'restore.mismatch': () => 'Verify the store: refpoint verify',
  'vm.backupCheckpoint': () => 'Run refpoint clean to remove ours',
};

/** Returns the message, with advice for its code if there is any. */
export function withAdvice(code: string, message: string, data: ErrorData = {}): string {
  const byCode = Object.hasOwn(ADVICE, code) ? (ADVICE[code]?.(data) ?? '') : '';
  const advice = data['ntlm'] === 'forbidden' ? NTLM_FORBIDDEN : byCode;
  if (advice === '') return message;
  const closed = message.endsWith('.');
  return `${closed ? message : `${message}.`} ${advice}${closed ? '.' : ''}`;
}
