import { isDeepStrictEqual } from 'node:util';
import { fileNumbers } from '../../points/file-stems.ts';
import { disksOfVm } from '../../select/find-disk.ts';
import type { HostVm } from '../../host/host.ts';
import type { RunDeps } from '../../context/run-context.ts';
import type { PointEntry } from '../../points/catalog.ts';
import { readVmRecord, writeVmRecord } from '../../points/vm-record.ts';

/**
 * Returns the number of each slot in file names, and keeps it in vm.json, which is written only if
 * it changes.
 */
export async function slotNumbers(
  { store, host, now }: RunDeps,
  vm: HostVm,
  points: readonly PointEntry[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { id, name } = vm;
  const record = await readVmRecord(store, id, signal).catch(() => undefined);
  const numbers = fileNumbers(points, record?.diskNumbers ?? [], disksOfVm(vm.disks));
  const diskNumbers = Array.from(numbers, ([slot, number]) => ({ slot, number }));
  const seen = new Date(now()).toISOString();
  const next = { version: 1, id, name, host: host.url, seen, diskNumbers } as const;
  if (!isDeepStrictEqual({ ...record, seen }, next)) await writeVmRecord(store, next, signal);
  return numbers;
}
