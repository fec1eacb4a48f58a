import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextEntry } from '../../../../../src/engine/disk/vhdx/read/bat-slab.ts';
import { generator } from '../../../../support/files/crash-recorder.ts';

test('every entry that is not zero is found, wherever in its page it lies and whichever byte of it is set', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = generator(seed);
    const below = (behind: number): number => Math.floor(random() * behind);
    const bytes = Buffer.alloc(8 * (1 + below(6000)));
    const expected = new Set<number>();
    for (let count = below(40); count > 0; count--) {
      // At the edges of pages more often than elsewhere.
      const entry = below(2) === 0 ? below(bytes.length / 8) : 512 * below(12) - below(2);
      const at = entry * 8 + below(8);
      if (at < 0 || at >= bytes.length) continue;
      bytes[at] = 1 + below(255);
      expected.add(at - (at % 8));
    }
    const found: number[] = [];
    for (let at = nextEntry(bytes, 0); at < bytes.length; at = nextEntry(bytes, at + 8)) {
      found.push(at);
    }
    const sorted = [...expected].sort((a, b) => a - b);
    assert.deepEqual(found, sorted, `seed ${seed}`);
  }
});
