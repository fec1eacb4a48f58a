import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { BackupOptions } from '../../api/backup.ts';
import type { HostTarget } from '../../api/host.ts';
import type { DiskRecord } from '../../backup/manifest/manifest.ts';
import { runJob } from '../../jobs/run/run-job.ts';
import { restorePoint } from '../../backup/restore/restore.ts';
import { pointSizes } from '../../backup/manifest/point-sizes.ts';
import type { BackupResult } from '../../backup/run/run-backup.ts';
import { DirectoryStore } from '../../backup/store/directory/directory-store.ts';
import { verifyPoints } from '../../backup/verify/verify.ts';
import { parseGuid, type Guid } from '../../base/guid.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { fromStartLength } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import { compareDisks } from '../../disk/tools/disk-compare.ts';
import { hashDisk } from '../../disk/tools/disk-hash.ts';
import { openDisk } from '../../disk/chain/open-disk.ts';
import { askLab } from '../../lab/control/lab-client.ts';
import type { LabOperations, OperationName } from '../../lab/control/operations.ts';
import { HostPaths } from '../../lab/files/host-paths.ts';
import { connectTarget } from '../../hosts/connect-target.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { queryChanges } from '../../operations/vm/query-changes.ts';
import { cliError } from '../contract/cli-errors.ts';
import type { Context } from '../contract/command.ts';
import { drawChangeMap } from '../terminal/change-map.ts';
import type { DemoLab } from './demo-lab.ts';

/** The document of `demo`. */
export interface DemoFacts {
  readonly proven: boolean;
  readonly virtualSize: number;
  readonly full: DemoPoint;
  readonly incremental: DemoPoint;
  readonly changed: { readonly ranges: number; readonly bytes: number };
  readonly verified: boolean;
  readonly kept: string | null;
}

interface DemoPoint {
  readonly point: string;
  readonly readBytes: number;
  readonly storedBytes: number;
  readonly fileBytes: number;
  readonly seconds: number;
  /** SHA-256 of the VM's disk at that moment, and of the restored disk. */
  readonly sha256: string;
  readonly restoredSha256: string;
  readonly identical: boolean;
}

const VM_NAME = 'demo';
const OPTIONS: BackupOptions = {
  kind: 'auto',
  method: 'file',
  consistency: 'default',
  guestBackup: 'copy',
  checkTracker: 'sample',
  maxChain: 60,
  pathMap: [],
  exportDirectory: null,
  excludeDisks: [],
};

/** The steps of the demo and the text that it prints about them. */
export class DemoStory {
  readonly #context: Context;
  readonly #folder: string;
  readonly #keep: boolean;

  constructor(context: Context, folder: string, keep: boolean) {
    this.#context = context;
    this.#folder = folder;
    this.#keep = keep;
  }

  say(text: string): void {
    if (!this.#context.json) this.#context.print(undefined, () => text);
  }

  async tell(image: string, lab: DemoLab): Promise<DemoFacts> {
    const { signal } = this.#context;
    const { line } = lab;
    this.say(`Lab host ${line.http} (an emulated Hyper-V host on this machine).`);
    const vm = await this.#ask('add-vm', { name: VM_NAME, disks: [{ image }] });
    const target: HostTarget = {
      url: line.http,
      authentication: 'basic',
      user: line.user,
      password: lab.password,
      ntlmFallback: false,
      clientCertificate: null,
      fingerprint: null,
      ca: null,
      timeoutSeconds: 60,
    };
    const host = connectTarget(target, this.#context.log, this.#context.trace);
    try {
      const store = await DirectoryStore.open(
        path.join(this.#folder, 'store'),
        { create: true },
        signal,
      );
      const pathMap = Object.entries(line.pathMap).map(([from, to]) => ({ host: from, local: to }));
      const options = { ...OPTIONS, pathMap };
      const vmId = parseGuid(vm.id);

      const state1 = await this.#recordState();
      const full = await this.#backup(target, store, vmId, options, 'Full backup');
      await this.#guestWrites(vm.disks[0]?.virtualSize ?? 0);
      const state2 = await this.#recordState();
      const changed = await this.#showChanges(host, full);
      const incremental = await this.#backup(target, store, vmId, options, 'Incremental backup');
      this.say('');
      const one = await this.#prove(store, vmId, full, state1, undefined, 'the full');
      // The VM has not written since, so the restored disk can be compared with its own disk, byte
      // by byte.
      const now = await this.#fileOfStoppedVm();
      const two = await this.#prove(store, vmId, incremental, state2, now, 'the incremental');
      const verdicts = await verifyPoints(
        store,
        vmId,
        { point: undefined, quick: false },
        this.#context.progress,
        signal,
      );
      const verified = verdicts.every((each) => each.ok);
      this.say(`Store verified, every hash: ${verified ? 'ok' : 'DAMAGED'}.`);
      // The proof is worthless unless the guest changed its disk in between.
      const meant = incremental.manifest.kind === 'incr' && changed.bytes > 0 && state1 !== state2;
      const proven = one.identical && two.identical && verified && meant;
      this.say(
        proven
          ? '\nProven: both restored disks are identical to the VM’s disk, byte for byte.'
          : '\nNOT PROVEN.',
      );
      this.#sayKept(line.http);
      return {
        proven,
        virtualSize: vm.disks[0]?.virtualSize ?? 0,
        full: one,
        incremental: two,
        changed,
        verified,
        kept: this.#keep ? this.#folder : null,
      };
    } finally {
      await host.close();
    }
  }

  /**
   * Returns the SHA-256 of the VM's current disk, read from the lab's own file without any code of
   * backup or restore.
   */
  async #recordState(): Promise<string> {
    return (await this.#ask('hash', { vm: VM_NAME, disk: 0 })).hash;
  }

  /** Returns the path of the VM's own file, which can be opened once the VM is off. */
  async #fileOfStoppedVm(): Promise<string> {
    await this.#ask('set-state', { vm: VM_NAME, state: 'off' });
    const [vm] = await this.#ask('list', {});
    const paths = new HostPaths(path.join(this.#folder, 'lab'));
    return paths.toLocal(vm?.disks[0]?.path ?? '') ?? '';
  }

  async #backup(
    target: HostTarget,
    store: DirectoryStore,
    vmId: Guid,
    options: BackupOptions,
    title: string,
  ): Promise<BackupResult> {
    const { progress, log, trace, signal } = this.#context;
    // A user's folder of its own: the demo is nothing that the person's windows should list.
    const home = path.join(this.#folder, 'home');
    const at = { host: target.url, vm: vmId, store: store.location };
    const spec = { kind: 'backup', ...at, options } as const;
    const input = { version: 1, id: randomUUID(), title: VM_NAME, spec, target } as const;
    const terminal = { log, progress, trace, mayMakeStore: false };
    const end = await runJob<'backup'>(input, home, { terminal }, signal);
    if (end === undefined) throw cliError('interrupted', 'The backup was cancelled');
    const result = end.found;
    const { disks, reason } = result.manifest;
    const read = sum(disks, 'readBytes');
    const { changedBytes, writtenBytes, fileBytes } = pointSizes(disks);
    const changed = changedBytes === null ? '' : `${formatBytes(changedBytes)} changed, `;
    const speed = formatBytes(read / Math.max(0.001, result.dataSeconds));
    this.say(
      `${title}: ${result.manifest.id}\n  ${reason.text} ${changed}${formatBytes(read)} read, ${formatBytes(writtenBytes)} stored in files of ${formatBytes(fileBytes)}, ${speed}/s; ${result.seconds.toFixed(1)} s with checkpoint and merge.`,
    );
    return result;
  }

  async #guestWrites(size: number): Promise<void> {
    const written = await this.#ask('write-random', {
      vm: VM_NAME,
      disk: 0,
      count: 60,
      seed: 'demo',
      length: null,
    });
    // Some of the old data is also zeroed: zeros of the increment must hide the data of the full
    // backup.
    const start = Math.floor(size / 512 / 2) * 512;
    const zeros = Buffer.alloc(Math.min(3 * 2 ** 20, Math.max(0, size - start - 512)));
    const base64 = zeros.toString('base64');
    await this.#ask('write-bytes', { vm: VM_NAME, disk: 0, offset: start, base64 });
    this.say(
      `The guest wrote ${written.writes} times, ${formatBytes(written.bytes)}, and zeroed ${formatBytes(zeros.length)}.`,
    );
  }

  async #showChanges(
    host: HypervBackupHost,
    full: BackupResult,
  ): Promise<{ ranges: number; bytes: number }> {
    const { signal, io } = this.#context;
    const since = { referencePoint: full.manifest.referencePoint?.id ?? '' };
    const changes = await queryChanges(host, { vm: VM_NAME, disk: '0', since }, signal);
    const changed = RangeSet.of(changes.ranges.map(fromStartLength));
    const allocated = await this.#allocated(
      full.manifest.disks[0],
      full.manifest.id,
      full.manifest.vm.id,
    );
    const drawing = { columns: io.columns, rows: 6, ascii: io.env['TERM'] === 'dumb' };
    this.say(
      `\nChanged since the reference point: ${changes.ranges.length} ranges, ${formatBytes(changes.changedBytes)} of ${formatBytes(changes.virtualSize)}\n${drawChangeMap(changes.virtualSize, changed, allocated, drawing)}\n`,
    );
    return { ranges: changes.ranges.length, bytes: changes.changedBytes };
  }

  /** Returns the ranges that the full backup's image stores. */
  async #allocated(disk: DiskRecord | undefined, pointId: string, vmId: string): Promise<RangeSet> {
    if (disk === undefined) return RangeSet.empty;
    const { signal } = this.#context;
    const file = path.join(this.#folder, 'store', vmId, pointId, disk.file);
    const opened = await openDisk(file, {}, signal);
    try {
      const parts = [];
      for await (const extent of opened.disk.extents({ start: 0, end: opened.disk.size }, signal)) {
        if (extent.kind === 'data')
          parts.push({ start: extent.start, end: extent.start + extent.length });
      }
      return RangeSet.of(parts);
    } finally {
      await opened.disk.close();
    }
  }

  async #prove(
    store: DirectoryStore,
    vmId: Guid,
    { manifest, seconds }: BackupResult,
    sha256: string,
    compareWith: string | undefined,
    what: string,
  ): Promise<DemoPoint> {
    const { progress, signal } = this.#context;
    const to = path.join(this.#folder, `restored-${manifest.kind}`);
    const options = {
      vmId,
      point: manifest.id,
      disks: [],
      to,
      format: 'vhdx',
      force: false,
    } as const;
    const restored = await restorePoint(store, options, progress, signal);
    const file = restored.disks[0]?.file ?? '';
    const restoredSha256 = await this.#hash(file);
    const same = compareWith === undefined || (await this.#compare(file, compareWith));
    const identical = same && restoredSha256 === sha256;
    this.say(
      `Restored ${what}: ${identical ? 'identical' : 'DIFFERENT'}\n  VM        ${sha256}\n  restored  ${restoredSha256}`,
    );
    return {
      point: manifest.id,
      readBytes: sum(manifest.disks, 'readBytes'),
      storedBytes: pointSizes(manifest.disks).writtenBytes,
      fileBytes: pointSizes(manifest.disks).fileBytes,
      seconds,
      sha256,
      restoredSha256,
      identical,
    };
  }

  async #hash(file: string): Promise<string> {
    const { progress, signal } = this.#context;
    const opened = await openDisk(file, {}, signal);
    try {
      return (await hashDisk(opened.disk, progress, signal)).hash;
    } finally {
      await opened.disk.close();
    }
  }

  async #compare(a: string, b: string): Promise<boolean> {
    const { progress, signal } = this.#context;
    const one = await openDisk(a, {}, signal);
    const two = await openDisk(b, {}, signal);
    try {
      return (await compareDisks(one.disk, two.disk, { strict: true }, progress, signal)).equal;
    } finally {
      await one.disk.close();
      await two.disk.close();
    }
  }

  #sayKept(http: string): void {
    if (!this.#keep) return;
    const at = (name: string): string => path.join(this.#folder, name);
    this.say(
      [
        '',
        `Everything is in ${this.#folder}. To continue:`,
        `  refpoint store show --store "${at('store')}"`,
        `  refpoint lab start --dir "${at('lab')}"      (it serves at ${http} again)`,
      ].join('\n'),
    );
  }

  #ask<Name extends OperationName>(
    name: Name,
    params: LabOperations[Name]['params'],
  ): Promise<LabOperations[Name]['result']> {
    const { progress, signal } = this.#context;
    return askLab(path.join(this.#folder, 'lab'), name, params, progress, signal);
  }
}

function sum(disks: readonly DiskRecord[], field: 'readBytes'): number {
  return disks.reduce((total, disk) => total + disk[field], 0);
}
