import type { Log } from '../../base/log.ts';
import { beforeCall, powershellError } from '../contract/powershell-errors.ts';
import type { CallRecording } from '../record/call-recording.ts';
import { ShellSession } from '../shell/shell-session.ts';

/** Prepares a new shell for calls: connects it with another computer. */
export type Prepare = (shell: ShellSession, signal: AbortSignal) => Promise<void>;

/** Maximum number of shells of a client: each is a process of about 80 MB on Windows. */
const MAX_SHELLS = 3;
const CLOSED = 'PowerShell was ended, since its client is closed';

interface Place {
  readonly shell: ShellSession;
  readonly prepared: Promise<void>;
  busy: boolean;
}

/**
 * The shells of one client. A call has one to itself; calls beyond the limit wait for their turn. A
 * shell that ended is replaced.
 */
export class ShellPool {
  readonly #log: Log;
  readonly #prepare: Prepare;
  readonly #recordingOf: (shell: number) => CallRecording | undefined;
  readonly #waiting: (() => void)[] = [];
  #places: Place[] = [];
  #isClosed = false;
  #made = 0;

  /** @param recordingOf returns what records the calls of a shell, by its number from 1 */
  constructor(
    log: Log,
    prepare: Prepare,
    recordingOf: (shell: number) => CallRecording | undefined = () => undefined,
  ) {
    this.#log = log;
    this.#prepare = prepare;
    this.#recordingOf = recordingOf;
  }

  async use<T>(signal: AbortSignal, work: (shell: ShellSession) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const place = await this.#take(signal);
    try {
      await place.prepared.catch((error: unknown) => {
        throw beforeCall(error);
      });
      return await work(place.shell);
    } finally {
      place.busy = false;
      this.#waiting.shift()?.();
    }
  }

  async #take(signal: AbortSignal): Promise<Place> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#isClosed) throw beforeCall(powershellError('powershell.ended', CLOSED));
      this.#places = this.#places.filter(({ shell }) => !shell.dead);
      const idle = this.#places.find(({ busy }) => !busy) ?? this.#add(signal);
      if (idle !== undefined) {
        idle.busy = true;
        return idle;
      }
      await this.#turn(signal);
    }
  }

  #add(signal: AbortSignal): Place | undefined {
    if (this.#places.length >= MAX_SHELLS) return undefined;
    const shell = new ShellSession(this.#log, this.#recordingOf(++this.#made));
    const prepared = shell
      .ready(signal)
      .then(() => this.#prepare(shell, signal))
      .catch((error: unknown) => {
        shell.kill();
        throw error;
      });
    prepared.catch(() => undefined);
    const place = { shell, prepared, busy: false };
    this.#places.push(place);
    return place;
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        const at = this.#waiting.indexOf(go);
        if (at >= 0) this.#waiting.splice(at, 1);
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.#waiting.push(go);
      signal.addEventListener('abort', go, { once: true });
    });
  }

  /** Ends every shell; no other one starts. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const go of this.#waiting.splice(0)) go();
    const places = this.#places.splice(0);
    await Promise.all(places.map(({ shell }) => shell.close()));
  }
}
