import type { CimClass, CimQuery, ReferencedInstance } from '../../cim/client.ts';
import type { CimInstance, CimReference } from '../../cim/model.ts';
import { selectedClass } from '../../cim/wql.ts';
import { wqlFilter, type Filter } from './enumerate-requests.ts';
import { enumerateAll, type SendSized } from './enumeration.ts';
import { resourceUri } from './names.ts';
import { wsmanError } from './faults/wsman-errors.ts';

/** Source of an enumeration: a class, or the result of a filter. */
export interface RowSource {
  readonly resourceUri: string;
  readonly filter?: Filter;
  readonly projectedClass?: string | undefined;
}

/** Reads enumerations in the three modes (DSP0226 8.7). */
export class Rows {
  readonly #send: SendSized;

  constructor(send: SendSized) {
    this.#send = send;
  }

  async *instances(source: RowSource, signal: AbortSignal): AsyncGenerator<CimInstance> {
    for await (const { instance } of enumerateAll(
      this.#send,
      { ...source, mode: 'object' },
      signal,
    )) {
      yield present(instance, 'instance', source);
    }
  }

  async *references(source: RowSource, signal: AbortSignal): AsyncGenerator<CimReference> {
    for await (const { reference } of enumerateAll(
      this.#send,
      { ...source, mode: 'reference' },
      signal,
    )) {
      yield present(reference, 'reference', source);
    }
  }

  async *referenced(source: RowSource, signal: AbortSignal): AsyncGenerator<ReferencedInstance> {
    for await (const row of enumerateAll(this.#send, { ...source, mode: 'both' }, signal)) {
      const instance = present(row.instance, 'instance', source);
      yield { instance, reference: present(row.reference, 'reference', source) };
    }
  }
}

/** Returns the resource URI of a class; without a namespace, of a class of Hyper-V. */
export const classUri = (from: string | CimClass): string =>
  typeof from === 'string' ? resourceUri(from) : resourceUri(from.className, from.namespace);

/** Returns what a query enumerates; without a namespace, it runs in Hyper-V's. */
export function wqlSource(query: string | CimQuery): RowSource {
  const wql = typeof query === 'string' ? query : query.wql;
  const namespace = typeof query === 'string' ? undefined : query.namespace;
  const projected = !/^\s*SELECT\s+\*/i.test(wql);
  return {
    resourceUri: resourceUri('*', namespace),
    filter: wqlFilter(wql),
    projectedClass: projected ? selectedClass(wql) : undefined,
  };
}

function present<T>(value: T | undefined, what: string, { resourceUri: uri }: RowSource): T {
  if (value !== undefined) return value;
  throw wsmanError('wsman.answer', `A row of the enumeration of ${uri} has no ${what}`, {
    data: { resource: uri, expected: what },
  });
}
