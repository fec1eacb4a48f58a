import { labError } from './lab-errors.ts';

/** Faults on demand and their effects. `VALUE` is milliseconds, a code or a count, as described. */
export const FAULTS = {
  'job.fail': 'The next job ends with an exception; VALUE is its ErrorCode (32768).',
  'job.slow': 'Each job takes VALUE milliseconds longer (5000).',
  'job.none': 'Methods do their work at once and answer 0 where they usually start a job.',
  'job.more':
    'Methods of the image service answer 4096 first; repeated after the job, they answer as usual.',
  'job.hold': 'Jobs do not begin their work until this is cleared.',
  'state.invalid': 'Methods that change something answer 32775 (invalid state).',
  'access.denied': 'Every request is rejected with AccessDenied.',
  'connection.before': 'The connection is closed before the request is carried out.',
  'connection.after': 'The request is carried out, and the connection is closed before the answer.',
  'answer.hold':
    'The answer is delayed by VALUE milliseconds (3600000) after the request was carried out.',
  'answer.timeout': 'Requests answer with the fault TimedOut.',
  'answer.large': 'The answer is VALUE bytes (1) larger than the envelope that the client accepts.',
  'answer.limit': 'Requests answer with the fault EncodingLimit, as if the answer were too large.',
  'request.tooLarge': 'Requests are rejected with HTTP 413.',
  'enumeration.expired': 'The next Pull finds its context expired.',
  'answer.quota': 'Requests are rejected with the fault QuotaLimit before they are carried out.',
  'answer.unavailable': 'Requests are rejected with HTTP 503.',
  unauthorized:
    'The next request gets a 401 whatever its password: the host has forgotten the login.',
  'answer.slow': 'Answers come VALUE milliseconds later (3000).',
  'answer.fault': 'Requests answer with the fault InternalError, sealed like any other answer.',
  'sealed.garbage': 'The body of a sealed answer is random bytes.',
  'sealed.altered': 'One bit of a sealed answer is changed.',
  'sealed.plain': 'A sealed request is answered in plain text.',
  'sealed.replayed': 'A sealed request is answered with the sealed answer before.',
  'account.locked': 'Logins are refused: the account is locked.',
  'ntlm.disabled': 'NTLM logins are refused, as a policy of Windows can set.',
  'cluster.silent': 'The guest cluster does not answer when it is asked about shared disks.',
  'cluster.csv': 'A shared disk is a cluster shared volume in the guest.',
  'cluster.owners': 'Shared disks have VALUE owners (2) in the guest cluster.',
  'tracker.drop': 'The tracker omits every second changed range.',
  'tracker.repeat': 'The tracker reports every range twice.',
  'tracker.overlap': 'The tracker reports overlapping ranges.',
  'tracker.overshoot': 'The last range ends 4096 bytes past the disk.',
  'tracker.beyond': 'One range starts at the end of the disk.',
  'tracker.short':
    'ProcessedByteLength is half of the requested length; ranges behind it are not reported.',
  'tracker.shorten': 'ProcessedByteLength is smaller than what the ranges cover.',
  'tracker.stall': 'ProcessedByteLength is 0.',
  'tracker.error': 'GetVirtualDiskChanges fails; VALUE is the return value (32768).',
  'tracker.async':
    'GetVirtualDiskChanges returns 4096 first; repeated after the job, it returns the ranges.',
  'tracker.limit': 'Queries for more than VALUE bytes (1073741824) are rejected with 32773.',
  'destroy.ignored': 'Destroying a checkpoint or a reference point succeeds without effect.',
  'merge.stuck': 'Merges after a checkpoint do not start; the VM shows as idle.',
  'merge.queued': 'Merges wait for VALUE milliseconds (5000) in a queue; the VM shows as idle.',
  'merge.left': 'A merge ends and leaves the AVHDX attached; the VM shows as idle.',
  'merge.settings': 'Reading the merge settings fails with an internal error.',
  'associators.fail': 'ASSOCIATORS OF a job fails with an internal error.',
  'merge.slow': 'A merge takes VALUE milliseconds longer (2000).',
  'consistency.fail': 'Application-consistent checkpoints fail.',
  'export.fail': 'Exports fail half-way.',
  'export.full': 'Differential exports ignore their base and are written in full.',
  'export.base': 'Differential exports fail: the change tracking id is invalid (0xC03A0029).',
  'smb.drop': 'The file server closes the connection before it carries out a request.',
  'smb.lost': 'The file server carries out a request and closes the connection before it answers.',
  'smb.pending':
    'The file server answers that the answer comes later; it comes after VALUE ms (3000).',
  'smb.credits': 'A client of the file server has at most VALUE credits (1).',
  'smb.space':
    'The volume of the file server has VALUE free bytes (0): a write that needs more of them fails.',
  'smb.expired':
    'The session of the next file request has expired: the client has to log in again.',
  'smb.altered': 'One bit of the protection of an answer of the file server is changed.',
  'smb.plain': 'An answer of the file server is neither signed nor encrypted.',
  'smb.guest': 'The file server answers a login as if it were one of a guest.',
  'rsvd.v1': 'The file server speaks version 1 of RSVD: shared VHDX only.',
  'rsvd.target':
    'Contexts with which a snapshot can be read: VALUE is alone (the attribute) or both (either).',
  'rsvd.filetime': 'Creation times of snapshots are FILETIMEs, not milliseconds since 1970.',
  'rsvd.noReference': 'Deleting a VM snapshot with PersistReference is refused.',
  'rsvd.strictLog': 'CHANGE_TRACKING_START with the name of a log file is refused.',
  'rsvd.longReply': 'The answer to CreateSnapshot of a VM snapshot has four bytes.',
  'rsvd.writeAccess': 'Opens of shared disks without the right to write are refused.',
  'rsvd.unit': 'Changed ranges are extended to units of VALUE bytes (1048576).',
  'rsvd.wide': 'Changed ranges may exceed the queried region.',
  'rsvd.parts': 'A change query for the whole disk is refused.',
  'rsvd.unaligned': 'Unaligned reads of shared disks are served.',
  'rsvd.ownQuery': 'The support query needs an open of a shared disk.',
  'rsvd.ownShare': 'Only a scale-out share has shared disks, not every share of its server.',
  'rsvd.noSnapshotScsi': 'An open of a snapshot accepts no SCSI command.',
  'rsvd.lba':
    'GET LBA STATUS of a snapshot lies: VALUE hidden (all is deallocated), gap (rows leave a block out), thick (deallocated blocks may hold anything).',
  'rsvd.stall': 'ProcessedByteLength of a change query is 0.',
  'rsvd.short': 'ProcessedByteLength is at most VALUE bytes (4096).',
  'rsvd.over': 'ProcessedByteLength is 4096 more than requested.',
  'rsvd.beyond': 'A change query returns a range at the end of the disk.',
  'rsvd.overshoot': 'The last changed range ends 4096 bytes past the disk.',
  'rsvd.endless': 'Lists of snapshots count VALUE snapshots (1000000) and never list them.',
  'rsvd.sense': 'A read or write of a shared disk fails; VALUE is its sense key (3).',
  'rsvd.senseLost': 'The server has no sense data for a failed read or write.',
  'rsvd.attention': 'A read or write meets a unit attention; VALUE is its number (1) of 1 to 6.',
  'rsvd.reserved': 'A read or write meets a reservation of another host.',
  'rsvd.shortRead': 'A read of a shared disk returns at most VALUE bytes (512).',
  'rsvd.pending': 'Meta operations answer PENDING first and take VALUE milliseconds (200).',
  'rsvd.fail': 'A meta operation fails; VALUE is its status (0xC0000001).',
  'virtdisk.code': 'A call of the virtual disk API fails; VALUE is CALL:CODE (changes:0xC03A002A).',
  'virtdisk.hang':
    'Calls of the virtual disk API do not return; VALUE is the call (any): open, info, set, changes, attach, detach, path, create.',
  'virtdisk.exit':
    'The process of a caller of the virtual disk API ends in the call; VALUE is the call (any).',
  'virtdisk.reads': 'Reads of disks that are opened from now on do not complete.',
  'virtdisk.bytes':
    'One bit is wrong in the bytes of attached disks: at offset VALUE, or in each MiB of data.',
  'virtdisk.drop': 'QueryChangesVirtualDisk omits every second changed range.',
  'virtdisk.add':
    'QueryChangesVirtualDisk reports the VALUE bytes (65536) at its offset as changed.',
  'virtdisk.short': 'QueryChangesVirtualDisk returns at most VALUE ranges (1).',
  'virtdisk.stall': 'QueryChangesVirtualDisk processes nothing.',
  'virtdisk.overfull':
    'QueryChangesVirtualDisk fills VALUE ranges (1) more than there was room for.',
  'virtdisk.endless': 'The most recent change tracking id needs more room than any that is given.',
  'vss.step':
    'A step of VSS fails; VALUE is STEP:HRESULT (any:0x800423F4): open, identify, begin, addVolume, prepare, create, expose, report, complete, delete, preRestore, postRestore.',
  'vss.writer':
    'The Hyper-V writer fails at an event; VALUE is EVENT:HRESULT (any:0x800423F4): identify, prepareBackup, prepareSnapshot, freeze, thaw, postSnapshot, backupComplete, preRestore, postRestore.',
  'vss.hold': 'The step VALUE of VSS does not end until this is cleared.',
  'vss.killed':
    'diskshadow ends at once if its program is ended; without this fault the service runs its script to the end.',
  'vss.inProgress': 'Another program is making a shadow copy set when one is started.',
  'vss.foreign': 'Another program makes a shadow copy while a set is being made.',
  'vss.leftOut': 'The Hyper-V writer has no component for the VM VALUE (every VM).',
  'vss.saved': 'The Hyper-V writer saves the VM VALUE (every VM) and resumes it.',
  'vss.full': 'The shadow copies of a set vanish VALUE ms (0) after it was made.',
  'vss.autoRecovery':
    'Disks in a set have the form of 2012 R2: VALUE is beside (the disk stays) or missing.',
  'vss.cut': 'The output of diskshadow ends after VALUE bytes (200).',
  'vss.noWriters': 'No writer takes part in the sets that diskshadow makes.',
  'rct.lost': 'Reference points carry no RCT ids.',
  'rct.permuted': 'The RCT ids of reference points stand in another order than their disks.',
  'rct.missing': 'The last disk of each reference point has an empty RCT id.',
  'vm.moved':
    'At the next request the VM VALUE (every VM) moves to another node, with its checkpoints; lab move-vm moves it back.',
  'vmms.stopped':
    'The namespace has no services and no VMs; methods fail: the RPC server is unavailable.',
  'rights.missing': 'Enumerations of Hyper-V classes are empty, without an error.',
  'host.rebooting':
    'From the next request on, connections are closed for VALUE milliseconds (5000); jobs are gone.',
  'host.crash': 'The lab process crashes at the next request that changes something.',
} as const;

export type FaultName = keyof typeof FAULTS;

export interface ActiveFault {
  readonly name: FaultName;
  readonly value: string | null;
  /** Number of remaining occurrences; null: until cleared. */
  readonly times: number | null;
  /** Number of the exchange with which the fault begins; 0: it is on since it was set. */
  readonly at: number;
}

/**
 * The fault switches. A fault occurs if it is on when the lab checks it. A fault that begins with a
 * later exchange is off until then; exchanges are WS-Management requests of logged-in clients.
 */
export class FaultSwitches {
  readonly #active = new Map<FaultName, ActiveFault>();
  /** Number of the exchange at which each fault occurred first. */
  readonly #occurred = new Map<FaultName, number>();
  #exchanges = 0;

  /** @param at 1: begins with the next exchange, 2: with the one after it; null: at once. */
  set(name: string, value: string | null, times: number | null, at: number | null = null): void {
    if (!Object.hasOwn(FAULTS, name)) {
      throw labError('lab.fault.unknown', `There is no fault “${name}”; see lab fault --list`, {
        data: { found: name, expected: Object.keys(FAULTS) },
      });
    }
    const known = name as FaultName;
    const begins = at === null ? 0 : this.#exchanges + at;
    this.#active.set(known, { name: known, value, times, at: begins });
  }

  /** Switches all faults off and forgets which occurred. The number of exchanges stays. */
  clear(): void {
    this.#active.clear();
    this.#occurred.clear();
  }

  clearOne(name: FaultName): void {
    this.#active.delete(name);
  }

  list(): readonly ActiveFault[] {
    return [...this.#active.values()];
  }

  /** Number of exchanges since the lab was started. */
  get exchanges(): number {
    return this.#exchanges;
  }

  /** Faults that have occurred, with the number of the exchange at which each occurred first. */
  get occurred(): Readonly<Partial<Record<FaultName, number>>> {
    return Object.fromEntries(this.#occurred);
  }

  /** Counts an exchange, before anything of it is done. */
  beginExchange(): void {
    this.#exchanges++;
  }

  /** Whether a fault is on, without counting an occurrence: for what is shown, not done. */
  isOn(name: FaultName): boolean {
    return this.#begun(name) !== undefined;
  }

  /** Returns the fault if it is on, and counts an occurrence. */
  strike(name: FaultName): ActiveFault | undefined {
    const fault = this.#begun(name);
    if (fault === undefined) return undefined;
    if (fault.times !== null) {
      if (fault.times <= 1) this.#active.delete(name);
      else this.#active.set(name, { ...fault, times: fault.times - 1 });
    }
    return fault;
  }

  /**
   * Returns the fault's number, or `otherwise` if it has no number; undefined if it is off. Counts an
   * occurrence.
   */
  number(name: FaultName, otherwise: number): number | undefined {
    const fault = this.strike(name);
    if (fault === undefined) return undefined;
    const value = Number(fault.value ?? otherwise);
    return Number.isFinite(value) ? value : otherwise;
  }

  #begun(name: FaultName): ActiveFault | undefined {
    const fault = this.#active.get(name);
    if (fault === undefined || fault.at > this.#exchanges) return undefined;
    if (!this.#occurred.has(name)) this.#occurred.set(name, this.#exchanges);
    return fault;
  }
}
