import fs from 'node:fs/promises';
import { never } from '../../../base/abort.ts';
import { crc32cWithoutField } from '../../../base/bytes/crc32c.ts';
import { readSet } from '../../../disk/vhds/read-set.ts';
import { SET_HEADER_OFFSETS, SET_HEADER_SIZE } from '../../../disk/vhds/set-header.ts';
import { FileSource } from '../../../source/files/file-source.ts';
import { replaceFile } from '../../../source/files/atomic-file.ts';

/*
 * Writes VHD Sets with only what is known of their format (disk/vhds/set-header.ts): the letters, two
 * headers of which the one with the greater sequence number counts, and the name of the active file.
 */
const NAME_AT = 0x4_0000;
const FILE_BYTES = NAME_AT + 4096;
const MAX_NAME = 510;
const UNKNOWN1 = 0xffff_e000;
const UNKNOWN2 = 7;

/** Returns the name of the active file of a set; undefined if the set is damaged. */
export async function activeOfSet(file: string): Promise<string | undefined> {
  const source = await FileSource.open(file, never);
  try {
    return (await readSet(source, never)).backing;
  } finally {
    await source.close();
  }
}

/** Writes a set that names an active file; an existing one is replaced as a whole. */
export async function writeSet(file: string, active: string): Promise<void> {
  const name = Buffer.from(active, 'utf16le').subarray(0, MAX_NAME);
  const sequence = await nextSequence(file);
  const bytes = Buffer.alloc(FILE_BYTES);
  bytes.write('vhdsetv1', 0, 'latin1');
  bytes.set(Buffer.from('Refpoint lab', 'utf16le'), 8);
  bytes.set(name, NAME_AT);
  for (const [at, offset] of SET_HEADER_OFFSETS.entries()) {
    const header = bytes.subarray(offset, offset + SET_HEADER_SIZE);
    header.write('shdr', 0, 'latin1');
    header.writeUInt32LE(UNKNOWN1, 4);
    header.writeBigUInt64LE(sequence + BigInt(at), 8);
    header.writeUInt32LE(1, 16);
    header.writeUInt32LE(UNKNOWN2, 24);
    header.writeUInt32LE(NAME_AT, 28);
    header.writeUInt32LE(name.length, 32);
    header.writeUInt32LE(crc32cWithoutField(header, 20), 20);
  }
  await replaceFile(file, bytes, never);
}

async function nextSequence(file: string): Promise<bigint> {
  const there = await fs.stat(file).catch(() => undefined);
  if (there === undefined || there.size === 0) return 0n;
  const source = await FileSource.open(file, never);
  try {
    return ((await readSet(source, never)).header?.sequence ?? -1n) + 1n;
  } finally {
    await source.close();
  }
}
