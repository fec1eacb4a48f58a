import type { Finding } from '../../api/host.ts';
import type { StoreDisk, StorePoint, StoreVm } from '../../api/store.ts';
import type { DiskRecord } from '../../backup/manifest/manifest.ts';
import { pointSizes } from '../../backup/manifest/point-sizes.ts';
import { listPoints, type PointEntry } from '../../backup/points/catalog.ts';
import { plainTarget } from '../../backup/store/store-kinds.ts';
import { StorePlaces } from '../../backup/store/store-places.ts';
import { openKnownStore, type StorePresence } from '../../backup/store/open-store.ts';
import { pointProblems } from '../../backup/points/point-problems.ts';
import { pointFile } from '../../backup/store/contract/layout.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { describeVms, resolveVm } from '../../backup/points/vm-names.ts';
import { recordError } from '../../backup/errors/record-errors.ts';
import { lastVerdict } from '../../backup/verify/verify.ts';
import { ledgerProblem } from '../../backup/ledger/ledger-file.ts';
import { readVmRecord } from '../../backup/points/vm-record.ts';
import type { Guid } from '../../base/guid.ts';
import type { Log } from '../../base/log.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names = 'openStore' | 'storeVms' | 'storePoints' | 'pointReport';

type Open = (folder: string, signal: AbortSignal, presence?: StorePresence) => Promise<Store>;

/** Requests that a store answers; it needs no host. @param home the user's folder, where known stores are noted. */
export function storeHandlers(home: string, log: Log): Handlers<Names> {
  const known = new StorePlaces(home);
  return handlersWith((folder, signal, presence = 'existing') =>
    openKnownStore(plainTarget(folder), presence, known, log, signal),
  );
}

const handlersWith = (open: Open): Handlers<Names> => ({
  openStore: async ({ path: folder, create }, { signal }) => {
    const store = await open(folder, signal, create ? 'asked' : 'existing');
    return { path: store.location, id: store.id };
  },
  storeVms: async ({ path: folder }, { signal }) => {
    const store = await open(folder, signal);
    const vms = await describeVms(store, signal);
    return Promise.all(vms.map((vm) => vmRow(store, vm, signal)));
  },
  storePoints: async ({ path: folder, vm }, { signal }) => {
    const store = await open(folder, signal);
    const { id } = await resolveVm(store, vm, signal);
    const points = await listPoints(store, id, signal);
    const problems = await pointProblems(store, points, signal);
    return Promise.all(points.map((point) => pointRow(store, id, point, problems, signal)));
  },
  pointReport: async ({ path: folder, vm, point: pointId }, { signal }) => {
    const store = await open(folder, signal);
    const { id } = await resolveVm(store, vm, signal);
    const points = await listPoints(store, id, signal);
    const point = points.find((each) => each.id === pointId);
    if (point?.state !== 'complete') {
      const message = `The store has no complete point ${pointId} of this VM`;
      throw recordError('point.missing', message, { data: { point: pointId } });
    }
    const { manifest } = point;
    const problems = await pointProblems(store, points, signal);
    const verdict = await lastVerdict(store, id, pointId, signal);
    return {
      vm: manifest.vm,
      host: manifest.host,
      point: await pointRow(store, id, point, problems, signal),
      finished: manifest.finished,
      method: manifest.method,
      consistencyAsked: manifest.consistency.asked,
      disks: manifest.disks.map((disk) => ({
        ...diskRow(store, id, pointId, disk),
        reason: disk.reason,
        readBytes: disk.readBytes,
        hashRoot: disk.hashRoot,
        rctId: disk.rctId,
        hostPath: disk.path,
      })),
      excluded: manifest.excluded,
      warnings: manifest.warnings,
      trackerCheck: manifest.trackerCheck,
      verdict: verdict ?? null,
    };
  },
});

async function vmRow(
  store: Store,
  { id, name }: { readonly id: Guid; readonly name: string },
  signal: AbortSignal,
): Promise<StoreVm> {
  const points = await listPoints(store, id, signal);
  // A damaged record hides the host, not the points.
  const record = await readVmRecord(store, id, signal).catch(() => undefined);
  const newest = points.findLast((point) => point.state === 'complete');
  const problem = await ledgerProblem(store, id, signal);
  return {
    id,
    name,
    host: record?.host ?? newest?.manifest.host ?? null,
    points: points.length,
    lastBackup: newest?.manifest.created ?? null,
    ...(problem === null ? {} : { ledgerProblem: problem.message }),
  };
}

async function pointRow(
  store: Store,
  vmId: Guid,
  point: PointEntry,
  problems: ReadonlyMap<string, readonly Finding[]>,
  signal: AbortSignal,
): Promise<StorePoint> {
  const manifest = point.state === 'complete' ? point.manifest : undefined;
  const sizes = pointSizes(manifest?.disks ?? []);
  const verdict = await lastVerdict(store, vmId, point.id, signal);
  return {
    id: point.id,
    state: point.state,
    kind: manifest?.kind ?? null,
    created: manifest?.created ?? null,
    parent: manifest?.parent ?? null,
    consistency: manifest?.consistency.achieved ?? null,
    reason: manifest?.reason ?? null,
    bytes: sizes.fileBytes,
    changedBytes: sizes.changedBytes,
    writtenBytes: sizes.writtenBytes,
    disks: (manifest?.disks ?? []).map((disk) => diskRow(store, vmId, point.id, disk)),
    verified: verdict ?? null,
    problem: point.state === 'damaged' ? point.error.message : null,
    problems: problems.get(point.id) ?? [],
  };
}

function diskRow(store: Store, vmId: Guid, pointId: string, disk: DiskRecord): StoreDisk {
  const { number, name, slot, file, kind, virtualSize } = disk;
  const { fileSize, changedBytes, writtenBytes } = disk;
  const stored = pointFile(vmId, pointId, file);
  const image = store.localPath(stored) ?? `${store.location}/${stored}`;
  const sizes = { virtualSize, fileSize, changedBytes, writtenBytes };
  return { number, name, slot, file, path: image, kind, ...sizes };
}
