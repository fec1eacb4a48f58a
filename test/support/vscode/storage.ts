import { EventEmitter } from './events.ts';

/** SecretStorage: shared by all windows of a person, as text. */
export class FakeSecrets {
  readonly values = new Map<string, string>();
  readonly #changed = new EventEmitter<{ readonly key: string }>();
  readonly onDidChange = this.#changed.event;

  async get(key: string): Promise<string | undefined> {
    return this.values.get(key);
  }

  async keys(): Promise<string[]> {
    return [...this.values.keys()];
  }

  async store(key: string, value: string): Promise<void> {
    this.values.set(key, value);
    this.#changed.fire({ key });
  }

  async delete(key: string): Promise<void> {
    this.values.delete(key);
    this.#changed.fire({ key });
  }
}

/** A Memento keeps what JSON keeps. */
export class FakeMemento {
  readonly values = new Map<string, string>();

  keys(): readonly string[] {
    return [...this.values.keys()];
  }

  get(key: string, otherwise?: unknown): unknown {
    const text = this.values.get(key);
    return text === undefined ? otherwise : (JSON.parse(text) as unknown);
  }

  async update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, JSON.stringify(value));
  }
}

/** Changes to the environment of terminals. */
export class FakeEnvironmentVariables {
  readonly changes = new Map<string, { readonly how: string; readonly value: string }>();
  description: unknown;
  persistent = true;

  prepend(name: string, value: string): void {
    this.changes.set(name, { how: 'prepend', value });
  }

  append(name: string, value: string): void {
    this.changes.set(name, { how: 'append', value });
  }

  replace(name: string, value: string): void {
    this.changes.set(name, { how: 'replace', value });
  }

  clear(): void {
    this.changes.clear();
  }
}
