import type { ByteSource } from '../../source/byte-source.ts';
import type { Defect } from '../inspect/defect.ts';
import { backingOf } from './backing-file.ts';
import { readSet, type VhdSet } from './read-set.ts';
import { SECTION } from './set-fields.ts';

/**
 * Yields the broken rules of a VHD Set. Its backing file is searched beside it; whether that is
 * valid is not checked.
 */
export async function* checkSet(source: ByteSource, signal: AbortSignal): AsyncGenerator<Defect> {
  const set = await readSet(source, signal);
  yield* weighed(set);
  const { header, backing } = set;
  if (header === undefined || backing === undefined) return;
  if ((await backingOf(source, backing)) !== undefined) return;
  yield {
    code: 'vhds.backing.missing',
    structure: 'VHD Set',
    field: 'BackingFile',
    offset: header.nameOffset,
    found: backing,
    expected: 'a file beside the set',
    section: SECTION,
    text: `the backing file ${backing} is not in the folder of the VHD Set`,
  };
}

/** Returns the defects of a set: a damaged header does no harm if the other one counts. */
export const weighed = ({ header, defects }: VhdSet): readonly Defect[] =>
  defects.map((defect) => {
    const one = header !== undefined && defect.code.startsWith('vhds.header.');
    return one && defect.severity === undefined ? { ...defect, severity: 'warning' } : defect;
  });
