import type { EngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { LoadBudget } from '../../../source/load-budget.ts';
import { SharedLoads } from '../../../source/shared-loads.ts';
import { defectError } from '../../inspect/defect.ts';
import { batEntryDefect, type BatPlace } from '../structures/bat-rules.ts';
import { SECTOR, UNUSED } from '../structures/layout.ts';
import { vhdError } from '../structures/vhd-errors.ts';

/** Entries of one cached page: 64 KiB. */
export const PAGE_ENTRIES = 16_384;

/** Reads the BAT of one image in cached pages and checks the entries that are used. */
export class BatPages {
  readonly #source: ByteSource;
  readonly #place: BatPlace;
  readonly #pages: SharedLoads;

  constructor(source: ByteSource, place: BatPlace, budget: LoadBudget) {
    this.#source = source;
    this.#place = place;
    this.#pages = new SharedLoads(budget, PAGE_ENTRIES * 4);
  }

  /** Returns the entries of the page that holds `block`, as stored. */
  async page(block: number, signal: AbortSignal): Promise<DataView> {
    const key = Math.floor(block / PAGE_ENTRIES);
    const bytes = await this.#pages.get(key, () => this.#load(key, signal), signal);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Checks an entry of this image; see {@link checkEntry}. */
  check(block: number, entry: number): number | undefined | EngineError {
    return checkEntry(this.#place, block, entry);
  }

  async #load(key: number, signal: AbortSignal): Promise<Uint8Array> {
    const first = key * PAGE_ENTRIES;
    const count = Math.min(PAGE_ENTRIES, this.#place.blocks - first);
    const bytes = new Uint8Array(count * 4);
    await this.#source.read(this.#place.batOffset + first * 4, bytes, signal);
    return bytes;
  }
}

/**
 * Returns the file offset of a block's bitmap, undefined if it has no block, or the error of an
 * entry that cannot be right.
 */
export function checkEntry(
  place: BatPlace,
  block: number,
  entry: number,
): number | undefined | EngineError {
  if (entry === UNUSED) return undefined;
  const defect = batEntryDefect(block, entry, place);
  return defect === undefined ? entry * SECTOR : defectError(vhdError, defect);
}
