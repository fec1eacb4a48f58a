/** Longer texts, as a host may send them, are cut: nobody reads them, and a log holds many. */
const MAX_TEXT = 256 * 1024;
/** Field names in JSON, in JSON that is a string of other JSON, and in that of a third. */
const DEPTHS = [0, 1, 2] as const;

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

  /** In time that grows with the text's length alone, whatever it holds. */
  clean(text: string): string {
    let out = text;
    for (const depth of DEPTHS) out = withoutFields(out, depth);
    for (const form of this.#forms) out = out.replaceAll(form, '•••');
    // Only now: a secret that is cut in two would be known by neither half.
    if (out.length <= MAX_TEXT) return out;
    return `${out.slice(0, MAX_TEXT)}… +${out.length - MAX_TEXT}`;
  }
}

/**
 * Values of `"password": "…"`, whatever their escapes. `depth` strings of JSON around it escape it as often: a quote of its own has
 * 2^depth - 1 backslashes before it, beyond those of the value, which come in multiples of twice as many and one.
 */
function withoutFields(text: string, depth: number): string {
  const own = 2 ** depth - 1;
  const quote = `${'\\'.repeat(own)}"`;
  const name = `${quote}password${quote}`;
  let out = '';
  let from = 0;
  for (;;) {
    const found = text.indexOf(name, from);
    if (found < 0) return out + text.slice(from);
    const value = valueStart(text, found + name.length, quote);
    if (value === undefined) {
      out += text.slice(from, found + name.length);
      from = found + name.length;
      continue;
    }
    out += `${text.slice(from, value)}•••`;
    from = valueEnd(text, value, own);
  }
}

/** Returns the offset of the value whose name ends at `at`, or undefined if no text follows. */
function valueStart(text: string, at: number, quote: string): number | undefined {
  const colon = skipBlanks(text, at);
  if (text[colon] !== ':') return undefined;
  const start = skipBlanks(text, colon + 1);
  return text.startsWith(quote, start) ? start + quote.length : undefined;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}

/** Returns the offset of the quote that ends the value, its backslashes included, or the text's end. */
function valueEnd(text: string, start: number, own: number): number {
  const turn = 2 * (own + 1);
  for (let at = start; ;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let first = quote;
    while (first > at && text[first - 1] === '\\') first--;
    if ((quote - first) % turn === own) return quote - own;
    at = quote + 1;
  }
}
