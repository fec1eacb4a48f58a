import type { Associators, References } from '../../cim/client.ts';
import type { CimInstance, CimReference } from '../../cim/model.ts';
import { child, requireChild, type XmlElement } from '../../cim/xml/xml-element.ts';
import { element, escapeXml, textElement } from '../../cim/xml/xml-writer.ts';
import type { WsmanRequest } from './envelope.ts';
import { parseInstance } from './instance.ts';
import { ACTION, DIALECT, NS } from './names.ts';
import { parseReference, referenceContent } from './reference.ts';
import { wsmanError } from './faults/wsman-errors.ts';

/** One batch of an enumeration. */
export interface Batch {
  readonly items: readonly BatchItem[];
  /** undefined at the end of the sequence. */
  readonly context: string | undefined;
}

export interface BatchItem {
  /** undefined if only references were requested. */
  readonly instance: CimInstance | undefined;
  readonly reference: CimReference | undefined;
}

/** Filter of an enumeration: its dialect and content as XML. */
export interface Filter {
  readonly dialect: string;
  readonly content: string;
}

/** Instances, references to them, or both (DSP0226 8.7). */
export type EnumerationMode = 'object' | 'reference' | 'both';

const MODES: Readonly<Record<EnumerationMode, string>> = {
  object: '',
  reference: textElement('w:EnumerationMode', 'EnumerateEPR'),
  both: textElement('w:EnumerationMode', 'EnumerateObjectAndEPR'),
};

export interface EnumerateOptions {
  readonly resourceUri: string;
  /** WQL and associations require a resource URI that ends in `/*`. */
  readonly filter?: Filter | undefined;
  readonly mode: EnumerationMode;
  /** Class of the rows of a projection, which arrive without a class. */
  readonly projectedClass?: string | undefined;
  readonly maxElements: number;
}

export const wqlFilter = (wql: string): Filter => ({
  dialect: DIALECT.wql,
  content: escapeXml(wql),
});

/** Returns the filter that selects what ASSOCIATORS OF does (DSP0227 17.1.2), its parts in the schema's order. */
export function associatorsFilter(query: Associators): Filter {
  const { object, assocClass, role, resultClass, resultRole } = query;
  return associationFilter('b:AssociatedInstances', object, [
    ['b:AssociationClassName', assocClass],
    ['b:Role', role],
    ['b:ResultClassName', resultClass],
    ['b:ResultRole', resultRole],
  ]);
}

/** Returns the filter that selects what REFERENCES OF does. */
export function referencesFilter({ object, resultClass, role }: References): Filter {
  return associationFilter('b:AssociationInstances', object, [
    ['b:ResultClassName', resultClass],
    ['b:Role', role],
  ]);
}

function associationFilter(
  name: string,
  object: CimReference,
  parts: readonly (readonly [string, string | undefined])[],
): Filter {
  const rest = parts
    .map(([part, value]) => (value === undefined ? '' : textElement(part, value)))
    .join('');
  const content = element(name, {}, element('b:Object', {}, referenceContent(object)) + rest);
  return { dialect: DIALECT.association, content };
}

/**
 * Creates an Enumerate in the optimised form (DSP0226 8.2.3): the answer includes the first batch.
 */
export function enumerateRequest(options: EnumerateOptions): WsmanRequest<Batch> {
  const { filter, mode, maxElements, resourceUri, projectedClass } = options;
  const content =
    element('w:OptimizeEnumeration', {}) +
    textElement('w:MaxElements', String(maxElements)) +
    MODES[mode] +
    (filter === undefined ? '' : element('w:Filter', { Dialect: filter.dialect }, filter.content));
  return {
    action: ACTION.enumerate,
    resourceUri,
    body: element('n:Enumerate', {}, content),
    repetition: 'read',
    parse: (body) => parseBatch(requireChild(body, 'EnumerateResponse'), projectedClass),
  };
}

/**
 * Creates a Pull of the next batch. MaxElements must equal that of Enumerate (else fault
 * 2150859181).
 */
export function pullRequest(options: EnumerateOptions, context: string): WsmanRequest<Batch> {
  const { resourceUri, maxElements, projectedClass } = options;
  return {
    action: ACTION.pull,
    resourceUri,
    body: element(
      'n:Pull',
      {},
      textElement('n:EnumerationContext', context) +
        textElement('n:MaxElements', String(maxElements)),
    ),
    repetition: 'pull',
    parse: (body) => parseBatch(requireChild(body, 'PullResponse'), projectedClass),
  };
}

/**
 * Creates a Release of an enumeration, which would otherwise occupy a slot on the host for a
 * minute.
 */
export function releaseRequest(resource: string, context: string): WsmanRequest<undefined> {
  return {
    action: ACTION.release,
    resourceUri: resource,
    body: element('n:Release', {}, textElement('n:EnumerationContext', context)),
    repetition: 'read',
    parse: () => undefined,
  };
}

/**
 * Items and EndOfSequence are in the wsman namespace in the answer to Enumerate, and in the
 * enumeration namespace in the answer to Pull.
 */
function parseBatch(response: XmlElement, projectedClass: string | undefined): Batch {
  const items = child(response, 'Items');
  const ended = child(response, 'EndOfSequence') !== undefined;
  const context = child(response, 'EnumerationContext')?.text.trim();
  if (!ended && (context === undefined || context === '')) {
    throw wsmanError('wsman.answer', `${response.local} has neither EndOfSequence nor a context`, {
      data: { response: response.local },
    });
  }
  return {
    items: (items?.children ?? []).map((item) => parseItem(item, projectedClass)),
    context: ended ? undefined : context,
  };
}

/** An item is an instance, a reference, both in a wsman Item, or an XmlFragment of a projection. */
function parseItem(item: XmlElement, projectedClass: string | undefined): BatchItem {
  if (item.local === 'EndpointReference' && item.uri === NS.addressing) {
    return { instance: undefined, reference: parseReference(item) };
  }
  if (item.uri !== NS.wsman) return { instance: parseInstance(item), reference: undefined };
  if (item.local === 'XmlFragment') {
    const { properties } = parseInstance(item);
    return { instance: { className: projectedClass ?? '', properties }, reference: undefined };
  }
  if (item.local !== 'Item') return { instance: parseInstance(item), reference: undefined };
  const holder = child(item, 'EndpointReference');
  const instance = item.children.find((each) => each !== holder);
  if (instance === undefined) {
    throw wsmanError('wsman.answer', 'An item of an enumeration has no instance');
  }
  return { instance: parseInstance(instance), reference: holder && parseReference(holder) };
}
