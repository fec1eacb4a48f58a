import { isEngineError } from '../../base/errors.ts';
import type { WsmanRequest } from './envelope.ts';
import {
  enumerateRequest,
  pullRequest,
  releaseRequest,
  type Batch,
  type BatchItem,
  type EnumerateOptions,
} from './requests.ts';
import { PullFailure, withRestarts } from './retry.ts';
import { wsmanError } from './wsman-errors.ts';

const MAX_ELEMENTS = 200;
/**
 * Maximum total size of the answers of one enumeration, in bytes: more than the largest host needs,
 * less than would exhaust memory.
 */
const MAX_ENUMERATION = 128 * 2 ** 20;
/** Maximum number of consecutive empty batches; beyond that the host does not make progress. */
const MAX_EMPTY = 100;

/** Sends a request; returns its result and the size of the answer in bytes. */
export type SendSized = <Result>(
  request: WsmanRequest<Result>,
  signal: AbortSignal,
) => Promise<{ readonly result: Result; readonly bytes: number }>;

/**
 * Yields nothing before the end of the sequence: a batch whose answer was lost cannot be requested
 * again, so the enumeration is restarted, and no item may be yielded twice or omitted.
 */
export async function* enumerateAll(
  send: SendSized,
  options: Omit<EnumerateOptions, 'maxElements'>,
  signal: AbortSignal,
): AsyncGenerator<BatchItem> {
  let maxElements = MAX_ELEMENTS;
  for (;;) {
    try {
      const sized = { ...options, maxElements };
      yield* await withRestarts(() => collect(send, sized, signal), signal);
      return;
    } catch (error) {
      // Nothing was yielded yet, so smaller batches can be requested.
      if (!isEngineError(error, 'wsman.fault.envelopeTooLarge') || maxElements === 1) throw error;
      maxElements = Math.ceil(maxElements / 4);
    }
  }
}

/** Reads one enumeration to its end. */
async function collect(
  send: SendSized,
  options: EnumerateOptions,
  signal: AbortSignal,
): Promise<BatchItem[]> {
  const { resourceUri: resource, maxElements } = options;
  const seen = new SeenBatches(resource);
  const items: BatchItem[] = [];
  let context: string | undefined;
  let answer = await send(enumerateRequest(options), signal);
  try {
    for (;;) {
      ({ context } = answer.result);
      seen.add(answer.result, answer.bytes);
      for (const item of answer.result.items) items.push(item);
      if (context === undefined) return items;
      answer = await pull(send, resource, context, maxElements, signal);
    }
  } finally {
    if (context !== undefined) await release(send, resource, context);
  }
}

async function pull(
  send: SendSized,
  resource: string,
  context: string,
  maxElements: number,
  signal: AbortSignal,
): Promise<{ readonly result: Batch; readonly bytes: number }> {
  try {
    return await send(pullRequest(resource, context, maxElements), signal);
  } catch (error) {
    throw new PullFailure(error);
  }
}

async function release(send: SendSized, resource: string, context: string): Promise<void> {
  try {
    await send(releaseRequest(resource, context), AbortSignal.timeout(5000));
  } catch {
    // The host discards the context after a minute.
  }
}

/** Stops enumerations that a host would continue for ever. */
class SeenBatches {
  readonly #resource: string;
  #bytes = 0;
  #empty = 0;

  constructor(resource: string) {
    this.#resource = resource;
  }

  add({ items }: Batch, bytes: number): void {
    this.#bytes += bytes;
    this.#empty = items.length === 0 ? this.#empty + 1 : 0;
    if (this.#bytes <= MAX_ENUMERATION && this.#empty <= MAX_EMPTY) return;
    const what = this.#empty > MAX_EMPTY ? `${this.#empty} batches without an item` : 'no end';
    throw wsmanError('wsman.answer', `The enumeration of ${this.#resource} has ${what}`, {
      data: { resource: this.#resource, bytes: this.#bytes, limit: MAX_ENUMERATION },
    });
  }
}
