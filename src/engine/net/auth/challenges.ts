/** One offer of WWW-Authenticate (RFC 9110 11.6.1): a scheme's word and, while it logs in, its token. */
export interface Challenge {
  readonly word: string;
  /** undefined: parameters, or nothing. */
  readonly token: Buffer | undefined;
}

const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Reads the lines of a WWW-Authenticate header. Parameters such as `realm="…"` are left out. */
export function parseChallenges(lines: readonly string[]): Challenge[] {
  return lines.flatMap((line) =>
    // Commas separate offers and parameters; those in quotes separate nothing.
    Array.from(line.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g), ([part]) => part.trim()).flatMap(
      (part): Challenge[] => {
        const [word = '', ...rest] = part.split(/\s+/);
        // `name=value` goes on with the offer before.
        if (word === '' || word.includes('=')) return [];
        const [text = ''] = rest;
        const token =
          rest.length === 1 && TOKEN68.test(text) ? Buffer.from(text, 'base64') : undefined;
        return [{ word, token }];
      },
    ),
  );
}

/** Returns the offer with this word, whatever its case. */
export function challengeOf(challenges: readonly Challenge[], word: string): Challenge | undefined {
  return challenges.find((each) => each.word.toLowerCase() === word.toLowerCase());
}
