/** Rules for combining pieces into requests. */
interface Batches<Key> {
  /** Only keys with equal results share a request. */
  readonly group: (key: Key) => string;
  /** Maximum number of keys in a request. */
  readonly most: number;
  /** Maximum number of concurrent requests. */
  readonly atOnce: number;
}

export interface PieceCacheOptions<Key, Piece> {
  readonly name: (key: Key) => string;
  /** Loads pieces in one request. */
  readonly load: (
    keys: readonly [Key, ...Key[]],
    signal: AbortSignal,
  ) => Promise<readonly (readonly [Key, Piece])[]>;
  /** By default a request loads one piece, and four requests run concurrently. */
  readonly batches?: Batches<Key>;
  /** Maximum number of cached pieces. */
  readonly capacity: number;
  readonly onLoaded: () => void;
  readonly onFailed: (error: unknown) => void;
}

interface Request {
  readonly names: ReadonlySet<string>;
  readonly abort: AbortController;
}

/**
 * Pieces of a large object, loaded when they come into view; the least recently used are evicted
 * first.
 */
export class PieceCache<Key, Piece> {
  readonly #options: PieceCacheOptions<Key, Piece>;
  readonly #batches: Batches<Key>;
  readonly #pieces = new Map<string, Piece>();
  readonly #requests = new Set<Request>();
  #failed = false;
  #version = 0;

  constructor(options: PieceCacheOptions<Key, Piece>) {
    this.#options = options;
    this.#batches = options.batches ?? { group: options.name, most: 1, atOnce: 4 };
  }

  /** Returns the piece, or undefined if it is not loaded yet; `want` loads it. */
  get(key: Key): Piece | undefined {
    const name = this.#options.name(key);
    const piece = this.#pieces.get(name);
    if (piece === undefined) return undefined;
    this.#pieces.delete(name);
    this.#pieces.set(name, piece);
    return piece;
  }

  /**
   * Declares the visible keys, most important first: loads missing pieces, and cancels requests
   * without visible keys. After a failure loads nothing until `clear`.
   */
  want(keys: readonly Key[]): void {
    const { name } = this.#options;
    const { group, most, atOnce } = this.#batches;
    const wanted = new Set(keys.map(name));
    for (const request of this.#requests) {
      if (![...request.names].some((each) => wanted.has(each))) this.#cancel(request);
    }
    if (this.#failed) return;
    const coming = new Set([...this.#requests].flatMap(({ names }) => [...names]));
    let missing = keys.filter((key) => !this.#pieces.has(name(key)) && !coming.has(name(key)));
    while (this.#requests.size < atOnce) {
      const [first] = missing;
      if (first === undefined) return;
      const [, ...more] = missing.filter((key) => group(key) === group(first));
      const taken = new Set([first, ...more.slice(0, most - 1)]);
      this.#request([first, ...[...taken].slice(1)]);
      missing = missing.filter((key) => !taken.has(key));
    }
  }

  /** Changes whenever there is something new to draw. */
  get version(): number {
    return this.#version;
  }

  /** Removes all pieces, and ignores the answers of running requests. */
  clear(): void {
    for (const request of this.#requests) this.#cancel(request);
    this.#pieces.clear();
    this.#version++;
    this.#failed = false;
  }

  #request(keys: readonly [Key, ...Key[]]): void {
    const { name, load, onLoaded, onFailed } = this.#options;
    const request = { names: new Set(keys.map(name)), abort: new AbortController() };
    this.#requests.add(request);
    void load(keys, request.abort.signal).then(
      (pieces) => {
        if (!this.#requests.delete(request)) return;
        for (const [key, piece] of pieces) this.#add(name(key), piece);
        this.#version++;
        onLoaded();
      },
      (error: unknown) => {
        if (!this.#requests.delete(request)) return;
        this.#failed = true;
        onFailed(error);
      },
    );
  }

  #add(name: string, piece: Piece): void {
    this.#pieces.set(name, piece);
    const [oldest] = this.#pieces.keys();
    if (this.#pieces.size > this.#options.capacity && oldest !== undefined) {
      this.#pieces.delete(oldest);
    }
  }

  #cancel(request: Request): void {
    this.#requests.delete(request);
    request.abort.abort();
  }
}
