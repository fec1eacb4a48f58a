import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc, { thinned } from '../../support/checks/properties.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { EngineError } from '../../../src/engine/base/errors.ts';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { MIB } from '../../../src/engine/disk/vhdx/structures/layout.ts';
import { TIB } from '../../support/disk/sizes.ts';
import { VhdxImage } from '../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { generator } from '../../support/files/crash-recorder.ts';
import {
  BAT,
  LOG,
  logEntry,
  METADATA,
  soundImage,
  VICTIM_SIZE,
  WatchedSource,
  type Victim,
} from '../../support/disk/vhdx-victim.ts';

const sound = { dynamic: soundImage('dynamic'), differencing: soundImage('differencing') };
/** No reader has cause to ask for more at once. */
const LARGEST_READ = MIB;

interface Seen {
  readonly opened: boolean;
  readonly data: number;
}

/** Opens, maps by scan and by look-up, and reads a little of every extent. */
async function readAll(source: WatchedSource): Promise<Seen> {
  const image = await VhdxImage.open(source, never);
  let data = 0;
  try {
    for await (const batch of image.layerExtents({ start: 0, end: image.size }, never)) {
      for (const extent of batch) {
        if (extent.kind !== 'data' || data++ > 64) continue;
        await image.readFile(extent.offset, new Uint8Array(512), never);
      }
    }
    await image.extentsOf({ start: 0, end: Math.min(image.size, VICTIM_SIZE) }, never);
  } finally {
    await image.close();
  }
  return { opened: true, data };
}

/** One attack: what is changed, and the code of the error that opening or mapping must end with. */
function refused(
  kind: 'dynamic' | 'differencing',
  what: string,
  code: string,
  change: (victim: Victim) => unknown,
): void {
  test(`${what}: ${code}`, async () => {
    const victim = (await sound[kind]).clone();
    change(victim);
    const source = new WatchedSource(victim);
    await assert.rejects(readAll(source), (error: unknown) => {
      assert.ok(error instanceof EngineError, String(error));
      assert.equal(error.code, code, error.message);
      assert.equal(error.permanent, true);
      assert.equal(error.data['path'], 'victim.vhdx');
      assert.match(error.message, /victim\.vhdx/);
      return true;
    });
    assert.equal(source.closed, 1, 'the source is closed exactly once');
    assert.ok(source.largest <= LARGEST_READ, `one read of ${source.largest} bytes`);
  });
}

function accepted(
  kind: 'dynamic' | 'differencing',
  what: string,
  data: number,
  change: (victim: Victim) => unknown,
): void {
  test(what, async () => {
    const victim = (await sound[kind]).clone();
    change(victim);
    assert.deepEqual(await readAll(new WatchedSource(victim)), { opened: true, data });
  });
}

describe('headers', () => {
  accepted('dynamic', 'a sound image is read', 2, () => undefined);
  accepted('differencing', 'a sound differencing image is read', 3, () => undefined);
  accepted('dynamic', 'one broken header is survived', 2, (v) => v.put(0x20000 + 16, 7, 8));
  accepted('dynamic', 'one broken region table is survived', 2, (v) => v.put(0x30010, 7, 8));
  refused('dynamic', 'both headers broken', 'vhdx.header.none', (v) =>
    v.put(0x10010, 7, 8).put(0x20010, 7, 8),
  );
  refused('dynamic', 'both region tables broken', 'vhdx.region.none', (v) =>
    v.put(0x30010, 7, 8).put(0x40010, 7, 8),
  );
  refused('dynamic', 'a version of the future', 'vhdx.header.version', (v) =>
    v.header({ version: 2 }),
  );
  refused('dynamic', 'a log at no whole MiB', 'vhdx.header.log', (v) =>
    v.header({ logOffset: LOG + 512 }),
  );
});

describe('truncation', () => {
  const cut = (size: number) => (v: Victim) => v.image.resize(size);
  refused('dynamic', 'an empty file', 'vhdx.signature', cut(0));
  refused('dynamic', 'a file that ends in the identifier', 'vhdx.signature', cut(100));
  for (const [where, size] of Object.entries({
    'before the first header': 0x10000 + 100,
    'in the second header': 0x20000 + 100,
    'in the region table': 0x40000 + 100,
    'before the log': MIB,
    'in the metadata table': METADATA + 100,
    'in the metadata items': METADATA + 0x10000 + 4,
    'in the BAT': BAT + 4096,
  })) {
    refused('dynamic', `a file that ends ${where}`, 'vhdx.truncated', cut(size));
  }
  refused('dynamic', 'a file that ends in a block', 'vhdx.bat.offset', cut(BAT + MIB + 4096));
});

describe('regions', () => {
  // The BAT is the first entry of the table, the metadata the second.
  const [batOffset, batLength, metadataOffset] = [16 + 16, 16 + 24, 48 + 16];
  refused('dynamic', 'the BAT over the metadata', 'vhdx.region.overlap', (v) =>
    v.region(batOffset, METADATA, 8),
  );
  refused('dynamic', 'the BAT over the log', 'vhdx.region.overlap', (v) =>
    v.region(batOffset, LOG, 8),
  );
  refused('dynamic', 'the log over the metadata', 'vhdx.region.overlap', (v) =>
    v.header({ logOffset: METADATA }),
  );
  refused('dynamic', 'the log over everything', 'vhdx.region.overlap', (v) =>
    v.header({ logLength: 1024 * MIB }),
  );
  refused('dynamic', 'the BAT behind the end of the file', 'vhdx.truncated', (v) =>
    v.region(batOffset, 2 ** 40, 8),
  );
  refused('dynamic', 'metadata behind the end of the file', 'vhdx.truncated', (v) =>
    v.region(metadataOffset, 2 ** 40, 8),
  );
  refused('dynamic', 'a region offset beyond 2^53', 'bytes.u64', (v) =>
    v.region(batOffset, 2n ** 63n, 8),
  );
  refused('dynamic', 'a BAT of 4095 MiB', 'vhdx.region.place', (v) =>
    v.region(batLength, 4095 * MIB, 4),
  );
  refused('dynamic', 'four thousand million regions', 'vhdx.region.count', (v) =>
    v.region(8, 2 ** 32 - 1, 4),
  );
});

describe('metadata', () => {
  refused('dynamic', '65535 items', 'vhdx.metadata.count', (v) => v.put(METADATA + 10, 65535, 2));
  refused('dynamic', 'an item of 4 GiB', 'vhdx.metadata.place', (v) =>
    v.put(METADATA + 32 + 20, 2 ** 32 - 1, 4),
  );
  refused('dynamic', 'a disk of 64 TiB in a BAT of 1 MiB', 'vhdx.bat.size', (v) =>
    v.put(v.item(1), 64 * TIB, 8),
  );
  refused('dynamic', 'a disk of more than 64 TiB', 'vhdx.metadata.value', (v) =>
    v.put(v.item(1), 64 * TIB + 512, 8),
  );
  refused('dynamic', 'a disk of 64 TiB whose BAT is not in the file', 'vhdx.truncated', (v) =>
    v.put(v.item(1), 64 * TIB, 8).region(16 + 24, 513 * MIB, 4),
  );
  refused('dynamic', 'blocks of 3 MiB', 'vhdx.metadata.value', (v) => v.put(v.item(0), 3 * MIB, 4));
  refused('dynamic', 'sectors of 1024 bytes', 'vhdx.metadata.value', (v) =>
    v.put(v.item(2), 1024, 4),
  );
  refused('dynamic', 'a parent without a locator', 'vhdx.metadata.missing', (v) =>
    v.put(v.item(0) + 4, 2, 4),
  );
  refused('differencing', '65535 keys in the parent locator', 'vhdx.locator.count', (v) =>
    v.put(v.item(5) + 18, 65535, 2),
  );
});

describe('block allocation table', () => {
  refused('dynamic', 'a block over the headers', 'vhdx.bat.offset', (v) => v.entry(1, 0, 6));
  refused('dynamic', 'a block over the log', 'vhdx.bat.overlap', (v) => v.entry(1, LOG, 6));
  refused('dynamic', 'a block over the metadata', 'vhdx.bat.overlap', (v) =>
    v.entry(1, METADATA, 6),
  );
  refused('dynamic', 'a block over the BAT', 'vhdx.bat.overlap', (v) => v.entry(1, BAT, 6));
  refused(
    'dynamic',
    'a block that begins before a structure and reaches it',
    'vhdx.bat.overlap',
    (v) =>
      // Blocks of 4 MiB, so that one at 1 MiB ends in the BAT: the log must not hide that.
      v
        .put(v.item(0), 4 * MIB, 4)
        .header({ logLength: 0, logOffset: 0 })
        .entry(0, LOG, 6),
  );
  refused('dynamic', 'a block behind the end of the file', 'vhdx.bat.offset', (v) =>
    v.entry(7, 2 ** 40, 6),
  );
  refused('dynamic', 'a block beyond 2^53', 'vhdx.bat.offset', (v) => v.entry(1, 2n ** 63n, 6));
  refused('dynamic', 'an offset with reserved bits', 'vhdx.bat.reserved', (v) =>
    v.entry(1, 4 * MIB + 4096, 6),
  );
  for (const state of [4, 5]) {
    for (const kind of ['dynamic', 'differencing'] as const) {
      refused(kind, `reserved state ${state} (${kind})`, 'vhdx.bat.state', (v) =>
        v.entry(2, 4 * MIB, state),
      );
    }
  }
  refused('dynamic', 'a partial block without a parent', 'vhdx.bat.state', (v) =>
    v.entry(0, 4 * MIB, 7),
  );
  // One chunk of 4096 blocks: its bitmap is entry 4096.
  refused('differencing', 'a partial block without a bitmap', 'vhdx.bat.bitmap', (v) =>
    v.entry(4096, 0, 0),
  );
  refused('differencing', 'a bitmap that is itself partial', 'vhdx.bat.bitmap', (v) =>
    v.entry(4096, 4 * MIB, 7),
  );
  refused('differencing', 'a bitmap over the BAT', 'vhdx.bat.overlap', (v) =>
    v.entry(4096, BAT, 6),
  );
  refused('differencing', 'a bitmap behind the end of the file', 'vhdx.bat.offset', (v) =>
    v.entry(4096, 2 ** 40, 6),
  );
  accepted('dynamic', 'entries behind the last block mean nothing', 2, (v) => v.entry(8, 0, 5));
});

describe('log', () => {
  refused('dynamic', 'a log that holds nothing', 'vhdx.log.corrupt', (v) =>
    v.header({ logGuid: newGuid() }),
  );
  refused('dynamic', 'a log behind the end of the file', 'vhdx.log.truncated', (v) =>
    v.header({ logGuid: newGuid(), logOffset: 2 ** 40 }),
  );
  refused('dynamic', 'a file shorter than its log says', 'vhdx.log.truncated', (v) =>
    v.log({ flushedFileOffset: 2 ** 40 }),
  );
  refused('dynamic', 'a tail that leads out of the run', 'vhdx.log.corrupt', (v) =>
    v.log({ tail: 65536 }),
  );
  refused('dynamic', 'entries that lead in a circle', 'vhdx.log.corrupt', (v) =>
    v.log({ tail: 4096 }, { tail: 8192 }, { tail: 65536 }),
  );
  refused('dynamic', 'a log that puts a reserved state into the BAT', 'vhdx.bat.state', (v) =>
    v.log({ writes: [{ kind: 'page', offset: BAT, bytes: new Uint8Array(4096).fill(5, 0, 1) }] }),
  );
  refused('dynamic', 'a log that wipes the region tables', 'vhdx.region.none', (v) =>
    v.log({ writes: [{ kind: 'zero', offset: 0x30000, length: 0x20000 }] }),
  );
  accepted('dynamic', 'a log that empties the BAT is obeyed', 0, (v) =>
    v.log({ writes: [{ kind: 'zero', offset: BAT, length: 4096 }] }),
  );
  accepted('dynamic', 'of page and zeros at one place the later one counts', 1, (v) => {
    const bytes = new Uint8Array(4096);
    bytes.set(v.bytes(BAT, 8));
    const page = { kind: 'page', offset: BAT, bytes } as const;
    const zero = { kind: 'zero', offset: BAT, length: 4096 } as const;
    v.log({ writes: [page, zero, page] });
  });
  accepted('dynamic', 'a log that promises a file of 2^50 bytes costs nothing', 2, (v) =>
    v.log({ lastFileOffset: 2 ** 50 }),
  );

  const far = 64 * MIB;
  refused('dynamic', 'a log in which each page claims to hold the rest', 'vhdx.log.limit', (v) => {
    const logGuid = newGuid();
    v.image.resize(far + 8 * MIB);
    const page = logEntry({}, logGuid);
    new DataView(page.buffer).setUint32(8, MIB / 2, true);
    for (let at = 0; at < 8 * MIB; at += 4096) v.image.write(far + at, page);
    v.header({ logGuid, logOffset: far, logLength: 8 * MIB });
  });
  refused('dynamic', 'a log entry of more than 64 MiB', 'vhdx.log.limit', (v) => {
    const logGuid = newGuid();
    v.image.resize(far + 80 * MIB);
    const page = logEntry({}, logGuid);
    new DataView(page.buffer).setUint32(8, 65 * MIB, true);
    v.image.write(far, page);
    v.header({ logGuid, logOffset: far, logLength: 80 * MIB });
  });
  refused(
    'dynamic',
    'a log that sets everything to zero again and again',
    'vhdx.log.limit',
    (v) => {
      const logGuid = newGuid();
      v.image.resize(far + 8 * MIB);
      const zero = { kind: 'zero', offset: 2 ** 40, length: 2 ** 40 } as const;
      const entry = { writes: Array.from({ length: 14_000 }, () => zero) };
      for (let i = 0, at = far; i < 5; i++) {
        const bytes = logEntry({ ...entry, sequenceNumber: BigInt(i + 1) }, logGuid);
        v.image.write(at, bytes);
        at += bytes.length;
      }
      v.header({ logGuid, logOffset: far, logLength: 8 * MIB });
    },
  );
});

/** Places where a change matters; the rest of the file is data and zeros. */
const targets = [
  { start: 0, length: 16, weight: 1 },
  { start: 0x10000, length: 96, weight: 3 },
  { start: 0x20000, length: 96, weight: 3 },
  { start: 0x30000, length: 96, weight: 3 },
  { start: LOG, length: 8192, weight: 3 },
  { start: METADATA, length: 256, weight: 4 },
  { start: METADATA + 0x10000, length: 512, weight: 6 },
  { start: BAT, length: 72, weight: 6 },
  { start: BAT + 4096 * 8, length: 8, weight: 2 },
];
const place = fc.oneof(
  ...targets.map(({ start, length, weight }) => ({
    weight,
    arbitrary: fc.nat(length - 1).map((at) => start + at),
  })),
);

for (const kind of ['dynamic', 'differencing', 'dirty'] as const) {
  test(`random damage to a ${kind} image ends in an engine error or in a reading, soon`, async () => {
    const image = (await sound[kind === 'dirty' ? 'dynamic' : kind]).clone();
    if (kind === 'dirty') {
      const bytes = image.bytes(BAT, 4096);
      image.log({}, { writes: [{ kind: 'page', offset: BAT, bytes }] });
    }
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(image.image.size), { freq: 8 }),
        fc.boolean(),
        async (flips, size, seal) => {
          const victim = image.clone();
          for (const [at, value] of flips) victim.image.write(at, Uint8Array.of(value));
          if (seal) {
            // What is in the first region table must be in both to be seen.
            victim.image.write(0x40000, victim.bytes(0x30000, 0x10000));
            victim.sealHeaders().sealRegions();
          }
          if (size !== null) victim.image.resize(size);
          const source = new WatchedSource(victim);
          try {
            await readAll(source);
            outcomes.add('read');
          } catch (error) {
            assert.ok(error instanceof EngineError, String((error as Error).stack));
            outcomes.add(error.code);
          }
          assert.equal(source.closed, 1);
          assert.ok(source.largest <= LARGEST_READ && source.bytes < 64 * MIB);
        },
      ),
      { numRuns: thinned(1500) },
    );
    assert.ok(outcomes.size > 8, `only ${[...outcomes].join(', ')} came of it`);
  });
}

test('a file of random bytes behind each signature is refused', async () => {
  const random = generator(5);
  for (let run = 0; run < 8; run++) {
    const victim = (await sound.dynamic).clone();
    const noise = new Uint8Array(0x60000 - 8).map(() => random() * 256);
    victim.image.write(8, noise);
    await assert.rejects(readAll(new WatchedSource(victim)), { code: 'vhdx.header.none' });
  }
});
