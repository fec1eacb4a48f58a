import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../../support/checks/properties.ts';
import {
  guidFromBytes,
  newGuid,
  NIL_GUID,
  type Guid,
} from '../../../../../src/engine/base/guid.ts';
import {
  decodeBitmapEntry,
  decodePayloadEntry,
  encodeBatEntry,
} from '../../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import {
  decodeFileIdentifier,
  encodeFileIdentifier,
} from '../../../../../src/engine/disk/vhdx/structures/file-identifier.ts';
import {
  chooseHeader,
  judgeHeaders,
  decodeHeader,
  encodeHeader,
  type VhdxHeader,
} from '../../../../../src/engine/disk/vhdx/structures/header.ts';
import {
  batEntryCount,
  batIndexOfBitmap,
  batIndexOfPayload,
  batRegionLength,
  bitmapBlockCount,
  chunkRatio,
  ITEM_PARENT_LOCATOR,
  MIB,
  payloadBlockCount,
  REGION_BAT,
  REGION_METADATA,
} from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { GIB, TIB } from '../../../../support/disk/sizes.ts';
import {
  decodeLogEntry,
  encodeLogEntry,
  type LogRing,
  type LogWrite,
} from '../../../../../src/engine/disk/vhdx/log/log-entry.ts';
import {
  decodeMetadataItems,
  encodeMetadataRegion,
  itemsToRead,
  metadataItems,
  subformat,
  type VhdxMetadata,
} from '../../../../../src/engine/disk/vhdx/structures/metadata/metadata-items.ts';
import { decodeMetadataTable } from '../../../../../src/engine/disk/vhdx/structures/metadata/metadata-table.ts';
import {
  decodeParentLocator,
  encodeParentLocator,
} from '../../../../../src/engine/disk/vhdx/structures/locator/parent-locator.ts';
import {
  chooseRegionTable,
  encodeRegionTable,
} from '../../../../../src/engine/disk/vhdx/structures/regions/region-table.ts';
import { bitRuns, setBits } from '../../../../../src/engine/disk/vhdx/structures/sector-bitmap.ts';
import { allSet, LEAST_FIRST } from '../../../../../src/engine/disk/virtual/sector-bits.ts';
import { SectorRuns } from '../../../../../src/engine/disk/virtual/sector-runs.ts';

/** Decoders return ordinary objects. */
const plainly = { noNullPrototype: true } as const;

const guid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => guidFromBytes(b));

const headers: fc.Arbitrary<VhdxHeader> = fc.record(
  {
    sequenceNumber: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fileWriteGuid: guid,
    dataWriteGuid: guid,
    logGuid: guid,
    logVersion: fc.nat(65535),
    version: fc.nat(65535),
    logLength: fc.nat(4095).map((n) => n * MIB),
    logOffset: fc.nat(2 ** 20).map((n) => n * MIB),
  },
  plainly,
);

const plain: VhdxHeader = {
  sequenceNumber: 7n,
  fileWriteGuid: newGuid(),
  dataWriteGuid: newGuid(),
  logGuid: NIL_GUID,
  logVersion: 0,
  version: 1,
  logLength: MIB,
  logOffset: MIB,
};

test('a header decodes to what was encoded', () => {
  fc.assert(
    fc.property(headers, (header) => {
      const bytes = encodeHeader(header);
      assert.equal(bytes.length, 4096);
      assert.deepEqual(decodeHeader(bytes, 0x10000), header);
    }),
  );
});

test('the header with the greater sequence number is current, compared as 64 unsigned bits', () => {
  const low = encodeHeader({ ...plain, sequenceNumber: 2n ** 63n - 1n });
  const high = encodeHeader({ ...plain, sequenceNumber: 2n ** 63n });
  assert.equal(chooseHeader(low, high).slot, 1);
  assert.equal(chooseHeader(high, low).slot, 0);
});

test('of two headers with equal numbers the first is taken, and a difference is told', () => {
  const other = encodeHeader({ ...plain, fileWriteGuid: newGuid() });
  assert.equal(chooseHeader(encodeHeader(plain), encodeHeader(plain)).ambiguous, false);
  const chosen = chooseHeader(encodeHeader(plain), other);
  assert.equal(chosen.ambiguous, true);
  assert.equal(chosen.header.fileWriteGuid, plain.fileWriteGuid);
});

test('a damaged header gives way to the other, whichever is newer', () => {
  const torn = encodeHeader({ ...plain, sequenceNumber: 8n });
  torn[100] = 1;
  const chosen = chooseHeader(encodeHeader(plain), torn);
  assert.equal(chosen.header.sequenceNumber, 7n);
  const judged = judgeHeaders(encodeHeader(plain), torn);
  assert.deepEqual(
    judged.defects.map((each) => each.map(({ code, severity }) => [code, severity])),
    [[], [['vhdx.header.checksum', 'warning']]],
  );
  assert.equal(chooseHeader(new Uint8Array(4096), encodeHeader(plain)).slot, 1);
});

test('the file identifier carries its creator, cut to the 256 characters that fit', () => {
  assert.deepEqual(decodeFileIdentifier(encodeFileIdentifier({ creator: 'Größe' })), {
    creator: 'Größe',
  });
  const long = decodeFileIdentifier(encodeFileIdentifier({ creator: 'x'.repeat(300) }));
  assert.equal(long.creator, 'x'.repeat(256));
});

const region = (id: Guid, offset: number, required = true) => ({
  id,
  offset: offset * MIB,
  length: MIB,
  required,
});

test('a region table decodes to what was encoded, and the second copy stands in for the first', () => {
  const table = {
    bat: region(REGION_BAT, 3),
    metadata: region(REGION_METADATA, 2),
    others: [region(newGuid(), 9, false)],
  };
  const bytes = encodeRegionTable(table);
  assert.deepEqual(chooseRegionTable(bytes, new Uint8Array(0)), table);
  const torn = bytes.slice();
  torn[60000] = 1;
  assert.deepEqual(chooseRegionTable(torn, bytes), table);
  assert.deepEqual(chooseRegionTable(bytes, torn), table);
});

const path = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' });
const metadatas: fc.Arbitrary<VhdxMetadata> = fc
  .record(
    {
      blockSize: fc.nat(8).map((n) => MIB << n),
      leaveBlocksAllocated: fc.boolean(),
      virtualSize: fc.integer({ min: 1, max: (64 * TIB) / 4096 }).map((n) => n * 4096),
      logicalSectorSize: fc.constantFrom(512 as const, 4096 as const),
      physicalSectorSize: fc.constantFrom(512 as const, 4096 as const),
      diskId: guid,
      parent: fc.option(
        fc.record(
          {
            linkage: guid,
            linkage2: guid.filter((g) => g !== NIL_GUID),
            relativePath: path,
            volumePath: path,
            absolutePath: path,
          },
          { ...plainly, requiredKeys: ['linkage'] },
        ),
        { nil: undefined },
      ),
    },
    plainly,
  )
  .map(({ parent, ...rest }) => (parent === undefined ? rest : { ...rest, parent }));

test('metadata decode to what was encoded, with and without a parent', () => {
  fc.assert(
    fc.property(metadatas, (metadata) => {
      const bytes = encodeMetadataRegion(metadataItems(metadata));
      const place = { offset: 2 * MIB, length: MIB };
      const entries = decodeMetadataTable(bytes.subarray(0, 65536), place);
      const items = itemsToRead(entries, place.offset).map(
        (e) =>
          [e.id, { at: e.offset, bytes: bytes.subarray(e.offset, e.offset + e.length) }] as const,
      );
      const decoded = decodeMetadataItems(new Map(items));
      assert.deepEqual(decoded, metadata);
      const kind = metadata.leaveBlocksAllocated ? 'fixed' : 'dynamic';
      assert.equal(subformat(decoded), metadata.parent === undefined ? kind : 'differencing');
    }),
  );
});

test('a locator left over without the HasParent bit makes no differencing image', () => {
  const { parent, ...rest } = fc.sample(
    metadatas.filter((m) => m.parent !== undefined),
    1,
  )[0] as VhdxMetadata;
  assert.ok(parent !== undefined);
  const items = new Map(
    metadataItems(rest).map((item) => [item.entry.id, { at: 0, bytes: item.bytes }]),
  );
  items.set(ITEM_PARENT_LOCATOR, { at: 0, bytes: encodeParentLocator(parent) });
  assert.equal(decodeMetadataItems(items).parent, undefined);
});

test('a second linkage of zeros, as Windows writes it, counts as absent', () => {
  const linkage = newGuid();
  const bytes = encodeParentLocator({ linkage, linkage2: NIL_GUID, relativePath: '.\\a.vhdx' });
  assert.deepEqual(decodeParentLocator(bytes), { linkage, relativePath: '.\\a.vhdx' });
});

/** size, block, sector, ratio, payload blocks, bitmap blocks, entries dynamic and differencing, BAT MiB. */
const SIZES = [
  [GIB, MIB, 512, 4096, 1024, 1, 1024, 4097, 1],
  [10 * GIB, 2 * MIB, 512, 2048, 5120, 3, 5122, 6147, 1],
  [127 * GIB, 32 * MIB, 512, 128, 4064, 32, 4095, 4128, 1],
  [TIB, 2 * MIB, 512, 2048, 524288, 256, 524543, 524544, 5],
  [TIB, 32 * MIB, 4096, 1024, 32768, 32, 32799, 32800, 1],
  [64 * TIB, 32 * MIB, 512, 128, 2097152, 16384, 2113535, 2113536, 17],
  [64 * TIB, MIB, 512, 4096, 67108864, 16384, 67125247, 67125248, 513],
  [64 * TIB, 256 * MIB, 512, 16, 262144, 16384, 278527, 278528, 3],
] as const;

test('BAT sizes are those of the specification', () => {
  for (const [virtualSize, blockSize, logicalSectorSize, ...wanted] of SIZES) {
    const g = { virtualSize, blockSize, logicalSectorSize };
    assert.deepEqual(
      [
        chunkRatio(g),
        payloadBlockCount(g),
        bitmapBlockCount(g),
        batEntryCount(g, false),
        batEntryCount(g, true),
        batRegionLength(g, true) / MIB,
      ],
      wanted,
    );
    assert.equal(batIndexOfPayload(g, chunkRatio(g)), chunkRatio(g) + 1);
    assert.equal(batIndexOfBitmap(g, 0), chunkRatio(g));
  }
});

test('BAT entries decode to what was encoded, up to the farthest offset', () => {
  const offsets = fc.integer({ min: 1, max: 2 ** 33 - 1 }).map((n) => n * MIB);
  fc.assert(
    fc.property(fc.constantFrom(6, 7), offsets, (state, offset) => {
      const view = new DataView(new ArrayBuffer(8));
      encodeBatEntry(view, 0, state, offset);
      const [low, high] = [view.getUint32(0, true), view.getUint32(4, true)];
      assert.deepEqual(decodePayloadEntry(low, high, true, 0), { state, offset });
      if (state === 6) assert.equal(decodeBitmapEntry(low, high, true, 0), offset);
    }),
  );
});

const ring: LogRing = { logGuid: newGuid(), offset: MIB, length: MIB };
const target = fc.integer({ min: 512, max: 2 ** 30 }).map((n) => n * 4096);
const writes: fc.Arbitrary<LogWrite> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('page' as const),
      offset: target,
      bytes: fc
        .nat()
        .map((seed) => Uint8Array.from({ length: 4096 }, (_, i) => (i * 31 + seed) & 255)),
    },
    plainly,
  ),
  fc.record(
    {
      kind: fc.constant('zero' as const),
      offset: target,
      length: fc.nat(1000).map((n) => n * 4096),
    },
    plainly,
  ),
);

test('a log entry decodes to what was encoded, with any mix of descriptors', () => {
  const entries = fc.record(
    {
      tail: fc.nat(255).map((n) => n * 4096),
      sequenceNumber: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
      flushedFileOffset: fc.nat(2 ** 30).map((n) => n * MIB),
      lastFileOffset: fc.nat(2 ** 30).map((n) => n * MIB),
      writes: fc.array(writes, { maxLength: 12 }),
    },
    plainly,
  );
  fc.assert(
    fc.property(entries, (entry) => {
      const bytes = encodeLogEntry(entry, ring.logGuid);
      assert.deepEqual(decodeLogEntry(bytes, ring), { ...entry, length: bytes.length });
    }),
    { numRuns: thinned(50) },
  );
});

test('a log entry of more descriptors than its first sector holds decodes too', () => {
  const many: LogWrite[] = Array.from({ length: 200 }, (_, i) => ({
    kind: 'zero',
    offset: (i + 512) * 4096,
    length: 4096,
  }));
  const entry = {
    tail: 0,
    sequenceNumber: 1n,
    flushedFileOffset: 0,
    lastFileOffset: 0,
    writes: many,
  };
  const bytes = encodeLogEntry(entry, ring.logGuid);
  assert.equal(bytes.length, 8192);
  assert.deepEqual(decodeLogEntry(bytes, ring), { ...entry, length: 8192 });
});

test('bits of a sector bitmap are counted from the least significant', () => {
  const bytes = new Uint8Array(3);
  setBits(bytes, 1, 3);
  setBits(bytes, 9, 24);
  setBits(bytes, 10, 12, false);
  assert.deepEqual([...bytes], [0b00000110, 0b11110010, 0xff]);
});

/** Edges of runs over a small bitmap. */
const runs = fc.array(fc.tuple(fc.nat(200), fc.nat(200), fc.boolean()), { maxLength: 20 });

test('runs of a sector bitmap agree with a list of booleans', () => {
  fc.assert(
    fc.property(runs, fc.nat(200), fc.nat(200), (changes, a, b) => {
      const bytes = new Uint8Array(25);
      const model: boolean[] = Array.from({ length: 200 }, () => false);
      for (const [x, y, present] of changes) {
        setBits(bytes, Math.min(x, y), Math.max(x, y), present);
        model.fill(present, Math.min(x, y), Math.max(x, y));
      }
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      const seen: boolean[] = [];
      let last: boolean | undefined;
      for (const run of bitRuns(bytes, start, end)) {
        assert.equal(run.start, start + seen.length);
        assert.notEqual(run.present, last);
        last = run.present;
        for (let i = run.start; i < run.end; i++) seen.push(run.present);
      }
      assert.deepEqual(seen, model.slice(start, end));
      assert.equal(allSet(bytes, start, end, LEAST_FIRST), model.slice(start, end).every(Boolean));
    }),
  );
});

/** Runs of up to five sectors, many of them touching. */
const shortRuns = fc
  .uniqueArray(fc.tuple(fc.nat(39), fc.constantFrom([0, 5], [0, 5], [0, 5], [1, 3])), {
    maxLength: 40,
    selector: ([bucket]) => bucket,
    size: 'max',
  })
  .map((list) =>
    list.map(([bucket, [from = 0, length = 0]]) => [bucket * 5 + from, length] as const),
  );

test('a set of sectors agrees with a list of booleans, also across a chunk border', () => {
  const base = 2 ** 23 - 100;
  fc.assert(
    fc.property(shortRuns, fc.nat(200), fc.nat(200), (changes, a, b) => {
      const set = new SectorRuns();
      const model: boolean[] = Array.from({ length: 200 }, () => false);
      for (const [start, length] of changes) {
        const end = Math.min(200, start + length);
        assert.equal(set.add(base + start, base + end), true);
        model.fill(true, start, end);
      }
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      const seen: boolean[] = Array.from({ length: 200 }, () => false);
      for (const run of set.runs(base + start, base + end)) {
        seen.fill(true, run.start - base, run.end - base);
      }
      const wanted = model.map((present, i) => present && i >= start && i < end);
      assert.deepEqual(seen, wanted);
      assert.equal(set.covers(base + start, base + end), model.slice(start, end).every(Boolean));
      for (const run of set.runs(base, base + 200)) {
        assert.equal(set.add(run.end - 1, run.end + 1), false);
        break;
      }
      // Touching runs are one, but for the chunk border.
      const begins = model.filter((present, i) => present && (i === 100 || model[i - 1] !== true));
      assert.equal([...set.runs(base, base + 200)].length, begins.length);
      for (const gap of set.gaps(base + start, base + end)) {
        assert.ok(model.slice(gap.start - base, gap.end - base).every((present) => !present));
        seen.fill(true, gap.start - base, gap.end - base);
      }
      assert.ok(seen.slice(start, end).every(Boolean));
    }),
  );
});

test('a set of sectors with very many runs in a chunk stays exact', () => {
  const set = new SectorRuns();
  const count = 2 ** 17 + 10;
  for (let i = 0; i < count; i++) assert.ok(set.add(i * 4, i * 4 + 1));
  assert.equal(set.add(4 * count - 4, 4 * count), false);
  assert.ok(set.add(1, 4));
  assert.ok(set.covers(0, 5));
  assert.ok(!set.covers(0, 6));
  let seen = 0;
  for (const run of set.runs(0, count * 4)) seen += run.end - run.start;
  assert.equal(seen, count + 3);
});
