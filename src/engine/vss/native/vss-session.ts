import { delay, never } from '../../base/abort.ts';
import { JsonFields } from '../../base/json-fields.ts';
import { vssError } from '../vss-errors.ts';
import { vssFailure, type VssStep } from '../vss-failure.ts';
import { vssLibrary, type VssLibrary } from './vss-library.ts';

/** Steps of the library, by number (refpoint-vss.h). */
const STEPS = {
  beginBackup: 1,
  beginRestore: 2,
  metadata: 3,
  addComponent: 4,
  startSet: 5,
  addVolume: 6,
  prepare: 7,
  snapshot: 8,
  status: 9,
  shadow: 10,
  succeeded: 11,
  document: 12,
  complete: 13,
  abort: 14,
  release: 15,
  select: 16,
  preRestore: 17,
  fileStatus: 18,
  postRestore: 19,
  components: 20,
} as const;

export type NativeStep = keyof typeof STEPS;

/** A step, and what errors say about it. */
export interface StepCall {
  readonly native: NativeStep;
  /** Step of the requestor to which it belongs. */
  readonly step: VssStep;
  readonly fields?: readonly string[];
  /** Volume, component or writer that the step is about. */
  readonly about?: string;
}

const FINISHED = 2;
/** Longest pause between two looks at a step, in milliseconds. */
const LONGEST_PAUSE = 50;
/** Time within which a cancelled step must end before it is left alone, in milliseconds. */
const CANCEL_LIMIT = 1500;

/** Sentences about what the library noticed itself. */
const PROBLEMS: Readonly<Record<string, string>> = {
  cancelled: 'was cancelled by Windows',
  tooLarge: 'returned more than Refpoint accepts',
  memory: 'ran out of memory',
  order: 'came in the wrong order',
  input: 'got arguments that it cannot have',
  missing: 'is missing in vssapi.dll, or returned nothing',
};

/**
 * A session of the native library: one requestor object of vssapi.dll on a thread of its own. One step
 * runs at a time.
 */
export class VssSession {
  readonly #library: VssLibrary;
  readonly #session: unknown;
  #closed = false;
  /** A cancelled step has not ended in time; nothing more can be begun. */
  #stuck = false;

  private constructor(library: VssLibrary, session: unknown) {
    this.#library = library;
    this.#session = session;
  }

  /** Starts a session. Throws `vss.missing` without the library. */
  static open(): VssSession {
    const library = vssLibrary();
    if (library instanceof Error) {
      throw vssError('vss.missing', `The library for VSS cannot be used: ${library.message}`, {
        cause: library,
      });
    }
    const session = library.open();
    if (session === null || session === 0n) {
      throw vssError('vss.failed', 'The library for VSS could not start a thread');
    }
    return new VssSession(library, session);
  }

  /**
   * Runs a step and returns its result. If the signal aborts, cancels the step and throws the signal's
   * reason within two seconds, even if VSS goes on. Throws `vss.*`.
   */
  async run(
    { native, step, fields = [], about }: StepCall,
    signal: AbortSignal,
  ): Promise<JsonFields> {
    signal.throwIfAborted();
    const input = Buffer.from(fields.join('\0'), 'utf16le');
    const begun = this.#stuck || this.#closed ? 'busy' : this.#begin(native, input);
    if (begun !== 0)
      throw vssError('vss.failed', `The step ${step} of VSS cannot begin (${begun})`);
    const result = await this.#wait(signal);
    signal.throwIfAborted();
    return readResult(JSON.parse(result), step, about ?? null);
  }

  /** Ends the session: Windows aborts a backup that was not completed, and releases its shadow copies. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#library.close(this.#session);
  }

  #begin(native: NativeStep, input: Buffer): number {
    return Number(this.#library.begin(this.#session, STEPS[native], input, input.length / 2));
  }

  async #wait(signal: AbortSignal): Promise<string> {
    let cancelledAt: number | undefined;
    for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      if (Number(this.#library.poll(this.#session)) === FINISHED) return this.#take();
      if (signal.aborted && cancelledAt === undefined) {
        cancelledAt = performance.now();
        this.#library.cancel(this.#session);
      }
      if (cancelledAt === undefined) {
        await delay(pause, signal).catch(() => undefined);
      } else {
        if (performance.now() - cancelledAt > CANCEL_LIMIT) {
          this.#stuck = true;
          throw signal.reason as Error;
        }
        await delay(pause, never);
      }
    }
  }

  #take(): string {
    const units = Number(this.#library.result(this.#session, null, 0));
    const bytes = Buffer.alloc(2 * units);
    this.#library.result(this.#session, bytes, units);
    return bytes.toString('utf16le');
  }
}

function readResult(value: unknown, step: VssStep, about: string | null): JsonFields {
  const fields = new JsonFields(value, '', (at, problem) =>
    vssError('vss.answer', `The answer of VSS to ${step} is wrong: ${at} ${problem}`, {
      data: { step, at },
    }),
  );
  if (fields.flag('ok')) return fields;
  const call = fields.text('call', 64);
  const where = about === null ? call : `${call} of ${about}`;
  if (!fields.has('problem'))
    throw vssFailure(step, fields.integer('hresult', 0, 2 ** 32 - 1), where);
  const problem = fields.text('problem', 64);
  const words = PROBLEMS[problem] ?? problem;
  throw vssError('vss.failed', `The step ${step} of VSS failed: ${where} ${words}`, {
    data: { step, call, problem },
  });
}
