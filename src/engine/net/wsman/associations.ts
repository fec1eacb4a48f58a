import { isCimError } from '../../cim/cim-errors.ts';
import type { Associators, ReferencedInstance, References } from '../../cim/client.ts';
import type { CimInstance, CimReference } from '../../cim/model.ts';
import { associatorsOf, referencesOf } from '../../cim/wql.ts';
import { associatorsFilter, referencesFilter, type Filter } from './enumerate-requests.ts';
import { resourceUri } from './names.ts';
import { wqlSource, type RowSource, type Rows } from './rows.ts';

type Read<Row> = (source: RowSource) => AsyncGenerator<Row>;

/**
 * Associations of an object by WQL text. If the host refuses the text but answers the association
 * filter, uses only the filter from then on. Whether Hyper-V answers the filter is UNCONFIRMED.
 */
export class Associations {
  readonly #rows: Rows;
  #byFilter = false;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  associators(query: Associators, signal: AbortSignal): AsyncGenerator<ReferencedInstance> {
    const { object } = query;
    const text = associatorsOf(object, query);
    return this.#either(object, text, associatorsFilter(query), (source) =>
      this.#rows.referenced(source, signal),
    );
  }

  references(query: References, signal: AbortSignal): AsyncGenerator<CimInstance> {
    const { object } = query;
    const text = referencesOf(object, query);
    return this.#either(object, text, referencesFilter(query), (source) =>
      this.#rows.instances(source, signal),
    );
  }

  async *#either<Row>(
    { namespace }: CimReference,
    wql: string,
    filter: Filter,
    read: Read<Row>,
  ): AsyncGenerator<Row> {
    const filtered = { resourceUri: resourceUri('*', namespace), filter };
    if (this.#byFilter) {
      yield* read(filtered);
      return;
    }
    let refusal: unknown;
    try {
      const text = { ...wqlSource(wql), resourceUri: filtered.resourceUri };
      yield* read({ ...text, projectedClass: undefined });
      return;
    } catch (error) {
      if (!isCimError(error, 'badQuery')) throw error;
      refusal = error;
    }
    try {
      yield* read(filtered);
      this.#byFilter = true;
    } catch (error) {
      // An unknown class is refused in both forms: then the text's refusal is the one to report.
      throw isCimError(error) ? refusal : error;
    }
  }
}
