import { createHash } from 'node:crypto';
import type { HostTarget } from '../api/host.ts';
import type { ExchangeRecorder } from '../base/exchange.ts';
import type { Log } from '../base/log.ts';
import { connectTarget } from './connect-target.ts';
import type { HypervBackupHost } from './hyperv-backup-host.ts';

/** Time that an idle connection is kept after its last request, in milliseconds. */
const IDLE_MS = 60_000;

interface Entry {
  readonly host: HypervBackupHost;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Keeps connections to hosts alive between requests. A target with another password gets another
 * connection.
 */
export class HostPool {
  readonly #entries = new Map<string, Entry>();
  readonly #log: Log;
  readonly #recorder: ExchangeRecorder | undefined;

  /** @param recorder receives every exchange. */
  constructor(log: Log, recorder?: ExchangeRecorder) {
    this.#log = log;
    this.#recorder = recorder;
  }

  async use<T>(target: HostTarget, work: (host: HypervBackupHost) => Promise<T>): Promise<T> {
    const key = createHash('sha256').update(JSON.stringify(target)).digest('base64');
    const entry = this.#entries.get(key) ?? this.#open(key, target);
    entry.users++;
    clearTimeout(entry.timer);
    try {
      return await work(entry.host);
    } finally {
      entry.users--;
      if (entry.users === 0) {
        entry.timer = setTimeout(() => void this.#close(key), IDLE_MS);
        entry.timer.unref();
      }
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((key) => this.#close(key)));
  }

  #open(key: string, target: HostTarget): Entry {
    const entry: Entry = {
      host: connectTarget(target, this.#log, this.#recorder),
      users: 0,
      timer: undefined,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  async #close(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    clearTimeout(entry?.timer);
    await entry?.host.close();
  }
}
