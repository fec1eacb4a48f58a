import type { Range } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import type { ChangeBatch, DriverChanges } from '../contract/virtual-disk.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';

/** Maximum number of calls, and of ranges in all answers: a driver that gives more does not end. */
const MAX_QUERIES = 200_000;
const MAX_RANGES = 10_000_000;

/**
 * Asks for the changes of a part of the disk until all of it is described. Refuses answers that
 * cannot be true: without progress, beyond what was asked, or without end.
 *
 * @param path for messages
 */
export async function* checkedChanges(
  ask: (offset: number, length: number) => Promise<DriverChanges>,
  within: Range,
  path: string,
): AsyncGenerator<ChangeBatch> {
  let count = 0;
  let queries = 0;
  for (let offset = within.start; offset < within.end;) {
    const length = within.end - offset;
    const { processed, ranges } = await ask(offset, length);
    count += ranges.length;
    queries++;
    if (processed === 0) throw impossible(path, offset, 'makes no progress');
    if (processed > length) {
      throw impossible(path, offset, `described ${processed} bytes of ${length}`);
    }
    if (queries > MAX_QUERIES || count > MAX_RANGES) {
      throw impossible(
        path,
        offset,
        `gave ${count} ranges in ${queries} answers and has not ended`,
      );
    }
    const described = { start: offset, end: offset + processed };
    const found = ranges.map((range): Range => {
      const end = range.start + range.length;
      if (range.start < described.start || end > described.end) {
        const bytes = `[${range.start}, ${end})`;
        throw impossible(path, offset, `named ${bytes}, outside of the part that it described`);
      }
      return { start: range.start, end };
    });
    yield { described, ranges: RangeSet.of(found).ranges };
    offset = described.end;
  }
}

const impossible = (path: string, offset: number, what: string): Error =>
  virtdiskError('virtdisk.answer', `QueryChangesVirtualDisk ${what}, for ${path} at ${offset}`, {
    data: { call: 'QueryChangesVirtualDisk', path, offset },
  });
