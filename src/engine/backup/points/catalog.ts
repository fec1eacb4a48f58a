import { isEngineError, type EngineError } from '../../base/errors.ts';
import { tryParseGuid, type Guid } from '../../base/guid.ts';
import { MANIFEST_LIMIT } from '../manifest/bounds.ts';
import { parseManifest } from '../manifest/manifest-json.ts';
import type { PointManifest } from '../manifest/manifest.ts';
import { isPointId, nextPointId } from '../manifest/point-id.ts';
import type { BackupKind } from '../manifest/manifest.ts';
import { recordError } from '../errors/record-errors.ts';
import {
  MANIFEST_FILE,
  VERIFIED_FILE,
  manifestPath,
  pointFolder,
  vmFolder,
} from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';

/**
 * A point's folder as found: complete, never finished, or with a manifest that is missing or cannot
 * be read.
 */
export type PointEntry =
  | { readonly id: string; readonly state: 'complete'; readonly manifest: PointManifest }
  | { readonly id: string; readonly state: 'partial' }
  | { readonly id: string; readonly state: 'damaged'; readonly error: EngineError };

export type CompletePoint = Extract<PointEntry, { readonly state: 'complete' }>;

/** Lists the VMs that have a folder in the store. */
export async function listVms(store: Store, signal: AbortSignal): Promise<readonly Guid[]> {
  const names = await store.list('', signal);
  return names.flatMap((name) => {
    const id = name.endsWith('/') ? tryParseGuid(name.slice(0, -1)) : undefined;
    // Only our own spelling counts: another one would be a second folder of the same VM.
    return id !== undefined && `${id}/` === name ? [id] : [];
  });
}

/**
 * Lists folders that look like a VM's but have another spelling, for example after a copy that
 * changed it. They are not read.
 */
export async function misspelledVms(
  store: Store,
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly id: Guid }[]> {
  const names = await store.list('', signal);
  return names.flatMap((entry) => {
    const name = entry.replace(/\/$/, '');
    const id = tryParseGuid(name);
    return id === undefined || id === name || name === entry ? [] : [{ name, id }];
  });
}

/** Lists the IDs of a VM's points in any state, in the order of creation. */
export async function listPointIds(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names = await store.list(vmFolder(vmId), signal);
  return names
    .filter((name) => name.endsWith('/') && isPointId(name.slice(0, -1)))
    .map((name) => name.slice(0, -1));
}

/**
 * Lists all points of a VM in order. A manifest that is damaged, or missing from a finished point,
 * becomes an entry of its own and does not make the list fail.
 */
export async function listPoints(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
): Promise<readonly PointEntry[]> {
  const entries: PointEntry[] = [];
  for (const id of await listPointIds(store, vmId, signal)) {
    entries.push(await readPoint(store, vmId, id, signal));
  }
  const children = childrenOf(entries);
  const found: PointEntry[] = [];
  for (const entry of entries) {
    const why = entry.state === 'partial' ? await finished(entry.id) : undefined;
    found.push(why === undefined ? entry : lost(entry.id, why));
  }
  return found;

  /**
   * Returns the evidence that a point without a manifest was once finished; undefined without
   * evidence.
   */
  async function finished(id: string): Promise<string | undefined> {
    const child = children.get(id);
    if (child !== undefined) return `${child} builds on it`;
    const names = await store.list(pointFolder(vmId, id), signal);
    return names.includes(VERIFIED_FILE) ? 'it was verified' : undefined;
  }
}

/**
 * Distinguishes a lost point from an unfinished one: an unfinished point is removed routinely, a
 * lost one must not be.
 */
function lost(id: string, why: string): PointEntry {
  const message = `The manifest of ${id} is missing, but ${why}: copy ${MANIFEST_FILE} from another copy of the store`;
  const error = recordError('manifest.missing', message, { data: { point: id } });
  return { id, state: 'damaged', error };
}

/** Maps each point to one that builds on it. */
function childrenOf(entries: readonly PointEntry[]): ReadonlyMap<string, string> {
  const children = new Map<string, string>();
  for (const entry of entries) {
    if (entry.state !== 'complete') continue;
    const { parent, disks } = entry.manifest;
    for (const id of [parent, ...disks.map((disk) => disk.parentPoint)]) {
      if (id !== null) children.set(id, entry.id);
    }
  }
  return children;
}

/** Reads one point as found. */
async function readPoint(
  store: Store,
  vmId: Guid,
  pointId: string,
  signal: AbortSignal,
): Promise<PointEntry> {
  try {
    const bytes = await store.readFile(manifestPath(vmId, pointId), MANIFEST_LIMIT, signal);
    if (bytes === undefined) return { id: pointId, state: 'partial' };
    if (bytes.length === 0 && (await isReserved(store, vmId, pointId, signal))) {
      return { id: pointId, state: 'partial' };
    }
    const manifest = parseManifest(bytes, pointId);
    mustBelong(manifest, store, vmId, pointId);
    return { id: pointId, state: 'complete', manifest };
  } catch (error) {
    // A temporary failure, such as a busy share, does not make the point damaged.
    if (!isEngineError(error) || !error.permanent) throw error;
    return { id: pointId, state: 'damaged', error };
  }
}

/**
 * Whether an empty manifest is the name that a writer reserved but did not live to fill (without
 * hard links, source/place-file.ts): then the finished bytes still lie beside it. Otherwise it was
 * filled once and is damaged.
 */
async function isReserved(
  store: Store,
  vmId: Guid,
  pointId: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await store.leftovers(pointFolder(vmId, pointId), signal)).length > 0;
}

/** Throws if the manifest belongs to another folder, for example after it was copied. */
function mustBelong(manifest: PointManifest, store: Store, vmId: Guid, pointId: string): void {
  const wrong = (field: string, found: string, expected: string): Error =>
    recordError(
      'manifest.damaged',
      `The manifest of ${pointId}: ${field} is ${found}, expected ${expected}`,
      { data: { point: pointId, field, found, expected } },
    );
  if (manifest.id !== pointId) throw wrong('id', manifest.id, pointId);
  if (manifest.vm.id !== vmId) throw wrong('vm.id', manifest.vm.id, vmId);
  if (manifest.storeId !== store.id) throw wrong('storeId', manifest.storeId, store.id);
}

/** Reserves the folder of a new point and returns its ID. The caller holds the VM's lease. */
export async function reservePoint(
  store: Store,
  vmId: Guid,
  kind: BackupKind,
  now: number,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    const id = nextPointId(now, await listPointIds(store, vmId, signal), kind);
    if (await store.createFolder(pointFolder(vmId, id), signal)) return id;
  }
}

/**
 * Removes a point, complete or partial. Removes its manifest first, so that an interrupted removal
 * leaves a partial point, never one that looks complete. The caller knows that no other point
 * depends on it, and holds the lease.
 */
export async function removePoint(
  store: Store,
  vmId: Guid,
  pointId: string,
  signal: AbortSignal,
): Promise<void> {
  await store.remove(manifestPath(vmId, pointId), signal);
  await store.remove(pointFolder(vmId, pointId), signal);
}
