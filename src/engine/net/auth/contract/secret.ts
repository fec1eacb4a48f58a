import { inspect } from 'node:util';

/** A password that cannot be printed, logged or serialised by accident. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the value itself, for the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '(secret)';
  }

  toJSON(): string {
    return '(secret)';
  }

  [inspect.custom](): string {
    return '(secret)';
  }
}

export interface Credential {
  /** `user`, `DOMAIN\user` or `user@domain`. */
  readonly user: string;
  readonly password: Secret;
}
