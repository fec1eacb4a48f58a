import fs from 'node:fs/promises';
import path from 'node:path';
import type { Exchange, ExchangeRecorder } from '../../base/exchange.ts';
import type { Log } from '../../base/log.ts';
import { VERSION } from '../../base/version.ts';
import { traceError } from '../../trace/format/trace-errors.ts';
import { TraceWriter } from '../../trace/write/trace-writer.ts';

/** Number of recordings of sessions that are kept, the running one included. */
const KEEP = 10;
const NAME = /^session-[\dTZ]+-\d+\.rptrace$/;

/**
 * Records the exchanges of an engine process while it is switched on, in `traces/` of the user's
 * folder. Older recordings of sessions are removed there.
 */
export class SessionTrace implements ExchangeRecorder {
  readonly #folder: string;
  readonly #log: Log;
  #writer: TraceWriter | undefined;
  /** Switches follow one another. */
  #switching: Promise<unknown> = Promise.resolve();

  constructor(home: string, log: Log) {
    this.#folder = path.join(home, 'traces');
    this.#log = log;
  }

  /**
   * Switches recording on or off. Returns the file that is written, or null. Throws `trace.file` if
   * it cannot be created.
   */
  switch(on: boolean): Promise<string | null> {
    const next = this.#switching.then(
      () => this.#switch(on),
      () => this.#switch(on),
    );
    this.#switching = next;
    return next;
  }

  begin(): number {
    return this.#writer?.begin() ?? 0;
  }

  record(exchange: Exchange): void {
    this.#writer?.record(exchange);
  }

  async #switch(on: boolean): Promise<string | null> {
    if (on === (this.#writer !== undefined)) return this.#writer?.path ?? null;
    if (!on) {
      await this.close();
      return null;
    }
    const time = new Date().toISOString();
    const stamp = time.replace(/[-:]|\.\d+/g, '');
    const file = path.join(this.#folder, `session-${stamp}-${process.pid}.rptrace`);
    try {
      await fs.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw traceError('trace.file', `${this.#folder} cannot be created: ${String(error)}`, {
        data: { path: this.#folder },
        cause: error,
      });
    }
    this.#writer = await TraceWriter.open(file, { time, engine: VERSION, command: 'workbench' });
    await this.#removeOld();
    return file;
  }

  /** Ends the recording, and logs what it misses. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    if (writer === undefined) return;
    const { exchanges, lost, problem } = await writer.close();
    if (problem === undefined) return;
    const message = `The recording ${writer.path} has ${exchanges} exchanges and misses ${lost}: ${problem}`;
    this.#log({ level: 'warn', area: 'trace', message });
  }

  /** Removes the oldest recordings of sessions. One that cannot be removed stays. */
  async #removeOld(): Promise<void> {
    const names = (await fs.readdir(this.#folder).catch(() => [])).filter((each) =>
      NAME.test(each),
    );
    for (const name of names.sort().slice(0, -KEEP)) {
      await fs.rm(path.join(this.#folder, name), { force: true }).catch(() => undefined);
    }
  }
}
