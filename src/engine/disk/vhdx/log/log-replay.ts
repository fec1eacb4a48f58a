import { RangeSet } from '../../../base/range-set.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { checkRead } from '../../../source/read-check.ts';
import { readActiveLog } from './active-log.ts';
import type { VhdxHeader } from '../structures/header.ts';
import { PAGE } from '../structures/layout.ts';
import type { LogWrite } from './log-entry.ts';
import type { LogSequence } from './log-sequence.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/**
 * Maximum number of pages that a replay holds in memory: 128 MiB. Writers keep logs of a few MiB.
 */
const MAX_PAGES = 32768;
/** Maximum number of zero ranges in a replay, and maximum total work for them. */
const MAX_ZEROS = 65536;
const MAX_STEPS = 2 ** 26;

/**
 * The file as it would be after replaying its log (MS-VHDX 2.3.3), without changing it: pages of
 * the log overlay the file's own. The last entry's tail decides where the replay starts.
 */
export class ReplayedSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #inner: ByteSource;
  readonly #pages: ReadonlyMap<number, Uint8Array>;
  readonly #zeros: RangeSet;
  /** The replayed entries of the log. */
  readonly sequence: LogSequence;

  private constructor(inner: ByteSource, overlay: Overlay, size: number, sequence: LogSequence) {
    this.name = inner.name;
    this.#inner = inner;
    this.#pages = overlay.pages;
    this.#zeros = RangeSet.of(overlay.zeros);
    this.size = size;
    this.sequence = sequence;
  }

  /** Reads the log that `header` names. Throws `vhdx.log.*`. */
  static async open(
    inner: ByteSource,
    header: VhdxHeader,
    signal: AbortSignal,
  ): Promise<ReplayedSource> {
    const log = await readActiveLog(inner, header, signal);
    const overlay: Overlay = { pages: new Map(), zeros: [], end: inner.size, steps: 0 };
    for await (const write of log.writes()) apply(overlay, write);
    const size = Math.max(overlay.end, log.lastFileOffset);
    return new ReplayedSource(inner, overlay, size, log.sequence);
  }

  /** Returns the number of bytes of the file that the log replaces. */
  get replacedBytes(): number {
    return this.#pages.size * PAGE + this.#zeros.bytes;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    checkRead(this, offset, into.length);
    const inFile = Math.max(0, Math.min(into.length, this.#inner.size - offset));
    if (inFile > 0) await this.#inner.read(offset, into.subarray(0, inFile), signal);
    into.fill(0, inFile);
    const end = offset + into.length;
    for (const { start, end: zeroEnd } of this.#zeros.clip({ start: offset, end })) {
      into.fill(0, start - offset, zeroEnd - offset);
    }
    this.#layPages(offset, into);
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  #layPages(offset: number, into: Uint8Array): void {
    const end = offset + into.length;
    const lay = (at: number, page: Uint8Array): void => {
      const from = Math.max(at, offset);
      const to = Math.min(at + PAGE, end);
      if (from < to) into.set(page.subarray(from - at, to - at), from - offset);
    };
    // Walk the shorter of the two: the pages of the log, or the pages that are read.
    if (this.#pages.size < into.length / PAGE) {
      for (const [at, page] of this.#pages) lay(at, page);
      return;
    }
    for (let at = offset - (offset % PAGE); at < end; at += PAGE) {
      const page = this.#pages.get(at);
      if (page !== undefined) lay(at, page);
    }
  }
}

interface Overlay {
  readonly pages: Map<number, Uint8Array>;
  zeros: { start: number; end: number }[];
  end: number;
  /** Number of pages visited because of zero ranges. */
  steps: number;
}

function apply(overlay: Overlay, write: LogWrite): void {
  if (write.kind === 'page') {
    overlay.pages.set(write.offset, write.bytes.slice());
    overlay.end = Math.max(overlay.end, write.offset + PAGE);
  } else {
    const end = write.offset + write.length;
    forgetPages(overlay, write.offset, end);
    overlay.zeros.push({ start: write.offset, end });
    overlay.end = Math.max(overlay.end, end);
  }
  const { pages, zeros, steps } = overlay;
  if (pages.size > MAX_PAGES || zeros.length > MAX_ZEROS || steps > MAX_STEPS) {
    throw vhdxError(
      'vhdx.log.limit',
      `the log replaces ${pages.size} pages and ${zeros.length} ranges of zeros; ` +
        `at most ${MAX_PAGES} and ${MAX_ZEROS} are accepted, and fewer if they overlap`,
      { data: { pages: pages.size, zeros: zeros.length } },
    );
  }
}

/**
 * Removes pages that a later zero range hides. Walks the range or the pages, whichever is shorter.
 */
function forgetPages(overlay: Overlay, start: number, end: number): void {
  const { pages } = overlay;
  const inRange = (end - start) / PAGE;
  overlay.steps += Math.min(pages.size, inRange);
  if (inRange <= pages.size) {
    for (let at = start; at < end; at += PAGE) pages.delete(at);
    return;
  }
  for (const at of pages.keys()) if (at >= start && at < end) pages.delete(at);
}
