import { PageImage, PageStorage, type StorageEvent } from './page-storage.ts';

interface Recorded {
  readonly file: number;
  readonly event: StorageEvent;
}

/** What a loss of power left of every file, and when it came. */
export interface Crash {
  /** Events that had happened. */
  readonly cut: number;
  readonly variant: string;
  readonly images: readonly PageImage[];
}

/**
 * Storages whose writes and flushes are recorded in one order, and the states in which a loss of power
 * may leave them: cut after each event; what was written since a file's last flush is all there, not
 * there at all, there in parts, or torn within its last write at a sector of 512 bytes.
 */
export class CrashRecorder {
  readonly #start: PageImage[] = [];
  readonly #events: Recorded[] = [];

  /** A storage that begins with `image` and records from now on. */
  storage(image: PageImage, name = `file ${this.#start.length}`): PageStorage {
    const file = this.#start.length;
    this.#start.push(image.clone());
    return new PageStorage(image, name, (event) => this.#events.push({ file, event }));
  }

  /** How many events there are so far. */
  get position(): number {
    return this.#events.length;
  }

  /** What happened to one storage, in order. */
  eventsOf(file: number): readonly StorageEvent[] {
    return this.#events.filter((e) => e.file === file).map((e) => e.event);
  }

  /**
   * The states of `crashes`, each content of all files once: with one write pending, half of the variants are the same. For checks that
   * depend on the content alone, not on the cut.
   */
  *distinctCrashes(): Generator<Crash> {
    const seen = new Set<string>();
    for (const crash of this.crashes()) {
      const content = crash.images.map((image) => image.fingerprint()).join(' ');
      if (seen.has(content)) continue;
      seen.add(content);
      yield crash;
    }
  }

  /** @param from cuts before this many events are left out */
  *crashes(from = 0): Generator<Crash> {
    const durable = this.#start.map((image) => image.clone());
    const pending: StorageEvent[][] = this.#start.map(() => []);
    if (from === 0) {
      yield { cut: 0, variant: 'nothing', images: durable.map((image) => image.clone()) };
    }
    for (const [index, { file, event }] of this.#events.entries()) {
      const image = durable[file] as PageImage;
      const waiting = pending[file] as StorageEvent[];
      if (event.kind === 'flush') {
        for (const old of waiting.splice(0)) apply(image, old);
      } else {
        waiting.push(event);
      }
      if (index + 1 < from) continue;
      for (const [variant, keep] of variants(index, pending.flat().length)) {
        const images = durable.map((image) => image.clone());
        images.forEach((image, i) => {
          for (const [n, old] of (pending[i] as StorageEvent[]).entries()) {
            const last = n === (pending[i] as StorageEvent[]).length - 1 && i === file;
            keep(image, old, n, last);
          }
        });
        yield { cut: index + 1, variant, images };
      }
    }
  }
}

type Keep = (image: PageImage, event: StorageEvent, index: number, last: boolean) => void;

function variants(seed: number, pending: number): [string, Keep][] {
  const all: [string, Keep] = ['all', (image, event) => apply(image, event)];
  if (pending === 0) return [all];
  const random = generator(seed + 1);
  const some = (image: PageImage, event: StorageEvent): void => {
    if (random() < 0.5) apply(image, event);
  };
  return [
    all,
    ['none', () => undefined],
    [
      'torn at the end',
      (image, event, _, last) =>
        last ? tear(image, event, (i, n) => i < n / 2) : apply(image, event),
    ],
    [
      'torn at the start',
      (image, event, _, last) =>
        last ? tear(image, event, (i, n) => i >= n / 2) : apply(image, event),
    ],
    ['only the last', (image, event, _, last) => last && apply(image, event)],
    ['all but the last', (image, event, _, last) => !last && apply(image, event)],
    ['some', some],
    ['some others', some],
    ['some sectors of each', (image, event) => tear(image, event, () => random() < 0.5)],
  ];
}

function apply(image: PageImage, event: StorageEvent): void {
  if (event.kind === 'write') image.write(event.offset, event.bytes);
  else if (event.kind === 'resize') image.resize(event.size);
}

/** Writes only the sectors that `keep` names. */
function tear(
  image: PageImage,
  event: StorageEvent,
  keep: (i: number, n: number) => boolean,
): void {
  if (event.kind !== 'write') return apply(image, event);
  const sectors = Math.ceil(event.bytes.length / 512);
  for (let i = 0; i < sectors; i++) {
    if (keep(i, sectors))
      image.write(event.offset + i * 512, event.bytes.subarray(i * 512, i * 512 + 512));
  }
}

/** A small deterministic generator of numbers from 0 to 1 (xorshift32). */
export function generator(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
