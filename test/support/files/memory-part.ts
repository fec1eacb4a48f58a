import assert from 'node:assert/strict';
import type { PartWriter } from '../../../src/engine/source/byte-source.ts';

/** A PartWriter in memory that checks its contract: no byte twice, nothing after the end; gaps read as zeros. */
export class MemoryPart implements PartWriter {
  readonly name = 'part';
  readonly #parts: { offset: number; bytes: Uint8Array }[] = [];
  state: 'open' | 'complete' | 'abandoned' = 'open';
  result: Uint8Array = new Uint8Array();
  /** Set to make the next write fail. */
  failure: Error | undefined;

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    assert.equal(this.state, 'open');
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    // A copy: `slice` of a Buffer would be the caller's own bytes, which are used again.
    this.#parts.push({ offset, bytes: new Uint8Array(bytes) });
  }

  /** Bytes written so far. */
  get written(): number {
    return this.#parts.reduce((sum, part) => sum + part.bytes.length, 0);
  }

  async complete(size: number): Promise<void> {
    assert.equal(this.state, 'open');
    const sorted = this.#parts.sort((a, b) => a.offset - b.offset);
    let end = 0;
    for (const part of sorted) {
      assert.ok(part.offset >= end, `bytes at ${part.offset} were written twice`);
      end = part.offset + part.bytes.length;
    }
    assert.ok(end <= size, `${end} bytes were written of a file of ${size}`);
    this.result = new Uint8Array(size);
    for (const part of sorted) this.result.set(part.bytes, part.offset);
    this.state = 'complete';
  }

  async abandon(): Promise<void> {
    this.state = 'abandoned';
  }
}
