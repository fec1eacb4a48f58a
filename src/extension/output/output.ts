import { inspect } from 'node:util';
import * as vscode from 'vscode';
import type { ExchangeRecord, LogRecord } from '../../engine/api/notifications.ts';
import { Redactor } from './redactor.ts';
import { traceChannel } from './trace-channel.ts';

/** The channels of the output: the engine's log with its levels, the exchanges with hosts, the protocol trace; none holds a secret. */
export class Output implements vscode.Disposable {
  readonly redactor = new Redactor();
  readonly engine: vscode.LogOutputChannel;
  readonly exchanges: vscode.LogOutputChannel;
  readonly trace: vscode.LogOutputChannel;

  constructor() {
    this.engine = this.#redacted(vscode.window.createOutputChannel('Refpoint', { log: true }));
    this.exchanges = this.#redacted(
      vscode.window.createOutputChannel(vscode.l10n.t('Refpoint Exchanges'), { log: true }),
    );
    this.trace = traceChannel(
      this.#redacted(
        vscode.window.createOutputChannel(vscode.l10n.t('Refpoint Trace'), { log: true }),
      ),
    );
  }

  record({ level, area, message, data }: LogRecord): void {
    const text = data === '' ? `${area}: ${message}` : `${area}: ${message} ${data}`;
    this.engine[level](text);
  }

  exchange({ host, action, milliseconds, outcome }: ExchangeRecord): void {
    this.exchanges.info(`${host} ${action}: ${outcome}, ${milliseconds} ms`);
  }

  dispose(): void {
    for (const channel of [this.engine, this.exchanges, this.trace]) channel.dispose();
  }

  /** Whatever writes to it, and in whatever form, passwords do not get through. */
  #redacted(channel: vscode.LogOutputChannel): vscode.LogOutputChannel {
    const clean = (value: unknown): unknown => {
      try {
        return cleaned(value);
      } catch {
        // Text that cannot be searched is not written; its writer must not fail for it.
        return '•••';
      }
    };
    const cleaned = (value: unknown): unknown => {
      if (typeof value === 'string') return this.redactor.clean(value);
      if (value instanceof Error) return this.redactor.clean(value.stack ?? value.message);
      return typeof value === 'object' && value !== null
        ? this.redactor.clean(textOf(value))
        : value;
    };
    return new Proxy(channel, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function' || !WRITES.has(name)) return member;
        return (...args: unknown[]): unknown => Reflect.apply(member, target, args.map(clean));
      },
    });
  }
}

/** As JSON, in which secrets are known by their escapes, too. */
function textOf(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    // It holds itself.
    return inspect(value);
  }
}

const WRITES: ReadonlySet<string | symbol> = new Set([
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'append',
  'appendLine',
  'replace',
]);
