/** Takes secrets out of text: those that are known by value, in any form in which they cross, and those that stand in fields named so. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** From now on nothing that holds `secret` gets through. */
  learn(secret: string): void {
    if (secret.length === 0) return;
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      this.#secrets.add(form);
    }
  }

  clean(text: string): string {
    let out = text.replaceAll(FIELD, '$1"•••"');
    for (const secret of this.#secrets) out = out.replaceAll(secret, '•••');
    return out;
  }
}

/** `"password": "…"` with any escapes in it. */
const FIELD = /("password"\s*:\s*)"(?:[^"\\]|\\.)*"/g;
