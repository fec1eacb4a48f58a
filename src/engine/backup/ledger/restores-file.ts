import { formatJson, parseJsonObject } from '../../base/json-fields.ts';
import type { Guid } from '../../base/guid.ts';
import { restoresPath } from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';
import { readOvers, type OverParts } from './read-overs.ts';

const VERSION = 2;
const LIMIT = 16 * 1024 * 1024;

/**
 * The copy of what a ledger knows of restores over its VM, beside the ledger. Neither the manifests nor
 * the host tell that disks were replaced: a ledger that is rebuilt without it would take the reference
 * points of before as a base, and an increment would lack what the restore wrote.
 */
export class RestoresFile {
  readonly #store: Store;
  readonly #vmId: Guid;
  /** Text that was written last; undefined: not known. */
  #written: string | undefined;
  /** The ledger that was loaded or saved last has something to copy. */
  #has = false;

  constructor(store: Store, vmId: Guid) {
    this.#store = store;
    this.#vmId = vmId;
  }

  loaded(parts: OverParts): void {
    this.#written = undefined;
    this.#has = textOf(this.#vmId, parts) !== '';
  }

  /** Saves the ledger by `save`, and the copy in an order in which the copy never lacks a restore. */
  async around(parts: OverParts, save: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const text = textOf(this.#vmId, parts);
    const path = restoresPath(this.#vmId);
    if (text !== '' && text !== this.#written) {
      await this.#store.replaceFile(path, new TextEncoder().encode(text), signal);
    }
    await save();
    if (text === '' && this.#has) await this.#store.remove(path, signal);
    this.#has = text !== '';
    this.#written = text;
  }
}

/** Returns the copy beside a ledger; empty if it does not exist, undefined if it is damaged. */
export async function readRestores(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
): Promise<OverParts | undefined> {
  const bytes = await store.readFile(restoresPath(vmId), LIMIT * 2, signal);
  if (bytes === undefined) return {};
  const fail = (at: string, problem: string): Error => new Damaged(`${at} ${problem}`);
  try {
    if (bytes.length > LIMIT) throw fail('', 'is too long');
    const f = parseJsonObject(bytes, fail).ignoringUnknown();
    if (f.integer('version', 1) > VERSION || f.guid('vmId') !== vmId) return undefined;
    return readOvers(f, VERSION);
  } catch (error) {
    if (error instanceof Damaged) return undefined;
    throw error;
  }
}

/** A field of the file is not as expected. */
class Damaged extends Error {}

function textOf(vmId: Guid, { overs = [], stale = [] }: OverParts): string {
  if (overs.length === 0 && stale.length === 0) return '';
  return new TextDecoder().decode(formatJson({ version: VERSION, vmId, overs, stale }));
}
