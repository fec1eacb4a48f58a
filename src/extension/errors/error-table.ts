import * as vscode from 'vscode';
import type { ErrorCode } from '../../engine/api/codes.ts';
import { means, type ErrorMeaning } from './error-meaning.ts';
import { STEPS } from './next-step.ts';
import { SMB_MEANINGS } from './smb-meanings.ts';

const { t } = vscode.l10n;

const damagedImage = means(() => t('The disk image is damaged.'), STEPS.verify);
const unreadImage = means(() => t('This kind of disk image is not read yet.'));
const damagedRecord = means(() => t('A record of the store is damaged.'), STEPS.verify);
const strangeAnswer = means(
  () => t('The host answered something that is not understood.'),
  STEPS.showFindings,
);

/** By code, or by the words that codes begin with; the longest that fits counts. Every code of the engine fits one. */
const MEANINGS = {
  'http.unreachable': means(() => t('The host cannot be reached.'), STEPS.connect, STEPS.editHost),
  'http.lost': means(() => t('The connection to the host was lost.'), STEPS.connect),
  'http.timeout': means(() => t('The host did not answer in time.'), STEPS.connect, STEPS.editHost),
  'http.tls.unknownCertificate': means(
    () => t('The certificate of the host is not trusted. Nothing was sent to it.'),
    STEPS.reviewCertificate,
  ),
  'http.tls.fingerprint': means(
    () =>
      t(
        'The certificate of the host is not the one that was trusted. Nothing was sent to it: somebody may stand in between, or the host was given a new one.',
      ),
    STEPS.reviewCertificate,
  ),
  'http.tls.plain': means(
    () => t('Plain HTTP is spoken at that port: use an http address, or the port of HTTPS.'),
    STEPS.editHost,
  ),
  'http.tls.expected': means(
    () => t('TLS is spoken at that port: use an https address, or the port of plain HTTP.'),
    STEPS.editHost,
  ),
  'http.auth.missing': means(() => t('The host wants a user and a password.'), STEPS.editHost),
  'http.auth.failed': means(
    () => t('The host refused the user or the password.'),
    STEPS.enterPassword,
    STEPS.editHost,
  ),
  'http.auth.scheme': means(
    () => t('The host offers no way of logging in that Refpoint speaks yet.'),
    STEPS.editHost,
  ),
  'http.auth.plain': means(
    () => t('A password would cross the network readable. Use an https address.'),
    STEPS.editHost,
  ),
  'http.auth.clock': means(
    () =>
      t(
        'The clocks of this computer and of the domain differ too much for Kerberos. Set the time.',
      ),
    STEPS.connect,
  ),
  'http.auth.downgrade': means(
    () =>
      t(
        'The login was rejected because a protection is missing: the host does not support it, or somebody in between removed it.',
      ),
    STEPS.editHost,
  ),
  'http.auth.expired': means(
    () => t('The password or the account has expired. Set a new password, or use another account.'),
    STEPS.enterPassword,
    STEPS.editHost,
  ),
  'http.auth.kdc': means(
    () =>
      t(
        'No domain controller answers for Kerberos. Check the network, the name of the domain and /etc/krb5.conf.',
      ),
    STEPS.connect,
    STEPS.editHost,
  ),
  'http.auth.library': means(
    () => t('A library of the system that this login needs is missing.'),
    STEPS.showFindings,
    STEPS.editHost,
  ),
  'http.auth.locked': means(
    () => t('The account is locked or disabled. An administrator of the domain can enable it.'),
    STEPS.editHost,
  ),
  'http.auth.mechanism': means(
    () =>
      t('The host wants another login mechanism than the chosen one. The password was not sent.'),
    STEPS.editHost,
  ),
  'http.auth.noTicket': means(
    () => t('No valid Kerberos ticket. Run kinit, or enter a password.'),
    STEPS.enterPassword,
    STEPS.editHost,
  ),
  'http.auth.peer': means(
    () => t('The host could not prove its identity. No request was sent to it.'),
    STEPS.editHost,
  ),
  'http.auth.sealed': means(
    () => t('A message of the host was altered on its way, or is not sealed. It was discarded.'),
    STEPS.connect,
  ),
  'http.auth.spn': means(
    () =>
      t('The domain has no service with the name of this host. Use the full DNS name of the host.'),
    STEPS.editHost,
  ),
  'http.auth.system': means(
    () => t('The security library of this system cannot log in.'),
    STEPS.showFindings,
    STEPS.editHost,
  ),
  'http.auth.token': means(
    () => t('The host’s answer to the login is invalid.'),
    STEPS.showFindings,
    STEPS.editHost,
  ),
  'http.auth.unprotected': means(
    () => t('The login offers no sealed messages, which plain HTTP needs. Use an https address.'),
    STEPS.editHost,
  ),
  'http.unavailable': means(
    () => t('The service of the host does not take requests now. Try again later.'),
    STEPS.connect,
  ),
  'http.url': means(() => t('This is not the address of a host.'), STEPS.editHost),
  http: means(() => t('The host’s answer is not WS-Management.'), STEPS.editHost),

  'wsman.fault.accessDenied': means(
    () => t('The user may not do this on the host. Administrators and Hyper-V Administrators may.'),
    STEPS.editHost,
  ),
  'wsman.fault.noNamespace': means(() => t('The host has no Hyper-V role.'), STEPS.editHost),
  'wsman.fault.timedOut': means(() => t('The host took too long.'), STEPS.connect),
  'wsman.fault.busy': means(() => t('The host is busy.'), STEPS.connect),
  'wsman.fault.quota': means(() => t('The host is busy.'), STEPS.connect),
  'wsman.fault': means(() => t('The host refused the request.'), STEPS.showFindings),
  wsman: strangeAnswer,
  xml: strangeAnswer,
  'nbd.address': means(() => t('This is not the address of an NBD export on this computer.')),
  nbd: means(() => t('The disk cannot be exchanged over NBD.'), STEPS.showLog),
  ...SMB_MEANINGS,

  'host.vm.notFound': means(
    () => t('The VM is no longer on the host, or this user may not see it.'),
    STEPS.refresh,
  ),
  'host.vm.moved': means(
    () => t('The VM moved to another host during the backup. Back it up there.'),
    STEPS.refresh,
  ),
  'host.vm.ambiguous': means(() => t('Several VMs have this name.'), STEPS.refresh),
  'host.disk.notFound': means(() => t('The VM has no such disk any more.'), STEPS.refresh),
  'host.checkpoint.notFound': means(() => t('The checkpoint is gone.'), STEPS.refresh),
  'host.checkpoint.foreign': means(
    () => t('The checkpoint is in no ledger of yours: another product may be reading it.'),
    STEPS.refresh,
  ),
  'host.checkpoint.type': means(
    () => t('Only a backup checkpoint can become a reference point.'),
    STEPS.refresh,
  ),
  'host.referencePoint.notFound': means(() => t('The reference point is gone.'), STEPS.refresh),
  'host.referencePoint.foreign': means(
    () => t('The reference point is in no ledger of yours: another product may need it.'),
    STEPS.refresh,
  ),
  'host.unsupported': means(
    () => t('The host lacks a service that backups need.'),
    STEPS.showFindings,
  ),
  'host.rights': means(
    () => t('This user sees no Hyper-V services on the host.'),
    STEPS.showFindings,
    STEPS.editHost,
  ),
  'host.vmms': means(
    () => t('The Hyper-V service (vmms) does not run on the host.'),
    STEPS.connect,
  ),
  'host.value': strangeAnswer,
  'host.method': means(() => t('Hyper-V refused the call.'), STEPS.showFindings),
  'host.job': means(() => t('A job of Hyper-V failed.'), STEPS.cleanUp),
  'host.busy': means(
    () => t('The VM is busy. Wait until it is not, and try again.'),
    STEPS.refresh,
  ),
  'host.consistency': means(
    () => t('The guest could not be brought into a consistent state.'),
    STEPS.showFindings,
  ),
  'host.tracking': means(
    () => t('Change tracking does not go back that far: a full backup helps.'),
    STEPS.backUp,
  ),
  'host.unclear': means(
    () => t('Several new objects on the host fit what was asked for; none was touched.'),
    STEPS.cleanUp,
  ),
  'host.notRemoved': means(
    () => t('The host still lists what it should have removed.'),
    STEPS.cleanUp,
  ),
  'host.merge': means(() => t('The merge of a checkpoint does not go on.'), STEPS.showFindings),

  'trace.file': means(() => t('The recording cannot be opened or written.')),
  'trace.format': means(() => t('The file is not a recording that this version can read.')),
  'trace.notOpen': means(() => t('The recording was closed. Open it again.')),
  'trace.exchange': means(() => t('The recording does not have this exchange.')),
  'tracker.lied': means(
    () => t('What the change tracker said cannot be true: a full backup helps.'),
    STEPS.backUp,
  ),
  'tracker.refused': means(
    () => t('The change tracker does not answer: a full backup helps.'),
    STEPS.backUp,
  ),
  'plan.incremental': means(() => t('An incremental backup is not possible now.'), STEPS.backUp),
  'plan.disk': means(
    () => t('The VM has a disk that cannot be backed up.'),
    STEPS.leaveDiskOut,
    STEPS.showFindings,
  ),
  'plan.method': means(
    () => t('The disks of the VM cannot be read that way.'),
    STEPS.editHost,
    STEPS.showFindings,
  ),
  plan: means(() => t('There is nothing to back up.'), STEPS.refresh),
  'path.unmapped': means(
    () => t('This machine does not know where that folder of the host lies.'),
    STEPS.editHost,
  ),
  'path.missing': means(
    () => t('A folder of the host is mapped to a place that does not hold its disks.'),
    STEPS.editHost,
  ),
  'path.stale': means(
    () => t('The path map leads to an old copy of the disks, not to those that the VM uses.'),
    STEPS.editHost,
  ),
  path: means(() => t('A path cannot be used.'), STEPS.editHost),
  'parent.damaged': means(
    () => t('The point that this one builds on is damaged: a full backup helps.'),
    STEPS.verify,
    STEPS.backUp,
  ),
  'restore.exists': means(() => t('Files of the restore exist already.'), STEPS.restore),
  'restore.inStore': means(
    () => t('A restore into a store would mix its files with the points.'),
    STEPS.restore,
  ),
  'restore.space': means(
    () => t('There is not enough space in the folder of the restore.'),
    STEPS.restore,
  ),
  'restore.mismatch': means(
    () => t('What was restored is not what was recorded. It was not kept.'),
    STEPS.verify,
  ),
  'export.full': means(
    () => t('The host exported a disk in full: a full backup helps.'),
    STEPS.backUp,
  ),
  'export.refused': means(
    () => t('The host refused to export the changes: a full backup helps.'),
    STEPS.backUp,
  ),
  export: means(() => t('The host did not write the export.'), STEPS.editHost),

  'store.space': means(() => t('There is no space left in the store.'), STEPS.addStore),
  'store.location': means(
    () => t('This version opens no store at such an address.'),
    STEPS.addStore,
  ),
  'store.notFound': means(
    () => t('The store is not there. Was its folder moved, or is its drive missing?'),
    STEPS.addStore,
    STEPS.removeStore,
  ),
  'store.absent': means(
    () => t('The store is not at its place. Is its drive or share mounted?'),
    STEPS.addStore,
    STEPS.removeStore,
  ),
  'store.notStore': means(() => t('The folder is not empty and is not a store.'), STEPS.addStore),
  'store.version': means(() => t('A newer Refpoint made this store.'), STEPS.showEnvironment),
  'store.path': means(() => t('A path leads out of the store.'), STEPS.verify),
  'point.image': means(
    () => t('An image of the store is not the one that was recorded.'),
    STEPS.verify,
  ),
  store: means(() => t('A file of the store is missing or damaged.'), STEPS.verify),
  'lease.held': means(() => t('Another process is writing this VM’s points.'), STEPS.showJobs),
  'lease.lost': means(
    () => t('Another process has taken over this VM’s points. This run stopped.'),
    STEPS.showJobs,
  ),
  'manifest.version': means(() => t('A newer Refpoint made this point.'), STEPS.showEnvironment),
  'ledger.version': means(() => t('A newer Refpoint wrote this ledger.'), STEPS.showEnvironment),
  'hashes.version': means(() => t('A newer Refpoint made this point.'), STEPS.showEnvironment),
  'manifest.checksum': means(
    () => t('The record of a point was changed after it was written.'),
    STEPS.verify,
  ),
  manifest: damagedRecord,
  'ledger.damaged': means(
    () => t('The ledger of the VM is damaged: nothing tells which objects on the host are ours.'),
    STEPS.repairLedger,
    STEPS.verify,
  ),
  ledger: damagedRecord,
  hashes: damagedRecord,
  'vm.damaged': damagedRecord,
  vm: means(() => t('The store has no such VM.'), STEPS.refresh),
  point: means(() => t('The store has no such point.'), STEPS.refresh),
  chain: means(() => t('The chain of points is broken.'), STEPS.verify),

  'source.notFound': means(() => t('A file is not there.'), STEPS.refresh),
  'source.notFile': means(() => t('This is not a file.')),
  'source.exists': means(() => t('A file exists already.')),
  'source.denied': means(() => t('Access to a file is denied.'), STEPS.showEnvironment),
  'source.full': means(() => t('There is no space left on the drive.'), STEPS.addStore),
  'source.busy': means(() => t('A file is in use by another program.')),
  source: means(() => t('A file cannot be read or written.')),
  'disk.identity': means(
    () => t('The file is not the disk that the host reports.'),
    STEPS.editHost,
  ),
  'disk.ambiguous': means(() => t('Several disks have this name: name the slot.'), STEPS.refresh),
  'disk.changed': means(
    () => t('The disk of the VM is not the one that the last point holds: a full backup helps.'),
    STEPS.backUp,
  ),
  'disk.format': means(() => t('The file is not a disk image.')),
  'disk.unsupported': unreadImage,
  'disk.parent.missing': means(() => t('The parent of the disk image was not found.')),
  'disk.source.changed': means(() => t('The disk image changed while it was read.')),
  'disk.target.source': means(() => t('The new file would replace its own source.')),
  'disk.edit': means(() => t('The disk image cannot be changed in place.')),
  'disk.rebase': means(() => t('The new parent has other contents.')),
  'disk.repair': means(() => t('The repair of the disk image, or its undo, was refused.')),
  'disk.write': means(() => t('The disk image cannot be written.')),
  disk: means(() => t('The disk image cannot be read.'), STEPS.verify),
  'vhdx.signature': means(() => t('The file is not a VHDX.')),
  'vhdx.write': means(() => t('The disk image cannot be written.')),
  'vhdx.merge': means(() => t('Parent and child do not fit.')),
  vhdx: damagedImage,
  'vhd.write': means(() => t('The disk image cannot be written.')),
  vhd: damagedImage,
  'qcow2.signature': means(() => t('The file is not a qcow2 image.')),
  'qcow2.version': unreadImage,
  'qcow2.feature': unreadImage,
  'qcow2.encrypted': means(() => t('The disk image is encrypted.')),
  'qcow2.dataFile': unreadImage,
  'qcow2.backing.outside': means(() =>
    t('The backing file of the disk image is not in or below its folder.'),
  ),
  'qcow2.write': means(() => t('The disk image cannot be written.')),
  qcow2: damagedImage,
  bytes: damagedImage,
  range: means(() => t('Invalid byte range.')),
  guid: means(() => t('Invalid ID.')),
  anatomy: means(() => t('The file is not open any more. Open it again.')),
  'map.notOpen': means(() => t('The map is not open any more. Open it again.')),
  'map.tooMany': means(() => t('There are more ranges than a map holds.')),
  'map.csv': means(() => t('The file holds no ranges.')),
  'map.between': means(() => t('The two points cannot be compared.')),
  'map.kept': means(() => t('The kept ranges are gone. Query the changes again.')),
  map: means(() => t('The map cannot be shown.')),

  'job.input': means(() => t('The job could not be started.')),
  'job.leftovers': means(
    () =>
      t('The job was cancelled, and something of it is left: the next run or Clean Up removes it.'),
    STEPS.cleanUp,
  ),
  'job.start': means(() => t('The job could not be started.'), STEPS.showEnvironment),
  'job.silent': means(() => t('The job ended before it said anything.')),
  job: means(
    () => t('The job is not there any more, or cannot be changed from here.'),
    STEPS.showJobs,
  ),

  'lab.locked': means(() => t('The lab host is in use by another process.'), STEPS.startLab),
  'lab.notFound': means(() => t('The lab host does not run.'), STEPS.startLab),
  'lab.notRunning': means(() => t('The lab host does not run.'), STEPS.startLab),
  'lab.control': means(() => t('The lab host does not answer.'), STEPS.startLab),
  'lab.port': means(() => t('Another program has the port of the lab host.'), STEPS.startLab),
  'lab.vm.exists': means(() => t('The lab has a VM of this name.'), STEPS.addLabVm),
  lab: means(() => t('The lab host refused.'), STEPS.refresh),

  'view.unknownStore': means(
    () => t('The page is about a store that is not in your list.'),
    STEPS.addStore,
  ),
  'view.caFile': means(
    () => t('The file of the certificate authority cannot be read.'),
    STEPS.editHost,
  ),
  'view.notFile': means(() => t('The file is not on a file system of this computer.')),

  'engine.start': means(() => t('The engine did not start.'), STEPS.refresh, STEPS.showEnvironment),
  'engine.crashing': means(
    () => t('The engine ended several times in a row. It can be started again in a minute.'),
    STEPS.showEnvironment,
  ),
  'engine.stopped': means(() => t('The editor is closing.')),
  engine: means(() => t('The engine ended while it worked on this.'), STEPS.refresh),
  usage: means(() => t('The command was not understood. This is a fault of Refpoint.')),
  'credential.file': means(() => t('The file with the password cannot be used.')),
  interrupted: means(() => t('The engine ended while it worked on this.'), STEPS.refresh),
  output: means(() => t('A file cannot be read or written.')),
  'not-yet': means(() => t('Refpoint cannot do this yet.')),
  demo: means(() => t('The demonstration did not prove what it should.')),
  internal: means(() => t('Something went wrong in Refpoint itself.')),
} satisfies Readonly<Record<string, ErrorMeaning>>;

/** A code, and each row of words that it begins with: `a`, `a.b` and `a.b.c` of `a.b.c`. */
type Beginnings<Code extends string> = Code extends `${infer Head}.${infer Rest}`
  ? Head | `${Head}.${Beginnings<Rest>}`
  : Code;

/** Codes of the engine that no row of the table fits. */
type Unexplained = {
  [Code in ErrorCode]: Extract<Beginnings<Code>, keyof typeof MEANINGS> extends never
    ? Code
    : never;
}[ErrorCode];

/** Does not compile if a code of the engine has no meaning here; the message names it. */
type Exhaustive<Missing extends never> = [Missing] extends [never]
  ? Readonly<Record<string, ErrorMeaning>>
  : never;

export const ERROR_MEANINGS: Exhaustive<Unexplained> = MEANINGS;
