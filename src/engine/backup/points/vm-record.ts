import type { Guid } from '../../base/guid.ts';
import { formatJson, parseJsonObject } from '../../base/json-fields.ts';
import { MAX_TEXT, shortText } from '../manifest/bounds.ts';
import { recordError } from '../errors/record-errors.ts';
import { vmRecordPath } from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';

/**
 * `vm.json`: the name of the VM at its last backup, rewritten when it changes. Can be rebuilt from
 * the manifests.
 */
export interface VmRecord {
  readonly version: 1;
  readonly id: Guid;
  readonly name: string;
  readonly host: string;
  /** When this name was first recorded. */
  readonly seen: string;
  /** The number of each slot in file names, assigned once and kept. Not the number in `vm show`. */
  readonly diskNumbers: readonly { readonly slot: string; readonly number: number }[];
}

const LIMIT = 1024 * 1024;

/**
 * Reads the record; undefined if it does not exist yet. Throws `vm.damaged` if it cannot be read.
 */
export async function readVmRecord(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
): Promise<VmRecord | undefined> {
  const path = vmRecordPath(vmId);
  const bytes = await store.readFile(path, LIMIT, signal);
  if (bytes === undefined) return undefined;
  const f = parseJsonObject(bytes, (at, problem) =>
    recordError('vm.damaged', `${path}: ${at} ${problem}`, { data: { file: path, field: at } }),
  );
  const record: VmRecord = {
    version: f.integer('version', 1, 1) as 1,
    id: f.guid('id'),
    name: f.text('name', 4096),
    host: f.text('host', 4096),
    seen: f.time('seen'),
    diskNumbers: f.objects('diskNumbers', 10_000, (d) => ({
      slot: d.text('slot', 200),
      number: d.integer('number', 0, 9999),
    })),
  };
  f.end();
  return record;
}

export async function writeVmRecord(
  store: Store,
  record: VmRecord,
  signal: AbortSignal,
): Promise<void> {
  const bounded = { ...record, name: shortText(record.name, MAX_TEXT) };
  await store.replaceFile(vmRecordPath(record.id), formatJson(bounded), signal);
}
