import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { ownParts, Places, type OwnPart } from '../../../../src/engine/backup/verify/own-parts.ts';
import type { ChainDisk } from '../../../../src/engine/disk/chain/chain.ts';
import type { LayerExtent } from '../../../../src/engine/disk/image/image.ts';
import type { DataAfter } from '../../../../src/engine/source/byte-source.ts';
import { generator } from '../../../support/files/crash-recorder.ts';

/** A disk, and where its image's file has data, byte by byte. */
interface Case {
  readonly size: number;
  readonly unit: number;
  readonly full: boolean;
  readonly extents: readonly LayerExtent[];
  readonly hasData: readonly boolean[];
}

type Below = (behind: number) => number;

/** Bytes that come in runs of `true` and `false`. */
function runs(length: number, longest: number, below: Below): boolean[] {
  const out: boolean[] = [];
  for (let value = below(2) === 0; out.length < length; value = !value) {
    for (let left = 1 + below(longest); left > 0; left--) out.push(value);
  }
  return out.slice(0, length);
}

function randomCase(below: Below): Case {
  const unit = 1 << below(6);
  const size = 1 + below(20 * unit);
  const full = below(2) === 0;
  const extents: LayerExtent[] = [];
  let fileSize = 0;
  for (let start = 0; start < size;) {
    const end = Math.min(size, start + 1 + below(6 * unit));
    const kind = (['data', 'data', 'zero', 'transparent'] as const)[below(4)] as 'data';
    const offset = kind === 'data' ? fileSize + below(9) : -1;
    // Blocks lie anywhere in a file: not in the order of the disk's bytes.
    extents.push({ start, end, kind, offset });
    if (kind === 'data') fileSize = offset + end - start;
    start = end;
  }
  const mirrored = below(2) === 0;
  const placed = extents.map((extent): LayerExtent => {
    if (extent.kind !== 'data' || !mirrored) return extent;
    return { ...extent, offset: fileSize - extent.offset - (extent.end - extent.start) };
  });
  const longest = 1 + below(3 * unit);
  return { size, unit, full, extents: placed, hasData: runs(fileSize, longest, below) };
}

/** As lseek answers, or with the whole part although it begins earlier, which the interface allows too. */
function seeking(hasData: readonly boolean[], whole: boolean): DataAfter {
  return (from) => {
    let start = from;
    while (start < hasData.length && hasData[start] !== true) start++;
    if (start >= hasData.length) return undefined;
    let end = start;
    while (hasData[end] === true) end++;
    if (whole) while (hasData[start - 1] === true) start--;
    return { start, end };
  };
}

/** The same parts, found by looking at each byte. */
function naiveParts({ size, unit, full, extents, hasData }: Case, known: boolean): OwnPart[] {
  const out: OwnPart[] = [];
  for (const { start, end, kind, offset } of extents) {
    if (kind === 'transparent' || (kind === 'zero' && full)) continue;
    // Nobody asks where a single unit has data: it is read.
    const asked = known && end - start > unit;
    const isData = (at: number): boolean =>
      kind === 'data' && (!asked || hasData[offset + at - start] === true);
    const isZeros = (at: number): boolean => {
      const from = at - (at % unit);
      const to = Math.min(from + unit, size);
      if (from < start || to > end) return false;
      for (let i = from; i < to; i++) if (isData(i)) return false;
      return true;
    };
    let last: { start: number; end: number; zeros: boolean; offset: number } | undefined;
    for (let at = start; at < end; at++) {
      const [data, zeros] = [isData(at), isZeros(at)];
      if (last?.zeros === zeros && last.offset >= 0 === data) last.end++;
      else {
        last = { start: at, end: at + 1, zeros, offset: data ? offset + at - start : -1 };
        out.push(last);
      }
    }
  }
  return out;
}

/** A disk whose first image has these extents, given out in batches. */
function diskOf({ size, extents }: Pick<Case, 'size' | 'extents'>, batch: number): ChainDisk {
  const layer = {
    async *extentsIn(): AsyncGenerator<readonly LayerExtent[]> {
      for (let i = 0; i < extents.length; i += batch) {
        await Promise.resolve();
        yield extents.slice(i, i + batch);
      }
    },
  };
  return { size, layers: [layer] } as unknown as ChainDisk;
}

test('parts of random images are those that a look at each byte finds', async () => {
  const seen = { zeros: 0, data: 0, rest: 0, shortLast: 0 };
  for (let seed = 1; seed <= 4000; seed++) {
    const random = generator(seed);
    const below: Below = (behind) => Math.floor(random() * behind);
    const image = randomCase(below);
    const known = below(8) > 0;
    const dataAfter = known ? seeking(image.hasData, below(2) === 0) : undefined;
    const disk = diskOf(image, 1 + below(5));
    const parts: OwnPart[] = [];
    for await (const part of ownParts(disk, image.full, dataAfter, image.unit, never)) {
      parts.push(part);
      if (part.zeros) seen.zeros++;
      else if (part.offset >= 0) seen.data++;
      else seen.rest++;
      if (part.zeros && part.end % image.unit !== 0) seen.shortLast++;
    }
    assert.deepEqual(parts, naiveParts(image, known), `seed ${seed}`);
  }
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 100, `${what}: ${count}`);
});

test('what lies behind the end that the file is said to have is read, and is not zeros', async () => {
  const extents: LayerExtent[] = [{ start: 0, end: 64, kind: 'data', offset: 100 }];
  const disk = diskOf({ size: 64, extents }, 1);
  // A file that was closed says so of everything: it ends at 132 here.
  const dataAfter: DataAfter = (from) => ({ start: from, end: 132 });
  const parts: OwnPart[] = [];
  for await (const part of ownParts(disk, true, dataAfter, 8, never)) parts.push(part);
  assert.deepEqual(parts, [
    { start: 0, end: 32, zeros: false, offset: 100 },
    { start: 32, end: 64, zeros: false, offset: -1 },
  ]);
});

/** Parts in order, with gaps or without, some of them with no place in the file. */
function randomPlaced(count: number, below: Below): OwnPart[] {
  const parts: OwnPart[] = [];
  let end = below(10);
  for (let i = 0; i < count; i++) {
    const start = end + (below(2) === 0 ? 0 : below(5));
    end = start + 1 + below(10);
    parts.push({ start, end, zeros: false, offset: below(5) === 0 ? -1 : below(1e6) });
  }
  return parts;
}

function naivePlace(parts: readonly OwnPart[], start: number, end: number): number | undefined {
  const part = parts.find((each) => each.offset >= 0 && each.start <= start && end <= each.end);
  return part && part.offset + start - part.start;
}

test('places are found as by looking at each part', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = generator(seed);
    const below: Below = (behind) => Math.floor(random() * behind);
    const parts = randomPlaced(below(30), below);
    const places = new Places();
    for (const part of parts) places.add(part);
    const size = (parts.at(-1)?.end ?? 0) + 3;
    for (let start = 0; start < size; start++) {
      for (let end = start + 1; end < start + 12; end++) {
        const found = places.find({ start, end });
        assert.equal(found, naivePlace(parts, start, end), `seed ${seed}: ${start} to ${end}`);
      }
    }
  }
});

test('of very many parts the last 32,768 are found, and none in a wrong place', () => {
  const random = generator(7);
  const below: Below = (behind) => Math.floor(random() * behind);
  const parts = randomPlaced(180_000, below);
  const places = new Places();
  const placed: OwnPart[] = [];
  let [found, forgotten] = [0, 0];
  for (const [i, part] of parts.entries()) {
    places.add(part);
    if (part.offset >= 0) placed.push(part);
    if (i % 97 !== 0 || placed.length === 0) continue;
    // An old one, a late one, and one that reaches into the next.
    const old = placed[below(placed.length)] as OwnPart;
    const late = placed[placed.length - 1 - below(Math.min(placed.length, 32_768))] as OwnPart;
    const start = late.start + below(late.end - late.start);
    const place = late.offset + start - late.start;
    assert.equal(places.find({ start, end: late.end }), place, `${i}: late`);
    assert.equal(places.find({ start, end: late.end + 1 }), undefined, `${i}: too long`);
    const again = places.find(old);
    if (again === undefined) forgotten++;
    else found++;
    assert.ok(again === undefined || again === old.offset, `${i}: old`);
  }
  assert.ok(placed.length > 2 * 65_536 && found > 100 && forgotten > 100);
});
