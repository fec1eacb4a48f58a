import { RangeSet } from '../../../base/range-set.ts';
import type { Range } from '../../../base/range.ts';
import type { FaultName, FaultSwitches } from '../../faults.ts';
import type { ChangesRequest, VirtdiskCall } from '../wire/requests.ts';

/** Effect of a fault on a call, instead of what the call does. */
export type CallFault =
  { readonly kind: 'code'; readonly code: number } | { readonly kind: 'hang' | 'exit' };

/** Returns the fault that is on for a call, and counts it. */
export function faultOf(faults: FaultSwitches, call: VirtdiskCall): CallFault | undefined {
  if (call === 'hello' || call === 'close') return undefined;
  const [named, code] = (valueOf(faults, 'virtdisk.code') ?? '').split(':');
  if (named === call && faults.strike('virtdisk.code') !== undefined) {
    return { kind: 'code', code: Number(code) >>> 0 };
  }
  for (const [name, kind] of [
    ['virtdisk.hang', 'hang'],
    ['virtdisk.exit', 'exit'],
  ] as const) {
    const value = valueOf(faults, name);
    if (value !== undefined && value !== '' && value !== call) continue;
    if (faults.strike(name) !== undefined) return { kind };
  }
  return undefined;
}

/** Returns the value of a fault without counting it: '' without one, undefined if it is off. */
function valueOf(faults: FaultSwitches, name: FaultName): string | undefined {
  if (!faults.isOn(name)) return undefined;
  return faults.list().find((each) => each.name === name)?.value ?? '';
}

/** Returns what changes one bit of the data of an attached disk, as far as a fault asks for it. */
export function damageOf(faults: FaultSwitches): (start: number, bytes: Uint8Array) => void {
  const fault = faults.strike('virtdisk.bytes');
  if (fault === undefined) return () => undefined;
  const offset = fault.value === null ? undefined : Number(fault.value);
  return (start, bytes) => {
    const at = offset === undefined ? 0 : offset - start;
    if (at >= 0 && at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ 1;
  };
}

/** One answer of QueryChangesVirtualDisk. */
export interface ChangesAnswer {
  readonly processed: number;
  readonly ranges: readonly Range[];
}

/** Fills the caller's room from the changed ranges of a disk, with the lies that faults ask for. */
export function answerChanges(
  faults: FaultSwitches,
  changed: RangeSet,
  { offset, length, room }: ChangesRequest,
): ChangesAnswer {
  if (faults.strike('virtdisk.stall') !== undefined) return { processed: 0, ranges: [] };
  const drops = faults.strike('virtdisk.drop') !== undefined;
  const added = faults.number('virtdisk.add', 65_536);
  // One more than there is room for tells where the next answer begins.
  const enough = drops || added !== undefined ? Infinity : room + 1;
  let all = changed.clip({ start: offset, end: offset + length }, enough);
  if (drops) all = RangeSet.of(all.ranges.filter((_, i) => i % 2 === 1));
  if (added !== undefined) {
    all = all.union(RangeSet.of([{ start: offset, end: offset + Math.min(added, length) }]));
  }
  const most = Math.min(room, faults.number('virtdisk.short', 1) ?? room);
  const found = all.first(most + 1);
  const ranges = found.slice(0, most);
  const next = found[most];
  const processed = next === undefined ? length : next.start - offset;
  const excess = faults.number('virtdisk.overfull', 1) ?? 0;
  if (excess === 0) return { processed, ranges };
  const last = ranges.at(-1) ?? { start: offset, end: offset + Math.min(length, 512) };
  const more = Array.from({ length: room - ranges.length + excess }, () => last);
  return { processed, ranges: [...ranges, ...more] };
}
