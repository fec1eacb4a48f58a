import type { CimInstance } from '../../cim/model.ts';
import { child, childText, type XmlElement } from '../../cim/xml/xml-element.ts';
import { DIALECT, NS } from '../../net/wsman/names.ts';
import { parseReference, parseSelectors } from '../../net/wsman/reference.ts';
import { element, textElement } from '../../cim/xml/xml-writer.ts';
import { associatedInstances, associationInstances } from '../wmi/associations.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { ClassTable } from '../wmi/class-table.ts';
import { EnumerationContexts } from './enumeration-contexts.ts';
import type { Renderer } from './render.ts';
import type { WireRequest } from './request.ts';
import { evaluateWql } from '../wmi/wql-evaluate.ts';
import { parseWql } from '../wmi/wql-parser.ts';
import type { SelectQuery } from '../../cim/wql.ts';

/** Bytes reserved for the envelope around the items. */
const ENVELOPE_ROOM = 2048;

const MODES: ReadonlySet<string> = new Set(['EnumerateEPR', 'EnumerateObjectAndEPR']);

/** Enumerate, Pull and Release (DSP0226 8) over a repository. */
export class Enumerations {
  readonly #classes: ClassTable;
  readonly #renderer: Renderer;
  readonly #contexts = new EnumerationContexts();

  constructor(classes: ClassTable, renderer: Renderer) {
    this.#classes = classes;
    this.#renderer = renderer;
  }

  async enumerate(request: WireRequest): Promise<string> {
    const enumerate = requireBody(request, 'Enumerate');
    if (child(enumerate, 'Filter', NS.enumeration) !== undefined) {
      throw new CimFault('cannotProcessFilter', 'Filter is expected in the namespace of wsman');
    }
    const mode = childText(enumerate, 'EnumerationMode');
    if (mode !== undefined && !MODES.has(mode)) {
      throw new CimFault('modeUnsupported', `The enumeration mode ${mode} is not supported`);
    }
    const { instances, names } = await this.#select(request, child(enumerate, 'Filter', NS.wsman));
    const items = instances.map((each) => this.#item(each, mode, names));
    const optimised = child(enumerate, 'OptimizeEnumeration', NS.wsman) !== undefined;
    const maxElements = optimised ? readMaxElements(enumerate) : undefined;
    // Without MaxElements Windows returns one item per answer.
    const taken = optimised ? this.#fit(items, 0, maxElements ?? 1, request.maxEnvelopeSize) : 0;
    const ended = optimised && taken === items.length;
    const { resourceUri, maxEnvelopeSize } = request;
    const context = ended
      ? ''
      : this.#contexts.add({ resourceUri, maxElements, maxEnvelopeSize, items }, taken);
    return element(
      'n:EnumerateResponse',
      {},
      element('n:EnumerationContext', {}, context) +
        (optimised ? element('w:Items', {}, items.slice(0, taken).join('')) : '') +
        (ended ? element('w:EndOfSequence', {}) : ''),
    );
  }

  async pull(request: WireRequest): Promise<string> {
    const pull = requireBody(request, 'Pull');
    const context = childText(pull, 'EnumerationContext') ?? '';
    const enumeration = this.#contexts.use(context);
    const asked = readMaxElements(pull);
    const changed =
      (enumeration.maxElements !== undefined && asked !== enumeration.maxElements) ||
      request.maxEnvelopeSize !== enumeration.maxEnvelopeSize;
    if (changed) {
      throw new CimFault(
        'pullParameters',
        'MaxElements and MaxEnvelopeSize must be those of the Enumerate',
      );
    }
    const { items, next } = enumeration;
    const taken = this.#fit(items, next, asked ?? 1, request.maxEnvelopeSize);
    enumeration.next += taken;
    const ended = enumeration.next === items.length;
    if (ended) this.#contexts.end(context);
    return element(
      'n:PullResponse',
      {},
      (ended ? '' : textElement('n:EnumerationContext', context)) +
        element('n:Items', {}, items.slice(next, next + taken).join('')) +
        (ended ? element('n:EndOfSequence', {}) : ''),
    );
  }

  async release(request: WireRequest): Promise<string> {
    const context = childText(requireBody(request, 'Release'), 'EnumerationContext') ?? '';
    this.#contexts.use(context);
    this.#contexts.end(context);
    return '';
  }

  /** Returns the number of items from `next` on that fit into one answer. */
  #fit(items: readonly string[], next: number, maxElements: number, maxEnvelope: number): number {
    let bytes = ENVELOPE_ROOM;
    let count = 0;
    while (next + count < items.length && count < maxElements) {
      bytes += Buffer.byteLength(items[next + count] ?? '');
      if (bytes > maxEnvelope) break;
      count++;
    }
    if (count === 0 && next < items.length) {
      throw new CimFault('envelopeTooLarge', `One item does not fit into ${maxEnvelope} bytes`);
    }
    return count;
  }

  #item(instance: CimInstance, mode: string | undefined, names: readonly string[] | null): string {
    const endpoint = (): string => this.#renderer.endpoint(this.#classes.referenceOf(instance));
    if (names !== null) return this.#renderer.fragment(instance, names);
    if (mode === undefined) return this.#renderer.instance(instance);
    if (mode === 'EnumerateEPR') return endpoint();
    return element('w:Item', {}, this.#renderer.instance(instance) + endpoint());
  }

  async #select(
    request: WireRequest,
    filter: XmlElement | undefined,
  ): Promise<{ instances: CimInstance[]; names: SelectQuery['names'] }> {
    const className = request.resource?.className ?? '';
    if (filter === undefined) {
      if (className === '*') throw new CimFault('cannotProcessFilter', 'All classes need a filter');
      return { instances: await this.#classes.instances(className), names: null };
    }
    const dialect = filter.attributes.get('Dialect') ?? '';
    if (dialect === DIALECT.selector) {
      return { instances: await this.#bySelectors(className, filter), names: null };
    }
    if (className !== '*') {
      throw new CimFault(
        'wqlOnClass',
        'A filter of this dialect needs the resource URI that ends in /*',
      );
    }
    if (dialect === DIALECT.wql) {
      const query = parseWql(filter.text);
      const names = query.kind === 'select' ? query.names : null;
      return { instances: await evaluateWql(this.#classes, query), names };
    }
    if (dialect === DIALECT.association) {
      return { instances: await this.#byAssociation(filter), names: null };
    }
    throw new CimFault('filterDialect', `The filter dialect ${dialect} is not supported`);
  }

  async #bySelectors(className: string, filter: XmlElement): Promise<CimInstance[]> {
    const set = child(filter, 'SelectorSet', NS.wsman);
    const wanted = Object.entries(set === undefined ? {} : parseSelectors(set));
    const instances = await this.#classes.instances(className);
    return instances.filter((each) =>
      wanted.every(([name, value]) => {
        const found = each.properties.get(name);
        return typeof found !== 'object' && String(found).toLowerCase() === value.toLowerCase();
      }),
    );
  }

  async #byAssociation(filter: XmlElement): Promise<CimInstance[]> {
    const [query] = filter.children;
    const holder = query && child(query, 'Object', NS.cimBinding);
    const source = holder && parseReference(holder);
    if (query === undefined || source === undefined) {
      throw new CimFault('cannotProcessFilter', 'The association filter names no object');
    }
    const part = (key: string, local: string): Record<string, string> => {
      const text = childText(query, local);
      return text === undefined ? {} : { [key]: text };
    };
    const conditions = {
      ...part('associationClass', 'AssociationClassName'),
      ...part('resultClass', 'ResultClassName'),
      ...part('role', 'Role'),
      ...part('resultRole', 'ResultRole'),
    };
    return query.local === 'AssociationInstances'
      ? associationInstances(this.#classes, source, conditions)
      : associatedInstances(this.#classes, source, conditions);
  }
}

function requireBody(request: WireRequest, local: string): XmlElement {
  const found = child(request.body, local, NS.enumeration);
  if (found === undefined) throw new CimFault('schema', `The body has no ${local}`);
  return found;
}

function readMaxElements(parent: XmlElement): number | undefined {
  const text = childText(parent, 'MaxElements');
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new CimFault('schema', `MaxElements is ${text}; a positive number was expected`);
  }
  return Math.min(count, 32_000);
}
