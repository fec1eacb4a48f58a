import type { Fields } from '../bytes/fields.ts';
import { readFields } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import { TYPES } from './attributes.ts';
import { fixedUp } from './fixups.ts';
import type { Mft, MftRecord } from './mft.ts';
import { streamBytes } from './stream-bytes.ts';

/*
 * Index of a folder's names (linux-ntfs, "$INDEX_ROOT", "$INDEX_ALLOCATION"): a list of entries in
 * the record, from 16, and further lists in index records, from 24. A list: 0 offset of its entries,
 * 4 its bytes. An entry: 0 reference, 8 its length, 10 length of the key, 12 flags (2: last), 16 the
 * key, a $FILE_NAME attribute: 64 characters of the name, 65 namespace (2: a short name), 66 name.
 */
const INDEX = '$I30';
const ROOT_LIST = 16;
const RECORD_LIST = 24;
const LAST = 0x2;
const DOS = 2;
/** Maximum number of index records of a folder that are read. */
const MAX_RECORDS = 1_000_000;

export interface IndexEntry {
  readonly reference: bigint;
  readonly name: string;
  /** It is the short name of a file that has a long one, too. */
  readonly isShort: boolean;
}

/**
 * Yields every name of a folder: those in its record, then those in each index record that the
 * bitmap calls used, in order of their place. So a tree that leads back to itself does no harm.
 */
export async function* indexEntries(
  mft: Mft,
  { number, attributes }: MftRecord,
  signal: AbortSignal,
): AsyncGenerator<IndexEntry> {
  const named = (type: number) =>
    attributes.filter((each) => each.type === type && each.name === INDEX);
  const [root] = named(TYPES.indexRoot);
  const what = `Folder ${number}`;
  if (root?.resident !== true) throw guestError('guest.damaged', `${what} has no index of names`);
  yield* entriesOf(root.value, ROOT_LIST);
  const stored = named(TYPES.indexAllocation);
  if (stored.length === 0) return;
  const { clusterSize, indexSize } = mft.boot;
  const records = streamBytes(mft.metadata, clusterSize, stored, what);
  const bitmap = streamBytes(mft.metadata, clusterSize, named(TYPES.bitmap), `${what}, bitmap`);
  const count = Math.min(Math.floor(records.size / indexSize), bitmap.size * 8, MAX_RECORDS);
  const used = await readFields(bitmap, 0, Math.ceil(count / 8), `${what}, bitmap`, signal);
  for (let i = 0; i < count; i++) {
    if ((used.u8(i >> 3) & (1 << (i & 7))) === 0) continue;
    const record = await readFields(records, i * indexSize, indexSize, `${what}, index`, signal);
    yield* entriesOf(fixedUp(record, 'INDX'), RECORD_LIST);
  }
}

function* entriesOf(fields: Fields, list: number): Generator<IndexEntry> {
  const end = list + fields.u32(list + 4);
  if (end > fields.length) throw damaged(fields, end);
  for (let at = list + fields.u32(list); at + 16 <= end;) {
    const length = fields.u16(at + 8);
    if (length < 16 || at + length > end) throw damaged(fields, at);
    if ((fields.u16(at + 12) & LAST) !== 0) return;
    const key = fields.part(at + 16, fields.u16(at + 10));
    const name = key.utf16(66, key.u8(64));
    yield { reference: fields.big(at), name, isShort: key.u8(65) === DOS };
    at += length;
  }
}

const damaged = (fields: Fields, offset: number): Error =>
  guestError('guest.damaged', `${fields.what} has an invalid index of names`, {
    data: { what: fields.what, offset },
  });
