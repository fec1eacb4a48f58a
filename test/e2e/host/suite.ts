import { writeFileSync } from 'node:fs';

/** What a suite inside of the extension host leaves: complete only when it was run to its end. */
export interface SuiteReport {
  complete: boolean;
  readonly results: {
    readonly name: string;
    readonly milliseconds: number;
    readonly error: string | null;
  }[];
  /** What the end of the run prints. */
  readonly figures: string[];
}

const LIMIT_MS = 60_000;

/**
 * Runs tests one after the other. No runner of others is taken: node:test does not end in the extension host, and what is
 * written after each test tells how far a host came that was killed.
 */
export class Suite {
  readonly #file: string;
  readonly #tests: (readonly [string, () => Promise<void>])[] = [];
  readonly #report: SuiteReport = { complete: false, results: [], figures: [] };

  constructor(file: string) {
    this.#file = file;
  }

  test(name: string, work: () => Promise<void>): void {
    this.#tests.push([name, work]);
  }

  figure(text: string): void {
    this.#report.figures.push(text);
  }

  /** Rejects where a test failed, so that the editor's own exit code tells it too. */
  async run(): Promise<void> {
    for (const [name, work] of this.#tests) {
      const began = performance.now();
      const error = await within(work).then(
        () => null,
        (reason: unknown) => String((reason as Error).stack ?? reason),
      );
      const milliseconds = Math.round(performance.now() - began);
      this.#report.results.push({ name, milliseconds, error });
      this.#write();
    }
    this.#report.complete = true;
    this.#write();
    const failed = this.#report.results.filter(({ error }) => error !== null).length;
    if (failed > 0) throw new Error(`${failed} tests failed`);
  }

  #write(): void {
    writeFileSync(this.#file, JSON.stringify(this.#report, undefined, 1));
  }
}

async function within(work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until something is there. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = Date.now() + LIMIT_MS / 2;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${LIMIT_MS / 2000} s`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
