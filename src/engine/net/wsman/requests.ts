import type { Invocation, InvokeResult, ReferencedInstance } from '../../cim/client.ts';
import type { CimInstance, CimReference } from '../../cim/model.ts';
import { child, requireChild, type XmlElement } from '../../cim/xml/xml-element.ts';
import { element, escapeXml, textElement } from '../../cim/xml/xml-writer.ts';
import { encodeArguments } from './arguments.ts';
import type { WsmanRequest } from './envelope.ts';
import { parseInstance, parseProperties } from './instance.ts';
import { ACTION, DIALECT, NS } from './names.ts';
import { parseReference, uriOf } from './reference.ts';
import { wsmanError } from './wsman-errors.ts';

/** Creates a Transfer Get of one instance. */
export function getRequest(reference: CimReference): WsmanRequest<CimInstance> {
  return {
    action: ACTION.get,
    resourceUri: uriOf(reference),
    selectors: reference.keys,
    body: '',
    repetition: 'read',
    parse: (body) => parseInstance(onlyChild(body, 'an instance')),
  };
}

/** One batch of an enumeration. */
export interface Batch {
  readonly items: readonly BatchItem[];
  /** undefined at the end of the sequence. */
  readonly context: string | undefined;
}

export interface BatchItem {
  readonly instance: CimInstance;
  readonly reference: CimReference | undefined;
}

export interface EnumerateOptions {
  readonly resourceUri: string;
  /** WQL query; the resource URI must then end in `/*`. */
  readonly wql?: string;
  readonly withReferences: boolean;
  readonly maxElements: number;
}

/**
 * Creates an Enumerate in the optimised form (DSP0226 8.2.3): the answer includes the first batch.
 */
export function enumerateRequest(options: EnumerateOptions): WsmanRequest<Batch> {
  const mode = options.withReferences
    ? textElement('w:EnumerationMode', 'EnumerateObjectAndEPR')
    : '';
  const filter =
    options.wql === undefined
      ? ''
      : element('w:Filter', { Dialect: DIALECT.wql }, escapeXml(options.wql));
  const content =
    element('w:OptimizeEnumeration', {}) +
    textElement('w:MaxElements', String(options.maxElements)) +
    mode +
    filter;
  return {
    action: ACTION.enumerate,
    resourceUri: options.resourceUri,
    body: element('n:Enumerate', {}, content),
    repetition: 'read',
    parse: (body) => parseBatch(requireChild(body, 'EnumerateResponse')),
  };
}

/**
 * Creates a Pull of the next batch. MaxElements must equal that of Enumerate (else fault
 * 2150859181).
 */
export function pullRequest(
  resource: string,
  context: string,
  maxElements: number,
): WsmanRequest<Batch> {
  return {
    action: ACTION.pull,
    resourceUri: resource,
    body: element(
      'n:Pull',
      {},
      textElement('n:EnumerationContext', context) +
        textElement('n:MaxElements', String(maxElements)),
    ),
    repetition: 'pull',
    parse: (body) => parseBatch(requireChild(body, 'PullResponse')),
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
 * Creates a method call (DSP0227 8): `<Method_INPUT>` in the class's namespace, arguments in the
 * given order.
 */
export function invokeRequest(call: Invocation): WsmanRequest<InvokeResult> {
  const { target, method, args, repeatable } = call;
  const resourceUri = uriOf(target);
  return {
    action: `${resourceUri}/${method}`,
    resourceUri,
    selectors: target.keys,
    body: element(`p:${method}_INPUT`, { 'xmlns:p': resourceUri }, encodeArguments(args)),
    repetition: repeatable ? 'read' : 'change',
    parse: (body) => parseOutput(requireChild(body, `${method}_OUTPUT`)),
  };
}

function parseOutput(output: XmlElement): InvokeResult {
  const out = parseProperties(output.children);
  const value = out.get('ReturnValue');
  if (typeof value !== 'string' || !/^\d{1,10}$/.test(value)) {
    throw wsmanError('wsman.answer', `${output.local} has no numeric ReturnValue`, {
      data: { output: output.local },
    });
  }
  out.delete('ReturnValue');
  return { returnValue: Number(value), out };
}

/**
 * Items and EndOfSequence are in the wsman namespace in the answer to Enumerate, and in the
 * enumeration namespace in the answer to Pull.
 */
function parseBatch(response: XmlElement): Batch {
  const items = child(response, 'Items');
  const ended = child(response, 'EndOfSequence') !== undefined;
  const context = child(response, 'EnumerationContext')?.text.trim();
  if (!ended && (context === undefined || context === '')) {
    throw wsmanError('wsman.answer', `${response.local} has neither EndOfSequence nor a context`, {
      data: { response: response.local },
    });
  }
  return { items: (items?.children ?? []).map(parseItem), context: ended ? undefined : context };
}

function parseItem(item: XmlElement): BatchItem {
  if (item.local !== 'Item' || item.uri !== NS.wsman) {
    return { instance: parseInstance(item), reference: undefined };
  }
  const holder = child(item, 'EndpointReference');
  const instance = item.children.find((each) => each !== holder);
  if (instance === undefined) {
    throw wsmanError('wsman.answer', 'An item of an enumeration has no instance');
  }
  return { instance: parseInstance(instance), reference: holder && parseReference(holder) };
}

/** Returns the item with its reference, which must exist. */
export function referenced(item: BatchItem): ReferencedInstance {
  if (item.reference === undefined) {
    throw wsmanError('wsman.answer', `An instance of ${item.instance.className} has no reference`);
  }
  return { instance: item.instance, reference: item.reference };
}

function onlyChild(body: XmlElement, what: string): XmlElement {
  const [first] = body.children;
  if (first === undefined) {
    throw wsmanError('wsman.answer', `The answer is empty; expected ${what}`);
  }
  return first;
}
