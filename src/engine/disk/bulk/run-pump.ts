import { delay, never } from '../../base/abort.ts';
import type {
  Pump,
  PumpExtent,
  PumpFailure,
  PumpProgress,
  PumpResult,
} from '../../native/loops/pump.ts';
import { fileError } from '../../source/platform/file-errors.ts';
import { sourceError } from '../../source/source-errors.ts';

/** Work of a pump: extents of one disk, or of two that are compared. */
export interface PumpBatch {
  readonly a: readonly PumpExtent[];
  readonly b?: readonly PumpExtent[];
}

/** Receives what a pump reports. */
export interface PumpListener {
  /** Names of the files, for messages. */
  readonly files: readonly string[];
  readonly target: string;
  /** Results of a batch, in order. */
  result(result: PumpResult): void | Promise<void>;
  /** Bytes that were read since the last call. */
  advance(bytes: number): void;
  /** Whether further batches are needless. */
  isEnough?(state: PumpProgress): boolean;
}

/** Batches that wait or are under way: while one is computed here, others keep the threads busy. */
const AHEAD = 4;
/** Pauses between polls, in milliseconds: short at first, since small disks take no longer. */
const FIRST_PAUSE = 1;
const LAST_PAUSE = 5;

/**
 * Feeds batches to a pump until all are done, then closes it. Returns its last state. Throws the
 * first failure, or the signal's reason; the threads have stopped then.
 */
export async function runPump(
  pump: Pump,
  batches: AsyncIterator<PumpBatch>,
  listener: PumpListener,
  signal: AbortSignal,
): Promise<PumpProgress> {
  let read = 0;
  let more = true;
  let pause = FIRST_PAUSE;
  try {
    for (;;) {
      signal.throwIfAborted();
      const state = pump.poll();
      if (state.failure !== undefined) throw failureError(state.failure, listener);
      if (state.readBytes > read) listener.advance(state.readBytes - read);
      read = state.readBytes;
      if (listener.isEnough?.(state) === true) more = false;
      if (more && state.batches < AHEAD) {
        const next = await batches.next();
        if (next.done === true) more = false;
        else pump.submit(next.value.a, next.value.b);
      } else if (state.finished > 0) {
        await listener.result(pump.take());
      } else if (state.batches === 0) {
        return state;
      } else {
        await delay(pause, signal);
        pause = Math.min(pause + 1, LAST_PAUSE);
      }
    }
  } finally {
    await batches.return?.();
    await stop(pump);
  }
}

/** Ends a pump without blocking the event loop: a thread may wait for a slow device. */
async function stop(pump: Pump): Promise<void> {
  pump.cancel();
  while (pump.poll().busy > 0) await delay(1, never);
  pump.close();
}

function failureError(failure: PumpFailure, { files, target }: PumpListener): Error {
  const { code, operation, file, offset, length } = failure;
  const name = operation === 'read' ? (files[file] ?? '') : target;
  if (code === 'short') {
    return sourceError('source.short', `${name} ends before ${offset + length}`, {
      data: { name, offset, length },
    });
  }
  const cause = Object.assign(new Error(`${code}: ${operation} of ${length} bytes`), { code });
  return fileError(cause, `${operation} ${length} bytes at ${offset} of`, name);
}
