export interface ChunkCacheOptions<Key, Chunk> {
  readonly name: (key: Key) => string;
  readonly load: (key: Key, signal: AbortSignal) => Promise<Chunk>;
  /** Chunks that are kept. */
  readonly capacity: number;
  readonly onLoaded: () => void;
  readonly onFailed: (error: unknown) => void;
}

/** So many are asked for at once; what is wanted last comes first. */
const MAX_COMING = 4;

/** Pieces of something large, loaded when they are looked at; those looked at longest ago are forgotten. */
export class ChunkCache<Key, Chunk> {
  readonly #options: ChunkCacheOptions<Key, Chunk>;
  readonly #chunks = new Map<string, Chunk>();
  readonly #coming = new Map<string, AbortController>();
  #failed = false;
  #version = 0;

  constructor(options: ChunkCacheOptions<Key, Chunk>) {
    this.#options = options;
  }

  /** The chunk, or undefined where it is not here yet; `want` sees to it. */
  get(key: Key): Chunk | undefined {
    const name = this.#options.name(key);
    const chunk = this.#chunks.get(name);
    if (chunk === undefined) return undefined;
    this.#chunks.delete(name);
    this.#chunks.set(name, chunk);
    return chunk;
  }

  /** Says what is in sight: what is missing is asked for, what is not in sight any more is given up. */
  want(keys: readonly Key[]): void {
    const names = new Set(keys.map((key) => this.#options.name(key)));
    for (const [name, abort] of this.#coming) {
      if (names.has(name)) continue;
      this.#coming.delete(name);
      abort.abort();
    }
    if (this.#failed) return;
    for (const key of keys) {
      const name = this.#options.name(key);
      if (this.#coming.size >= MAX_COMING) return;
      if (!this.#chunks.has(name) && !this.#coming.has(name)) this.#ask(key, name);
    }
  }

  /** Another one when there is something new to draw. */
  get version(): number {
    return this.#version;
  }

  /** After a failure nothing is asked for until this, or `clear`. */
  retry(): void {
    this.#failed = false;
  }

  clear(): void {
    for (const abort of this.#coming.values()) abort.abort();
    this.#coming.clear();
    this.#chunks.clear();
    this.#version++;
    this.#failed = false;
  }

  #ask(key: Key, name: string): void {
    const abort = new AbortController();
    this.#coming.set(name, abort);
    const { load, capacity, onLoaded, onFailed } = this.#options;
    const wanted = (): boolean => this.#coming.get(name) === abort;
    void load(key, abort.signal).then(
      (chunk) => {
        if (!wanted()) return;
        this.#coming.delete(name);
        this.#chunks.set(name, chunk);
        this.#version++;
        const [oldest] = this.#chunks.keys();
        if (this.#chunks.size > capacity && oldest !== undefined) this.#chunks.delete(oldest);
        onLoaded();
      },
      (error: unknown) => {
        if (!wanted()) return;
        this.#coming.delete(name);
        this.#failed = true;
        onFailed(error);
      },
    );
  }
}
