import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import fc, { thinned } from '../support/checks/properties.ts';
import { never } from '../../src/engine/base/abort.ts';
import type { ByteSource } from '../../src/engine/source/byte-source.ts';

/** Long enough for several pages of a cache, and no multiple of any. */
const SIZE = 10_007;
const contents = Uint8Array.from({ length: SIZE }, (_, i) => (i * 31 + (i >> 8)) & 0xff);

type Open = (t: TestContext, bytes: Uint8Array) => Promise<ByteSource>;

/** What every source must hold; `open` gives one with just these bytes, closed by the test. */
export function sourceSuite(name: string, open: Open): void {
  describe(`${name} as a source`, () => {
    reading(open);
    refusing(open);
    closing(open);
  });
}

function reading(open: Open): void {
  test('it has a name and the size of its bytes', async (t) => {
    const source = await open(t, contents);
    assert.equal(source.size, SIZE);
    assert.ok(source.name.length > 0);
    await source.close();
  });

  test('any part reads as it is, also many at once and again', async (t) => {
    const source = await open(t, contents);
    const part = fc
      .tuple(fc.nat(SIZE), fc.nat(SIZE))
      .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 8 }), async (parts) => {
        await Promise.all(
          parts.map(async ([start, end]) => {
            const into = new Uint8Array(end - start).fill(0xee);
            await source.read(start, into, never);
            assert.deepEqual(into, contents.subarray(start, end));
          }),
        );
      }),
      { numRuns: thinned(40) },
    );
    await source.close();
  });

  test('only the bytes of the given view are changed', async (t) => {
    const source = await open(t, contents);
    const whole = new Uint8Array(300).fill(0xee);
    await source.read(5000, whole.subarray(100, 200), never);
    assert.deepEqual(whole.subarray(100, 200), contents.subarray(5000, 5100));
    assert.ok(whole.subarray(0, 100).every((byte) => byte === 0xee));
    assert.ok(whole.subarray(200).every((byte) => byte === 0xee));
    await source.close();
  });

  test('what a reader does with its bytes does not reach the next reader', async (t) => {
    const source = await open(t, contents);
    const into = new Uint8Array(SIZE);
    await source.read(0, into, never);
    into.fill(0);
    await source.read(0, into, never);
    assert.deepEqual(into, contents);
    await source.close();
  });

  test('nothing can be read at any place up to the end', async (t) => {
    const source = await open(t, contents);
    for (const offset of [0, 4096, SIZE]) await source.read(offset, new Uint8Array(0), never);
    await source.close();
    const empty = await open(t, new Uint8Array(0));
    assert.equal(empty.size, 0);
    await empty.read(0, new Uint8Array(0), never);
    await assert.rejects(empty.read(0, new Uint8Array(1), never), { code: 'source.range' });
    await empty.close();
  });
}

function refusing(open: Open): void {
  test('no byte beyond the end, before the start or between two is given', async (t) => {
    const source = await open(t, contents);
    const places: [number, number][] = [
      [SIZE, 1],
      [SIZE - 1, 2],
      [SIZE + 1, 0],
      [0, SIZE + 1],
      [-1, 1],
      [-1, 0],
      [0.5, 1],
      [Number.NaN, 1],
      [2 ** 53, 1],
      [Number.POSITIVE_INFINITY, 1],
    ];
    for (const [offset, length] of places) {
      const into = new Uint8Array(length).fill(0xee);
      const failed = source.read(offset, into, never);
      await assert.rejects(
        failed,
        { code: 'source.range', permanent: true },
        `${length} at ${offset}`,
      );
      assert.ok(into.every((byte) => byte === 0xee));
    }
    const into = new Uint8Array(1);
    await source.read(SIZE - 1, into, never);
    assert.equal(into[0], contents[SIZE - 1]);
    await source.close();
  });

  test('a signal that has fired stops a read, with its own reason, and the next read works', async (t) => {
    const source = await open(t, contents);
    const reason = new Error('enough');
    const into = new Uint8Array(10);
    await assert.rejects(source.read(0, into, AbortSignal.abort(reason)), reason);
    await source.read(0, into, never);
    assert.deepEqual(into, contents.subarray(0, 10));
    await source.close();
  });
}

function closing(open: Open): void {
  test('closing twice is no error', async (t) => {
    const source = await open(t, contents);
    await source.read(0, new Uint8Array(1), never);
    await source.close();
    await source.close();
  });
}
