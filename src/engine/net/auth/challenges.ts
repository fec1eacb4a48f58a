/**
 * One offer of WWW-Authenticate (RFC 9110 11.6.1): the scheme's name and, during a login, its
 * token.
 */
export interface Challenge {
  readonly word: string;
  /** undefined: the offer has parameters, or nothing after its name. */
  readonly token: Buffer | undefined;
}

const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Parses the lines of a WWW-Authenticate header. Omits parameters such as `realm="…"`. */
export function parseChallenges(lines: readonly string[]): Challenge[] {
  return lines.flatMap((line) =>
    // Commas separate offers and parameters, except inside quotes.
    Array.from(line.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g), ([part]) => part.trim()).flatMap(
      (part): Challenge[] => {
        const [word = '', ...rest] = part.split(/\s+/);
        // `name=value` is a parameter of the previous offer.
        if (word === '' || word.includes('=')) return [];
        const [text = ''] = rest;
        const token =
          rest.length === 1 && TOKEN68.test(text) ? Buffer.from(text, 'base64') : undefined;
        return [{ word, token }];
      },
    ),
  );
}

/** Returns the offer with this name, compared without case. */
export function challengeOf(challenges: readonly Challenge[], word: string): Challenge | undefined {
  return challenges.find((each) => each.word.toLowerCase() === word.toLowerCase());
}
