import { setImmediate as nextTurn } from 'node:timers/promises';
import { delay } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import type { WsmanRequest } from './envelope.ts';
import {
  enumerateRequest,
  pullRequest,
  releaseRequest,
  type Batch,
  type BatchItem,
  type EnumerateOptions,
} from './enumerate-requests.ts';
import { PullFailure, restartPause } from './faults/retry.ts';
import { DeliveredRows } from './rows/delivered-rows.ts';
import { wsmanError } from './faults/wsman-errors.ts';

/** Rows per batch. Whole instances fill an envelope sooner; a projection's rows are small. */
const MAX_ELEMENTS = 200;
const MAX_PROJECTED = 2000;
/**
 * Maximum total size of the answers of one run, in bytes: more than the largest host needs. Rows are
 * handed on as they arrive, so this limits time, not memory.
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
 * Yields the rows of an enumeration while it is read. Restarts it if a batch was lost, if the host
 * forgot the enumeration, or with smaller batches if a batch does not fit into an envelope; rows
 * that were yielded before are omitted then. Releases it if the consumer ends early.
 */
export async function* enumerateAll(
  send: SendSized,
  options: Omit<EnumerateOptions, 'maxElements'>,
  signal: AbortSignal,
): AsyncGenerator<BatchItem> {
  const delivered = new DeliveredRows();
  let maxElements = options.projectedClass === undefined ? MAX_ELEMENTS : MAX_PROJECTED;
  for (let restarts = 0, before = 0; ;) {
    try {
      for await (const batch of batches(send, { ...options, maxElements }, signal)) {
        yield* delivered.fresh(batch.items, batch.context === undefined);
      }
      return;
    } catch (error) {
      const cause = error instanceof PullFailure ? error.cause : error;
      if (isEngineError(cause, 'wsman.fault.envelopeTooLarge') && maxElements > 1) {
        maxElements = Math.ceil(maxElements / 4);
      } else {
        // A run that delivered something made progress.
        if (delivered.total > before) restarts = 0;
        before = delivered.total;
        const pause = error instanceof PullFailure ? restartPause(cause, restarts++) : undefined;
        if (signal.aborted || pause === undefined) throw cause;
        await delay(pause, signal);
      }
      delivered.restart();
    }
  }
}

/** Yields the batches of one run. */
async function* batches(
  send: SendSized,
  options: EnumerateOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const { resourceUri: resource } = options;
  const seen = new SeenBatches(resource);
  let context: string | undefined;
  let answer = await send(enumerateRequest(options), signal);
  try {
    for (;;) {
      ({ context } = answer.result);
      seen.add(answer.result, answer.bytes);
      yield answer.result;
      if (context === undefined) return;
      // Reading a batch takes some 20 ms; whatever else waits comes first.
      await nextTurn();
      answer = await pull(send, options, context, signal);
    }
  } finally {
    if (context !== undefined) await release(send, resource, context);
  }
}

async function pull(
  send: SendSized,
  options: EnumerateOptions,
  context: string,
  signal: AbortSignal,
): Promise<{ readonly result: Batch; readonly bytes: number }> {
  try {
    return await send(pullRequest(options, context), signal);
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
