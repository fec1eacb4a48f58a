import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Turns } from '../../base/time/turns.ts';
import type { SideFile } from '../manifest/manifest.ts';
import type { RangeQuery } from './range-query.ts';
import type { RawChanges } from '../host/raw-changes.ts';
import type { Store } from '../store/contract/store.ts';

/** Size of the text that is compressed at once; each piece is a member of the gzip file. */
const PIECE = 2 ** 17;
/** Number of ranges that become text at once. */
const SLICE = 2048;

/**
 * Collects the tracker's raw answers, one JSON document per line, and compresses them as they come.
 */
export class ChangesLog {
  readonly #packed: Buffer[] = [];
  #text = '';

  /** Appends an answer. @param turns of the work that it is a part of */
  async add(query: RangeQuery, answer: RawChanges, turns: Turns): Promise<void> {
    this.#text += `${JSON.stringify(query).slice(0, -1)},"ranges":[`;
    for (let at = 0; at < answer.ranges.length; at += SLICE) {
      if (turns.due) await turns.take();
      const part = answer.ranges.slice(at, at + SLICE);
      const texts = part.map(({ start, length }) => `[${start},${length}]`);
      this.#text += `${at === 0 ? '' : ','}${texts.join(',')}`;
      if (this.#text.length >= PIECE) this.#pack();
    }
    this.#text += ']}\n';
  }

  /** Maximum number of bytes that the file will take. */
  get size(): number {
    this.#pack();
    return this.#packed.reduce((sum, { length }) => sum + length, 0);
  }

  /** The contents of the file. */
  get bytes(): Uint8Array {
    this.#pack();
    return Buffer.concat(this.#packed);
  }

  /** Writes `<file>` into the point's folder. */
  async save(store: Store, folder: string, file: string, signal: AbortSignal): Promise<SideFile> {
    return saveSideFile(store, folder, file, this.bytes, signal);
  }

  #pack(): void {
    if (this.#text === '' && this.#packed.length > 0) return;
    this.#packed.push(gzipSync(this.#text));
    this.#text = '';
  }
}

/**
 * Creates a small file of a point and returns its record. The file's name is durable once the point
 * is committed.
 */
export async function saveSideFile(
  store: Store,
  folder: string,
  file: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<SideFile> {
  await store.createAbsent(`${folder}/${file}`, bytes, signal, 'whole');
  return { file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
