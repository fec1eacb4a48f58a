import { isEngineError } from '../../base/errors.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import type { Guid } from '../../base/guid.ts';
import type { NewImageParent } from '../../disk/vhdx/structures/image-head.ts';
import { chooseBlockSize, incrementBlockSize } from '../../disk/vhdx/structures/block-size.ts';
import { VhdxWriter } from '../../disk/vhdx/write/vhdx-writer.ts';
import type { PartWriter } from '../../source/byte-source.ts';
import { portableFileName } from '../../source/platform/path-flavour.ts';
import type { OpenedDisk } from '../../disk/chain/open-disk.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import type { TrackedChanges } from '../changes/ask-changes.ts';
import { backupError } from '../errors/backup-errors.ts';
import { copyDisk } from '../images/copy-disk.ts';
import { HASHES_V2 } from '../hashes/hash-format.ts';
import { HashTreeWriter } from '../hashes/hash-tree-writer.ts';
import type { HostDisk } from '../host/host.ts';
import type { DiskRecord } from '../manifest/manifest.ts';
import { parentLinkOf } from '../points/parent-link.ts';
import type { DiskPlan } from '../plan/plan-backup.ts';
import { diskDifference } from '../select/same-disk.ts';
import { changedSource, fullSource, type HostDiskSource } from '../read/source/host-disk-source.ts';
import { imageShape } from '../read/source/image-shape.ts';
import { requireRoom } from '../room/require-room.ts';
import type { RunDeps, RunWarning } from '../context/run-context.ts';
import { openStoredDisk, parentDamage, type StoredDisk } from '../images/stored-disk.ts';
import { pointFolder } from '../store/contract/layout.ts';
import type { ChainLink } from '../points/point-chain.ts';
import { checkTracker, type TrackerCheckMode } from '../tracker/check-tracker.ts';

/** What a disk's backup is made from. */
export interface DiskTask {
  readonly plan: DiskPlan;
  /** The disk in the checkpoint. */
  readonly frozen: HostDisk;
  /** As `vm show` numbers the disk now. */
  readonly number: number;
  /** Number of the slot in file names. */
  readonly fileNumber: number;
  readonly vmId: Guid;
  readonly pointId: string;
  /** Images of the parent, newest first; empty for a full. */
  readonly parents: readonly ChainLink[];
  readonly checkTracker: TrackerCheckMode;
  /** Opens the whole disk as the checkpoint holds it. */
  openWhole(signal: AbortSignal): Promise<OpenedDisk>;
  /** Opens the frozen file itself, also if the data comes from an export. */
  openFrozen(signal: AbortSignal): Promise<OpenedDisk>;
  /** What an increment reads: an export of just that, or what the tracker named. A full has neither. */
  readonly delta:
    | { readonly open: (signal: AbortSignal) => Promise<HostDiskSource> }
    | TrackedChanges
    | undefined;
}

export interface DiskResult {
  readonly record: DiskRecord;
  readonly warnings: readonly RunWarning[];
  /** What the check of the tracker came to; null if there was none. */
  readonly check: Awaited<ReturnType<typeof checkTracker>> | null;
}

/** Backs up one disk into the point's folder. An increment that fails leaves no file there. */
export function backupDisk(
  deps: RunDeps,
  task: DiskTask,
  signal: AbortSignal,
): Promise<DiskResult> {
  return task.plan.base === null
    ? backupFull(deps, task, signal)
    : backupIncrement(deps, task, signal);
}

async function backupFull(deps: RunDeps, task: DiskTask, signal: AbortSignal): Promise<DiskResult> {
  const source = await fullSource(await task.openWhole(signal), signal);
  try {
    const files = fileNames(task, 'vhdx');
    deps.progress.phase(`Disk ${task.number}: full`, source.bytes, source.size);
    const shape = imageShape(task.frozen, source, chooseBlockSize);
    const format = HASHES_V2;
    const room = { source, shape, format, kind: 'full', changesBytes: 0 } as const;
    const warnings = await requireRoom(deps.store, room, signal);
    const folder = pointFolder(task.vmId, task.pointId);
    const parts = await createParts(deps, folder, files, signal);
    const hashes = HashTreeWriter.begin(parts.hashes, source.size, format, null);
    try {
      const writer = new VhdxWriter(parts.image, shape);
      const copied = await copyDisk(source, writer, hashes, null, deps.progress, signal);
      const image = await writer.complete(signal);
      const tree = await hashes.finish(signal);
      const hashUnit = hashes.shape.format.unit;
      const result = { image, hashUnit, tree, files, source, copied };
      return { record: recordOf(task, 'full', result, null), warnings, check: null };
    } catch (error) {
      await abandon(parts);
      throw error;
    }
  } finally {
    await source.close();
  }
}

async function backupIncrement(
  deps: RunDeps,
  task: DiskTask,
  signal: AbortSignal,
): Promise<DiskResult> {
  const { delta } = task;
  if (delta === undefined) throw new Error('An increment reads an export or named ranges');
  const changes = 'open' in delta ? undefined : delta;
  if (changes !== undefined) logChanges(deps, task, changes);
  const source =
    'open' in delta
      ? await delta.open(signal)
      : changedSource(await task.openWhole(signal), delta.tiled.ranges);
  try {
    requireSameDisk(task, source);
    const base = await openParent(deps, task, signal);
    try {
      const files = fileNames(task, 'avhdx');
      const folder = pointFolder(task.vmId, task.pointId);
      deps.progress.phase(`Disk ${task.number}: increment`, source.bytes, source.size);
      const shape = imageShape(task.frozen, source, incrementBlockSize);
      const { format } = base.hashes.shape;
      const changesBytes = changes?.log.size ?? 0;
      const room = { source, shape, format, kind: 'incr', changesBytes } as const;
      const tight = await requireRoom(deps.store, room, signal);
      const parts = await createParts(deps, folder, files, signal);
      const hashes = HashTreeWriter.begin(parts.hashes, source.size, format, base.hashes);
      try {
        const writer = new VhdxWriter(parts.image, { ...shape, parent: parentLink(task) });
        const copied = await copyDisk(source, writer, hashes, base, deps.progress, signal);
        const image = await writer.complete(signal);
        const tree = await hashes.finish(signal);
        const changesFile =
          (await changes?.log.save(deps.store, folder, files.changes, signal)) ?? null;
        const hashUnit = hashes.shape.format.unit;
        const result = { image, hashUnit, tree, files, source, copied };
        const record = recordOf(task, 'incr', result, changesFile);
        const checked = await check(deps, task, source, record, signal);
        const warnings = [...tight, ...(changes?.tiled.warnings ?? []), ...checked.warnings];
        return { record, warnings, check: checked.check };
      } catch (error) {
        await abandon(parts);
        await dropFiles(deps, folder, files);
        // Unchanged pages of the tree come from the parent.
        const ofParent = isEngineError(error, 'hashes.damaged');
        throw ofParent ? parentDamage(error, task.plan.base?.point ?? '') : error;
      }
    } finally {
      await base.close();
    }
  } finally {
    await source.close();
  }
}

/** Before anything is read: what was opened is the disk that the parent in the store holds. Throws `disk.changed`. */
function requireSameDisk({ plan }: DiskTask, { facts }: HostDiskSource): void {
  if (plan.base === null) return;
  const found = diskDifference(plan.disk.slot, plan.base.record, facts);
  if (found === undefined) return;
  throw backupError('disk.changed', found.text, {
    data: { ...found.evidence, reason: found.code },
  });
}

function logChanges({ log }: RunDeps, task: DiskTask, { tiled }: TrackedChanges): void {
  const { ranges, bytes } = tiled.ranges;
  const message = `Disk ${task.number}: the tracker names ${ranges.length} changed ranges of ${formatBytes(bytes)} in ${tiled.queries.length} answers`;
  log({ level: 'info', area: 'backup', message });
}

interface Parts {
  readonly image: PartWriter;
  readonly hashes: PartWriter;
}

/** Their names are durable once the point is committed. */
async function createParts(
  { store }: RunDeps,
  folder: string,
  files: FileNames,
  signal: AbortSignal,
): Promise<Parts> {
  const image = await store.createFile(`${folder}/${files.image}`, signal, 'whole');
  try {
    const hashes = await store.createFile(`${folder}/${files.hashes}`, signal, 'whole');
    return { image, hashes };
  } catch (error) {
    await image.abandon().catch(() => undefined);
    throw error;
  }
}

/** What cannot be removed now is a temporary file that clean removes; the error that led here counts. */
async function abandon({ image, hashes }: Parts): Promise<void> {
  await hashes.abandon().catch(() => undefined);
  await image.abandon().catch(() => undefined);
}

/** A parent that cannot be read any more is `parent.damaged`. */
async function openParent(deps: RunDeps, task: DiskTask, signal: AbortSignal): Promise<StoredDisk> {
  try {
    return await openStoredDisk(deps.store, task.parents, signal);
  } catch (error) {
    throw parentDamage(error, task.plan.base?.point ?? '');
  }
}

/**
 * Checks what the tracker left out. An exported increment holds no unchanged part, so the frozen file is read for that; if it
 * cannot be opened here, the run says so and goes on: the export itself does not need it.
 */
async function check(
  deps: RunDeps,
  task: DiskTask,
  source: HostDiskSource,
  record: DiskRecord,
  signal: AbortSignal,
): Promise<Pick<DiskResult, 'check' | 'warnings'>> {
  if (task.checkTracker === 'off') return { check: null, warnings: [] };
  const folder = pointFolder(task.vmId, task.pointId);
  const of = (disk: VirtualDisk): ReturnType<typeof checkTracker> =>
    checkTracker(deps, task, { disk, changed: source.ranges, folder, record }, signal);
  if (source.opened !== undefined) return { check: await of(source.opened.disk), warnings: [] };
  let frozen: OpenedDisk;
  try {
    frozen = await task.openFrozen(signal);
  } catch (error) {
    if (!isEngineError(error)) throw error;
    const message = `What the change tracker left out of the disk at ${record.slot} was not looked for: ${error.message.slice(0, 1000)}`;
    return { check: null, warnings: [{ code: 'tracker.unchecked', message }] };
  }
  try {
    return { check: await of(frozen.disk), warnings: [] };
  } finally {
    await frozen.disk.close();
  }
}

interface FileNames {
  readonly name: string;
  readonly image: string;
  readonly hashes: string;
  readonly changes: string;
}

/** `<number of the slot>-<sanitised name>`; the name is that of the base image, so that a chain's files are named alike. */
function fileNames(task: DiskTask, ending: 'vhdx' | 'avhdx'): FileNames {
  const { base } = task.plan;
  const file = task.plan.disk.path.split(/[\\/]/).at(-1) ?? 'disk';
  const bare = file.replace(/\.[^.]+$/, '').replace(/_[0-9a-f-]{36}$/i, '');
  const name = base?.record.name ?? portableFileName(bare);
  const stem = `${task.fileNumber}-${name}`;
  return {
    name,
    image: `${stem}.${ending}`,
    hashes: `${stem}.hashes`,
    changes: `${stem}.changes.ndjson.gz`,
  };
}

/** What the increment's image says of its parent. */
function parentLink(task: DiskTask): NewImageParent {
  const [parent] = task.parents;
  if (parent === undefined) throw new Error('An increment has a parent');
  return parentLinkOf(parent);
}

interface Written {
  readonly image: {
    readonly fileSize: number;
    readonly dataWriteGuid: DiskRecord['dataWriteGuid'];
    readonly blockSize: number;
  };
  readonly hashUnit: number;
  readonly tree: { readonly root: string; readonly size: number; readonly sha256: string };
  readonly files: FileNames;
  readonly source: HostDiskSource;
  readonly copied: { readonly readBytes: number; readonly storedBytes: number };
}

function recordOf(
  task: DiskTask,
  kind: DiskRecord['kind'],
  { image, hashUnit, tree, files, source, copied }: Written,
  changesFile: DiskRecord['changesFile'],
): DiskRecord {
  return {
    number: task.number,
    name: files.name,
    slot: task.plan.disk.slot,
    locationId: task.plan.disk.locationId,
    path: task.frozen.path,
    file: files.image,
    kind,
    reason: task.plan.reason,
    parentPoint: kind === 'incr' ? (task.plan.base?.point ?? null) : null,
    virtualSize: task.frozen.virtualSize ?? 0,
    logicalSectorSize: source.sector,
    physicalSectorSize: source.facts.physicalSectorSize ?? null,
    blockSize: image.blockSize,
    virtualDiskId: task.frozen.virtualDiskId,
    dataWriteGuid: image.dataWriteGuid,
    rctId: null,
    hashUnit,
    hashRoot: tree.root,
    fileSize: image.fileSize,
    readBytes: copied.readBytes,
    writtenBytes: copied.storedBytes,
    changedBytes: kind === 'incr' ? source.bytes : null,
    hashesFile: { file: files.hashes, size: tree.size, sha256: tree.sha256 },
    changesFile,
  };
}

/** An increment that failed leaves nothing behind: a full of the disk may take its place. */
async function dropFiles(deps: RunDeps, folder: string, files: FileNames): Promise<void> {
  const { store } = deps;
  const signal = AbortSignal.timeout(30_000);
  for (const file of [files.image, files.hashes, files.changes]) {
    await store.remove(`${folder}/${file}`, signal).catch(() => undefined);
  }
}
