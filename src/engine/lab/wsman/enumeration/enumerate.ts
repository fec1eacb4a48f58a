import { child, childText, type XmlElement } from '../../../cim/xml/xml-element.ts';
import { NS } from '../../../net/wsman/names.ts';
import { element, textElement } from '../../../cim/xml/xml-writer.ts';
import { CimFault } from '../../wmi/cim-fault.ts';
import type { ClassTable } from '../../wmi/class-table.ts';
import { EnumerationContexts } from './enumeration-contexts.ts';
import { Filters, type Selection } from './filters.ts';
import { ItemQueue } from './item-queue.ts';
import type { Renderer } from '../render/render.ts';
import type { WireRequest } from '../read/request.ts';

/** Bytes reserved for the envelope around the items. */
const ENVELOPE_ROOM = 2048;

const MODES: ReadonlySet<string> = new Set(['EnumerateEPR', 'EnumerateObjectAndEPR']);

/** Enumerate, Pull and Release (DSP0226 8) over a repository. */
export class Enumerations {
  readonly #classes: ClassTable;
  readonly #renderer: Renderer;
  readonly #filters: Filters;
  readonly #contexts = new EnumerationContexts();

  constructor(classes: ClassTable, renderer: Renderer) {
    this.#classes = classes;
    this.#renderer = renderer;
    this.#filters = new Filters(classes);
  }

  enumerate(request: WireRequest): string {
    const enumerate = requireBody(request, 'Enumerate');
    if (child(enumerate, 'Filter', NS.enumeration) !== undefined) {
      throw new CimFault('cannotProcessFilter', 'Filter is expected in the namespace of wsman');
    }
    const mode = childText(enumerate, 'EnumerationMode');
    if (mode !== undefined && !MODES.has(mode)) {
      throw new CimFault('modeUnsupported', `The enumeration mode ${mode} is not supported`);
    }
    const selection = this.#filters.select(request, child(enumerate, 'Filter', NS.wsman));
    const items = new ItemQueue(this.#items(selection, mode));
    const optimised = child(enumerate, 'OptimizeEnumeration', NS.wsman) !== undefined;
    const maxElements = optimised ? readMaxElements(enumerate) : undefined;
    const { resourceUri, maxEnvelopeSize } = request;
    // Without MaxElements Windows returns one item per answer.
    const taken = optimised ? take(items, maxElements ?? 1, maxEnvelopeSize) : '';
    const ended = optimised && items.peek() === undefined;
    const context = ended
      ? ''
      : this.#contexts.add({ resourceUri, maxElements, maxEnvelopeSize, items });
    return element(
      'n:EnumerateResponse',
      {},
      element('n:EnumerationContext', {}, context) +
        (optimised ? element('w:Items', {}, taken) : '') +
        (ended ? element('w:EndOfSequence', {}) : ''),
    );
  }

  pull(request: WireRequest): string {
    const pull = requireBody(request, 'Pull');
    const context = childText(pull, 'EnumerationContext') ?? '';
    if (this.#classes.repository.faults?.contextsLost() === true) this.#contexts.clear();
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
    const { items } = enumeration;
    const taken = take(items, asked ?? 1, request.maxEnvelopeSize);
    const ended = items.peek() === undefined;
    if (ended) this.#contexts.end(context);
    return element(
      'n:PullResponse',
      {},
      (ended ? '' : textElement('n:EnumerationContext', context)) +
        element('n:Items', {}, taken) +
        (ended ? element('n:EndOfSequence', {}) : ''),
    );
  }

  release(request: WireRequest): string {
    const context = childText(requireBody(request, 'Release'), 'EnumerationContext') ?? '';
    this.#contexts.use(context);
    this.#contexts.end(context);
    return '';
  }

  *#items({ instances, names }: Selection, mode: string | undefined): Generator<string> {
    for (const instance of instances) {
      if (names !== null) yield this.#renderer.fragment(instance, names);
      else if (mode === undefined) yield this.#renderer.instance(instance);
      else {
        const endpoint = this.#renderer.endpoint(this.#classes.referenceOf(instance));
        if (mode === 'EnumerateEPR') yield endpoint;
        else yield element('w:Item', {}, this.#renderer.instance(instance) + endpoint);
      }
    }
  }
}

/** Takes the items that fit into one answer. Throws EncodingLimit if not even one does. */
function take(items: ItemQueue, maxElements: number, maxEnvelope: number): string {
  let bytes = ENVELOPE_ROOM;
  let text = '';
  for (let count = 0; count < maxElements; count++) {
    const item = items.peek();
    if (item === undefined) break;
    bytes += Buffer.byteLength(item);
    if (bytes > maxEnvelope && count > 0) break;
    if (bytes > maxEnvelope) {
      throw new CimFault('envelopeTooLarge', `One item does not fit into ${maxEnvelope} bytes`);
    }
    text += item;
    items.take();
  }
  return text;
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
