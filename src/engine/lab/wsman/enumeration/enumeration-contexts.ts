import { randomUUID } from 'node:crypto';
import { CimFault } from '../../wmi/cim-fault.ts';
import type { ItemQueue } from './item-queue.ts';

/**
 * The rest of an enumeration. Its objects are those of the start; each is read and rendered when it
 * is pulled, as WMI does, so that a large inventory needs neither memory nor a long first answer.
 */
export interface Enumeration {
  readonly resourceUri: string;
  readonly maxElements: number | undefined;
  readonly maxEnvelopeSize: number;
  readonly items: ItemQueue;
  lastUsed: number;
}

/** As on Windows, a context is discarded if it is not pulled for a minute. */
const IDLE_LIMIT = 60_000;
const MAX_CONTEXTS = 1500;

export class EnumerationContexts {
  readonly #open = new Map<string, Enumeration>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(enumeration: Omit<Enumeration, 'lastUsed'>): string {
    this.#forgetIdle();
    if (this.#open.size >= MAX_CONTEXTS) {
      throw new CimFault('internal', 'Too many enumerations are open');
    }
    const context = `uuid:${randomUUID().toUpperCase()}`;
    this.#open.set(context, { ...enumeration, lastUsed: this.#now() });
    return context;
  }

  /** Throws InvalidEnumerationContext for unknown, ended and discarded contexts. */
  use(context: string): Enumeration {
    this.#forgetIdle();
    const found = this.#open.get(context);
    if (found === undefined) {
      throw new CimFault(
        'invalidContext',
        'The enumeration context is not known: it ended or expired',
      );
    }
    found.lastUsed = this.#now();
    return found;
  }

  end(context: string): void {
    this.#open.delete(context);
  }

  /** Discards all contexts. */
  clear(): void {
    this.#open.clear();
  }

  #forgetIdle(): void {
    const limit = this.#now() - IDLE_LIMIT;
    for (const [context, enumeration] of this.#open) {
      if (enumeration.lastUsed < limit) this.#open.delete(context);
    }
  }
}
