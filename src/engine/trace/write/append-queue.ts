import type { FileHandle } from 'node:fs/promises';

/** Maximum number of bytes that wait to be written, unless one piece alone is larger. */
const MAX_WAITING = 32 * 2 ** 20;

/** Appends pieces to a file one after another, each as a whole, with bounded memory. */
export class AppendQueue {
  readonly #file: FileHandle;
  readonly #most: number;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(file: FileHandle, most = MAX_WAITING) {
    this.#file = file;
    this.#most = most;
  }

  /**
   * Takes a piece; false if too much waits already, or writing has failed.
   * @param always takes it even if too much waits.
   */
  append(piece: Buffer, always = false): boolean {
    if (this.#failure !== undefined) return false;
    const tooMuch = this.#bytes > 0 && this.#bytes + piece.length > this.#most;
    if (tooMuch && !always) return false;
    this.#waiting.push(piece);
    this.#bytes += piece.length;
    this.#running ??= this.#write();
    return true;
  }

  /** Writes what waits, closes the file, and returns why writing failed, if it did. */
  async close(): Promise<string | undefined> {
    await this.#running;
    await this.#file.close().catch((error: Error) => {
      this.#failure ??= error.message;
    });
    return this.#failure;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const pieces = this.#waiting;
      this.#waiting = [];
      const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
      try {
        await this.#file.appendFile(Buffer.concat(pieces, size));
      } catch (error) {
        this.#failure = (error as Error).message;
        this.#waiting = [];
      }
      this.#bytes = this.#waiting.reduce((sum, piece) => sum + piece.length, 0);
    }
    this.#running = undefined;
  }
}
