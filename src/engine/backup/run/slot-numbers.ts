import { fileNumbers } from '../disks/file-stems.ts';
import { disksOfVm } from '../disks/find-disk.ts';
import type { HostVm } from '../host.ts';
import type { RunDeps } from '../run-context.ts';
import type { PointEntry } from '../store/catalog.ts';
import { readVmRecord, writeVmRecord } from '../vm-record.ts';

/** Returns the number of each slot in file names, and keeps it in vm.json. */
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
  await writeVmRecord(store, { version: 1, id, name, host: host.url, seen, diskNumbers }, signal);
  return numbers;
}
