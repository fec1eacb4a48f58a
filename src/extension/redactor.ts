/** Takes secrets out of text: those that are known by value, in any form in which they cross, and those that stand in fields named so. */
export class Redactor {
  /** The longest first: one that holds another is taken out whole. */
  #forms: readonly string[] = [];

  /** From now on nothing that holds `secret` gets through. */
  learn(secret: string): void {
    if (secret.length === 0) return;
    const json = JSON.stringify(secret).slice(1, -1);
    const forms = [secret, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret)];
    this.#forms = [...new Set([...this.#forms, ...forms])].sort((a, b) => b.length - a.length);
  }

  clean(text: string): string {
    let out = text.replaceAll(FIELD, '$1"•••"').replaceAll(NESTED, '$1\\"•••\\"');
    for (const form of this.#forms) out = out.replaceAll(form, '•••');
    return out;
  }
}

/** `"password": "…"` with any escapes in it. */
const FIELD = /("password"\s*:\s*)"(?:[^"\\]|\\.)*"/g;
/** The same in JSON that is a string of other JSON. */
const NESTED = /(\\"password\\"\s*:\s*)\\".*?(?<!\\)\\"(?=\s*[,}])/g;
