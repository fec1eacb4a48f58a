import { createHash, type Hash } from 'node:crypto';
import { alignDown } from '../../base/range.ts';
import type { ByteSource, PartWriter } from '../../source/byte-source.ts';
import { diskError } from '../virtual/disk-errors.ts';
import type { EngineError } from '../../base/errors.ts';

/**
 * The file that a repair in place leaves beside the image: everything that it changes, before and
 * after. It is durable before the image changes.
 *
 *     0        `refpoint undo 1` and a line feed, a JSON object and a line feed, spaces up to 1024
 *     1024     per change: offset and length (two u64, little-endian), old bytes, new bytes
 *     then     nothing while the repair is unfinished; afterwards a JSON object, the state of the image
 *
 * The first object has `image` (name of the file), `sizeBefore`, `sizeAfter`, `changes`, `length` (of the changes
 * in the record) and `sha256` of the changes. Old bytes behind the old end of the image are zeros.
 */
export interface UndoHead {
  readonly image: string;
  readonly sizeBefore: number;
  readonly sizeAfter: number;
  readonly changes: number;
  readonly length: number;
  readonly sha256: string;
}

const MAGIC = 'refpoint undo 1\n';
export const UNDO_BODY = 1024;
/** Maximum length of the bytes of one change. */
const MAX_CHANGE = 64 * 1024;
const ENTRY = 16;
/** Maximum length of the end of a record. */
const MAX_END = 4096;

export interface UndoChange {
  readonly offset: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Writes the changes of a record; {@link finish} writes its head. */
export class UndoWriter {
  readonly #part: PartWriter;
  readonly #hash: Hash = createHash('sha256');
  #length = 0;
  #changes = 0;

  constructor(part: PartWriter) {
    this.#part = part;
  }

  async add({ offset, before, after }: UndoChange, signal: AbortSignal): Promise<void> {
    const bytes = new Uint8Array(ENTRY + 2 * after.length);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(offset), true);
    view.setBigUint64(8, BigInt(after.length), true);
    bytes.set(before, ENTRY);
    bytes.set(after, ENTRY + after.length);
    this.#hash.update(bytes);
    await this.#part.write(UNDO_BODY + this.#length, bytes, signal);
    this.#length += bytes.length;
    this.#changes++;
  }

  /** Makes the record durable. */
  async finish(
    about: Pick<UndoHead, 'image' | 'sizeBefore' | 'sizeAfter'>,
    signal: AbortSignal,
  ): Promise<void> {
    // A name as long as a file system allows fits into the head in any encoding of it.
    const image = Buffer.byteLength(JSON.stringify(about.image)) > 255 ? '' : about.image;
    const head: UndoHead = {
      ...about,
      image,
      changes: this.#changes,
      length: this.#length,
      sha256: this.#hash.digest('hex'),
    };
    const text = `${MAGIC}${JSON.stringify(head)}\n`;
    const bytes = Buffer.alloc(UNDO_BODY, ' ');
    bytes.write(text);
    await this.#part.write(0, bytes, signal);
    await this.#part.complete(UNDO_BODY + this.#length, signal);
  }
}

/** Reads the head of a record and what follows its changes. Throws `disk.repair.record`. */
export async function readUndoHead(
  record: ByteSource,
  signal: AbortSignal,
): Promise<{ readonly head: UndoHead; readonly end: string }> {
  const bytes = new Uint8Array(Math.min(UNDO_BODY, record.size));
  await record.read(0, bytes, signal);
  const text = Buffer.from(bytes).toString('utf8');
  const head = text.startsWith(MAGIC) ? toHead(parsed(text.slice(MAGIC.length))) : undefined;
  if (head === undefined || UNDO_BODY + head.length > record.size) throw damaged(record);
  const rest = new Uint8Array(Math.min(MAX_END, record.size - UNDO_BODY - head.length));
  await record.read(UNDO_BODY + head.length, rest, signal);
  return { head, end: Buffer.from(rest).toString('utf8') };
}

/** Yields the changes of a record in order. Throws `disk.repair.record` if one is impossible. */
export async function* undoChanges(
  record: ByteSource,
  { length, changes, sizeAfter }: UndoHead,
  signal: AbortSignal,
): AsyncGenerator<UndoChange> {
  let last = 0;
  let count = 0;
  for (let at = 0; at < length; count++) {
    const entry = new Uint8Array(ENTRY);
    if (at + ENTRY > length) throw damaged(record);
    await record.read(UNDO_BODY + at, entry, signal);
    const view = new DataView(entry.buffer);
    const [offset, size] = [Number(view.getBigUint64(0, true)), Number(view.getBigUint64(8, true))];
    const fits = size > 0 && size <= MAX_CHANGE && at + ENTRY + 2 * size <= length;
    if (!fits || offset < last || offset + size > sizeAfter) throw damaged(record);
    const bytes = new Uint8Array(2 * size);
    await record.read(UNDO_BODY + at + ENTRY, bytes, signal);
    yield { offset, before: bytes.subarray(0, size), after: bytes.subarray(size) };
    at += ENTRY + 2 * size;
    last = offset + size;
  }
  if (count !== changes) throw damaged(record);
}

/** Throws `disk.repair.record` unless the changes have the recorded hash. */
export async function checkUndoHash(
  record: ByteSource,
  { length, sha256 }: UndoHead,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256');
  const piece = new Uint8Array(alignDown(2 ** 20, ENTRY));
  for (let at = 0; at < length; at += piece.length) {
    const bytes = piece.subarray(0, Math.min(piece.length, length - at));
    await record.read(UNDO_BODY + at, bytes, signal);
    hash.update(bytes);
  }
  if (hash.digest('hex') !== sha256) throw damaged(record);
}

const damaged = ({ name }: ByteSource): EngineError =>
  diskError('disk.repair.record', `${name} is not an undo record of a repair, or is damaged`, {
    data: { path: name },
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.trimEnd());
  } catch {
    return undefined;
  }
}

function toHead(value: unknown): UndoHead | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { image, sizeBefore, sizeAfter, changes, length, sha256 } = value as Partial<UndoHead>;
  const counts = [sizeBefore, sizeAfter, changes, length];
  if (!counts.every((each) => Number.isSafeInteger(each) && (each ?? -1) >= 0)) return undefined;
  if (typeof image !== 'string' || typeof sha256 !== 'string') return undefined;
  return value as UndoHead;
}
