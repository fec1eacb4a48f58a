import type { DiskInspection } from '../../../api/guest/inspection.ts';
import type { Store } from '../../../backup/store/contract/store.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import { inspectDisk } from '../../../guest/inspect-disk.ts';
import { openPointDisk } from '../../../operations/guest/open-guest-disk.ts';
import type { Context } from '../../contract/command.ts';
import { inspectionText } from '../../terminal/inspection-text.ts';
import { inLine } from '../../terminal/text.ts';

/** Contents of a disk, or the reason why it cannot be read. */
export type InspectedDisk =
  DiskInspection | { readonly error: { readonly code: string; readonly message: string } };

interface Row {
  readonly id: string;
  readonly vm: { readonly id: Guid };
  readonly complete: boolean;
  readonly disks: readonly {
    readonly number: number;
    readonly file: string;
    readonly inspection?: InspectedDisk;
  }[];
}

/** Adds to each disk of a complete point what it holds, if --inspect asks for it. */
export async function withInspections<R extends Row>(
  context: Context,
  store: Store,
  row: R,
): Promise<R> {
  if (!context.options.flag('inspect') || !row.complete) return row;
  const disks = [];
  for (const disk of row.disks) {
    const place = { point: row.id, disk: disk.number };
    disks.push({ ...disk, inspection: await inspect(context, store, row.vm.id, place) });
  }
  return { ...row, disks };
}

async function inspect(
  { signal }: Context,
  store: Store,
  vm: Guid,
  place: { readonly point: string; readonly disk: number },
): Promise<InspectedDisk> {
  try {
    const disk = await openPointDisk(store, vm, place, signal);
    try {
      return await inspectDisk(disk, signal);
    } finally {
      await disk.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

/** Returns the lines about the disks of a point; empty without --inspect. */
export function inspectionLines({ id, disks }: Row): string[] {
  return disks.flatMap(({ number, file, inspection }) =>
    inspection === undefined
      ? []
      : ['', `${id}, disk ${number}, ${inLine(file)}`, inspectedText(inspection)],
  );
}

const inspectedText = (inspection: InspectedDisk): string =>
  'error' in inspection
    ? `error: ${inLine(inspection.error.message)} (${inspection.error.code})`
    : inspectionText(inspection);
