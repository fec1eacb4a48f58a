import path from 'node:path';
import type { ByteSource } from '../../source/byte-source.ts';
import { entriesNamed } from '../../source/files/folder-entries.ts';
import { readSet } from './read-set.ts';

/** Returns the path of the backing file beside a set, in any spelling; undefined if it is missing. */
export async function backingOf({ name }: ByteSource, file: string): Promise<string | undefined> {
  const folder = path.dirname(name);
  const [entry] = await entriesNamed(folder, file, 'file');
  return entry === undefined ? undefined : path.join(folder, entry);
}

/** Returns the path of the backing file of a set; undefined if it is missing or not known. */
export async function backingOfSet(
  source: ByteSource,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { backing } = await readSet(source, signal);
  return backing === undefined ? undefined : backingOf(source, backing);
}
