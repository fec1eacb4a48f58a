import type { CopyPiece } from './copy-pieces.ts';

/** Pieces of a new image in order, with a look at the next one: work on them changes between blocks only. */
export class PieceStream {
  readonly #pieces: AsyncIterator<CopyPiece>;
  readonly #blockSize: number;
  #next: CopyPiece | undefined;
  #ended = false;
  #lastBlock = -1;

  /** @param blockSize of the new image, in bytes */
  constructor(pieces: AsyncIterator<CopyPiece>, blockSize: number) {
    this.#pieces = pieces;
    this.#blockSize = blockSize;
  }

  /** Returns the number of the block that a piece lies in; pieces never reach over its end. */
  blockOf({ start }: CopyPiece): number {
    return Math.floor(start / this.#blockSize);
  }

  /** Returns the next piece; undefined at the end. */
  async take(): Promise<CopyPiece | undefined> {
    const piece = await this.#peek();
    this.#next = undefined;
    if (piece !== undefined) this.#lastBlock = this.blockOf(piece);
    return piece;
  }

  /** Whether the next piece begins another block, or the pieces have ended. */
  async isAtBlock(): Promise<boolean> {
    const piece = await this.#peek();
    return piece === undefined || this.blockOf(piece) !== this.#lastBlock;
  }

  /** Yields the pieces that are left. */
  async *rest(): AsyncGenerator<CopyPiece> {
    for (let next = await this.take(); next !== undefined; next = await this.take()) yield next;
  }

  /** Ends the pieces early. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #peek(): Promise<CopyPiece | undefined> {
    if (this.#next !== undefined || this.#ended) return this.#next;
    const { value, done } = await this.#pieces.next();
    if (done === true) this.#ended = true;
    else this.#next = value;
    return this.#next;
  }
}
