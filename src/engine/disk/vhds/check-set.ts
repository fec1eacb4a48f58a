import fs from 'node:fs/promises';
import path from 'node:path';
import type { ByteSource } from '../../source/byte-source.ts';
import type { Defect } from '../inspect/defect.ts';
import { readSet } from './read-set.ts';

/**
 * Yields the broken rules of a VHD Set. Its backing file is searched beside it; whether that is
 * valid is not checked.
 */
export async function* checkSet(source: ByteSource, signal: AbortSignal): AsyncGenerator<Defect> {
  const { header, backing, defects } = await readSet(source, signal);
  const sound = header !== undefined;
  // A damaged header does no harm if the other one counts.
  for (const defect of defects) {
    const one = sound && defect.code.startsWith('vhds.header.');
    yield one && defect.severity === undefined ? { ...defect, severity: 'warning' } : defect;
  }
  if (header === undefined || backing === undefined) return;
  if (await isFile(beside(source, backing))) return;
  yield {
    code: 'vhds.backing.missing',
    structure: 'VHD Set',
    field: 'BackingFile',
    offset: header.nameOffset,
    found: backing,
    expected: 'a file beside the set',
    section: 'not documented; found in a file of Windows 10',
    text: `the backing file ${backing} is not in the folder of the VHD Set`,
  };
}

/** Returns the path of the backing file of a VHD Set; undefined if it is missing or not known. */
export async function backingOfSet(
  source: ByteSource,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { backing } = await readSet(source, signal);
  if (backing === undefined) return undefined;
  const file = beside(source, backing);
  return (await isFile(file)) ? file : undefined;
}

const beside = ({ name }: ByteSource, file: string): string => path.join(path.dirname(name), file);

async function isFile(file: string): Promise<boolean> {
  try {
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}
