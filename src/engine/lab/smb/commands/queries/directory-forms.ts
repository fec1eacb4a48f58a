import type { Buffer } from 'node:buffer';
import { utf16, written } from '../../../../net/smb/codec/protocol/body.ts';
import { DIRECTORY_CLASS } from '../../../../net/smb/codec/queries/query-directory.ts';
import { factsOf } from '../../files/file-times.ts';
import type { FolderEntry } from '../../files/folder-cursor.ts';

/*
 * Entries of a folder (MS-FSCC 2.4). All but the names have a common part:
 *   u32 offset of the next entry, u32 index, 4 times u64, u64 end of file, u64 allocation, u32 attributes, u32 length
 *   of the name; then, by class, u32 size of extended attributes, a short name, u64 file id; name
 */

interface Form {
  /** Bytes before the name. */
  readonly head: number;
  readonly eaSize: boolean;
  readonly shortName: boolean;
  /** Bytes of padding before the file id; undefined: the class has no id. */
  readonly idPadding: number | undefined;
}

const FORMS: Readonly<Record<number, Form>> = {
  [DIRECTORY_CLASS.directory]: { head: 64, eaSize: false, shortName: false, idPadding: undefined },
  [DIRECTORY_CLASS.full]: { head: 68, eaSize: true, shortName: false, idPadding: undefined },
  [DIRECTORY_CLASS.both]: { head: 94, eaSize: true, shortName: true, idPadding: undefined },
  [DIRECTORY_CLASS.idBoth]: { head: 104, eaSize: true, shortName: true, idPadding: 2 },
  [DIRECTORY_CLASS.idFull]: { head: 80, eaSize: true, shortName: false, idPadding: 4 },
};
const NAMES_HEAD = 12;
const SHORT_NAME_BYTES = 24;

/** Returns the bytes before the name of a class; undefined for a class that does not exist. */
export const headOf = (infoClass: number): number | undefined =>
  infoClass === DIRECTORY_CLASS.names ? NAMES_HEAD : FORMS[infoClass]?.head;

/** Encodes one entry without padding; the offset of the next one is filled in later. */
export function encodeFolderEntry(infoClass: number, { name, stats }: FolderEntry): Buffer {
  const text = utf16(name);
  const form = FORMS[infoClass];
  if (form === undefined) {
    return written(NAMES_HEAD + text.length, (to) => to.u32(0).u32(0).u32(text.length).put(text));
  }
  const facts = factsOf(stats);
  return written(form.head + text.length, (to) => {
    to.u32(0).u32(0);
    to.u64(facts.creationTime).u64(facts.accessTime).u64(facts.writeTime).u64(facts.changeTime);
    to.u64(facts.endOfFile).u64(facts.allocationSize).u32(facts.attributes).u32(text.length);
    if (form.eaSize) to.u32(0);
    if (form.shortName) to.seek(to.position + 2 + SHORT_NAME_BYTES);
    if (form.idPadding !== undefined) {
      // The parent of the root is not part of the share.
      to.seek(to.position + form.idPadding).u64(name === '..' ? 0n : stats.ino);
    }
    to.put(text);
  });
}
