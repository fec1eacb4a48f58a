import { alignTo8, utf16, written } from '../../../src/engine/net/smb/codec/protocol/body.ts';
import { writeFileFacts } from '../../../src/engine/net/smb/codec/files/file-facts.ts';
import type { DirectoryEntry } from '../../../src/engine/net/smb/codec/queries/directory-entries.ts';

const HEAD = 104;

/** Encodes a FileIdBothDirectoryInformation (MS-FSCC 2.4.17). */
export function encodeEntry({ name, facts, id }: DirectoryEntry, last: boolean): Buffer {
  const text = utf16(name);
  const length = last ? HEAD + text.length : alignTo8(HEAD + text.length);
  return written(length, (to) => {
    to.u32(last ? 0 : length).u32(0);
    writeFileFacts(to, {
      ...facts,
      allocationSize: facts.endOfFile,
      endOfFile: facts.allocationSize,
    });
    to.u32(text.length).u32(0).u8(0).u8(0).put(Buffer.alloc(24)).u16(0).u64(id).put(text);
  });
}
