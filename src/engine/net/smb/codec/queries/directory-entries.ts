import type { Buffer } from 'node:buffer';
import { Fields } from '../protocol/fields.ts';
import { readFileFacts, type FileFacts } from '../files/file-facts.ts';

/*
 * FileIdBothDirectoryInformation (MS-FSCC 2.4.17), a chain of entries at multiples of eight:
 *   u32 offset of the next entry, u32 index, 4 times u64, u64 end of file, u64 allocation, u32 attributes,
 *   u32 length of the name, u32 size of extended attributes, u8 length of the short name, u8 0, short name of
 *   24 bytes, u16 0, u64 file id; name, UTF-16
 */

const HEAD = 104;
const MAX_ENTRIES = 65_536;
const MAX_NAME_BYTES = 2 * 1024;

export interface DirectoryEntry {
  readonly name: string;
  readonly facts: FileFacts;
  /** Identity of the file on its volume; 0 if the file system does not have identities. */
  readonly id: bigint;
}

/** Decodes the output of one query. Throws `smb.answer` for a chain that leaves the output or has no end. */
export function decodeEntries(output: Buffer): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  for (let start = 0; start < output.length;) {
    const own = output.subarray(start);
    const fields = new Fields(own, 'directory entry', 'smb.answer', 0);
    if (entries.length === MAX_ENTRIES) throw fields.wrong(`more than ${MAX_ENTRIES} of them`);
    const next = fields.u32();
    const facts = swapSizes(readFileFacts(fields.skip(4)));
    const nameLength = fields.u32();
    if (nameLength > MAX_NAME_BYTES) throw fields.wrong(`its name has ${nameLength} bytes`);
    const id = fields.skip(4 + 2 + 24 + 2).u64();
    entries.push({ name: fields.utf16(nameLength, 'the name'), facts, id });
    if (next === 0) break;
    if (next < HEAD || next % 8 !== 0 || next >= own.length) {
      throw fields.wrong(`Next is ${next} in ${own.length} bytes`);
    }
    start += next;
  }
  return entries;
}

/** Entries have the end of the file before its allocation; all others the reverse. */
const swapSizes = (facts: FileFacts): FileFacts => ({
  ...facts,
  allocationSize: facts.endOfFile,
  endOfFile: facts.allocationSize,
});
