import type * as vscode from 'vscode';
import { hostKey, type HostSetting } from '../settings/hosts.ts';
import type { Redactor } from '../output/redactor.ts';

/** Passwords in the editor's secret storage, by address, user and way of logging in: never by a name that another host may get. */
export class Passwords {
  readonly #storage: vscode.SecretStorage;
  readonly #redactor: Redactor;

  constructor(storage: vscode.SecretStorage, redactor: Redactor) {
    this.#storage = storage;
    this.#redactor = redactor;
  }

  async get(host: HostSetting): Promise<string | undefined> {
    const found = await this.#storage.get(keyOf(host));
    if (found !== undefined) this.learn(host, found);
    return found;
  }

  async store(host: HostSetting, password: string): Promise<void> {
    this.learn(host, password);
    await this.#storage.store(keyOf(host), password);
  }

  async forget(host: HostSetting): Promise<void> {
    await this.#storage.delete(keyOf(host));
  }

  /** Before it is used: no log may hold it, nor the header that Basic authentication makes of it. */
  learn({ user = '' }: HostSetting, password: string): void {
    this.#redactor.learn(password);
    this.#redactor.learn(Buffer.from(`${user}:${password}`, 'utf8').toString('base64'));
  }
}

const keyOf = (host: HostSetting): string => `refpoint.password:${hostKey(host)}`;
