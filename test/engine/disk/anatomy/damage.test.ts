import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { DiskAnatomy } from '../../../../src/engine/disk/anatomy/blocks/disk-anatomy.ts';
import { readAnatomy } from '../../../../src/engine/disk/anatomy/read-anatomy.ts';
import { Findings, type Finding } from '../../../../src/engine/disk/inspect/findings.ts';
import type { FieldNode } from '../../../../src/engine/disk/inspect/model.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import {
  BAT,
  LOG,
  METADATA,
  soundImage,
  WatchedSource,
  type Victim,
} from '../../../support/disk/vhdx-victim.ts';
import { ALL_CASES, SEED } from '../../../support/process/all-cases.ts';

interface Taken {
  readonly anatomy: DiskAnatomy;
  readonly findings: readonly Finding[];
}

async function take(victim: Victim): Promise<Taken> {
  const findings = new Findings();
  const anatomy = await readAnatomy(new WatchedSource(victim), findings, never);
  return { anatomy, findings: findings.list };
}

function* walk(nodes: readonly FieldNode[]): Generator<FieldNode> {
  for (const node of nodes) {
    yield node;
    yield* walk(node.children);
  }
}

const grave = ({ findings }: Taken): readonly Finding[] =>
  findings.filter(({ severity }) => severity !== 'info');

test('a sound image has no findings, and each field lies where the file has it', async () => {
  for (const kind of ['dynamic', 'differencing'] as const) {
    const victim = await soundImage(kind);
    const taken = await take(victim);
    assert.deepEqual(grave(taken), []);
    assert.equal(taken.anatomy.subformat, kind);
    const all = [...walk(taken.anatomy.tree)];
    assert.ok(all.length > 80, `${all.length} nodes`);
    assert.deepEqual(
      all.filter(({ state }) => state === 'bad'),
      [],
    );
    for (const { label, offset, length, help } of all) {
      assert.notEqual(help, '', label);
      if (offset === null || length === null) continue;
      assert.ok(offset + length <= victim.image.size, `${label} at ${offset}+${length}`);
    }
    const counts = taken.anatomy.blocks?.counts();
    assert.deepEqual(counts, kind === 'dynamic' ? [2, 0, 0, 6, 0, 0, 0] : [2, 1, 1, 4, 0, 0, 0]);
  }
});

test('the parts cover the file without a gap, in order', async () => {
  const { anatomy } = await take(await soundImage('differencing'));
  let at = 0;
  for (const { start, length, label } of anatomy.parts) {
    assert.equal(start, at, label);
    at += length;
  }
  const kinds = anatomy.parts.map(({ kind }) => kind);
  for (const kind of [
    'identifier',
    'header',
    'regionTable',
    'log',
    'bat',
    'metadata',
    'payload',
    'bitmap',
  ] as const) {
    assert.ok(kinds.includes(kind), kind);
  }
});

/** Where a changed byte must be told of: the structure's start, and what is said. */
const STRUCTURES = [
  { what: 'identifier', from: 0, to: 8, code: 'vhdx.signature', place: 0 },
  {
    what: 'header 1 signature',
    from: 0x10000,
    to: 0x10004,
    code: 'vhdx.header.signature',
    place: 0x10000,
  },
  { what: 'header 1', from: 0x10004, to: 0x10060, code: 'vhdx.header.checksum', place: 0x10004 },
  {
    what: 'header 2 signature',
    from: 0x20000,
    to: 0x20004,
    code: 'vhdx.header.signature',
    place: 0x20000,
  },
  { what: 'header 2', from: 0x20ff0, to: 0x21000, code: 'vhdx.header.checksum', place: 0x20004 },
  {
    what: 'region table 1',
    from: 0x30004,
    to: 0x30050,
    code: 'vhdx.region.checksum',
    place: 0x30004,
  },
  {
    what: 'region table 2',
    from: 0x4ffe0,
    to: 0x50000,
    code: 'vhdx.region.checksum',
    place: 0x40004,
  },
  {
    what: 'metadata table',
    from: METADATA,
    to: METADATA + 8,
    code: 'vhdx.metadata.signature',
    place: METADATA,
  },
] as const;

for (const { what, from, to, code, place } of STRUCTURES) {
  test(`each changed byte of ${what} is ${code} at ${place}`, async () => {
    const sound = await soundImage('differencing');
    for (let at = from; at < to; at++) {
      const victim = sound.clone();
      victim.image.write(at, Uint8Array.of((victim.bytes(at, 1)[0] ?? 0) ^ 0x41));
      const taken = await take(victim);
      const found = taken.findings.find((each) => each.code === code && each.offset === place);
      assert.ok(found, `byte ${at}: ${JSON.stringify(taken.findings)}`);
      assert.ok(
        [...walk(taken.anatomy.tree)].some(({ state }) => state === 'bad'),
        `byte ${at}`,
      );
    }
  });
}

test('no changed byte anywhere makes it throw', async (t) => {
  // A run changes each byte in one of the images and one of the ways; the turn says which.
  const turn = SEED % 4;
  if (!ALL_CASES) t.diagnostic(`turn ${turn}`);
  let cases = 0;
  let runs = 0;
  for (const [nth, kind] of (['dynamic', 'differencing'] as const).entries()) {
    const sound = await soundImage(kind);
    const places = [
      [0, 16],
      [0x10000, 0x10058],
      [0x20000, 0x20058],
      [0x30000, 0x30058],
      [0x40000, 0x40058],
      [METADATA, METADATA + 32 * 8],
      [METADATA + 0x10000, METADATA + 0x10000 + 400],
      [BAT, BAT + 9 * 8],
      [BAT + 4096 * 8, BAT + 4096 * 8 + 8],
      [LOG, LOG + 200],
    ] as const;
    for (const [from, to] of places) {
      for (let at = from; at < to; at++) {
        for (const [way, flip] of [0xff, 0x01].entries()) {
          cases++;
          if (!ALL_CASES && (at + 2 * nth + way) % 4 !== turn) continue;
          const victim = sound.clone();
          victim.image.write(at, Uint8Array.of((victim.bytes(at, 1)[0] ?? 0) ^ flip));
          // Half of them with the checksums made right, so that the values themselves are judged.
          if (flip === 0x01) victim.sealHeaders().sealRegions();
          await take(victim);
          runs++;
        }
      }
    }
  }
  assert.ok(cases > 3000 && runs >= (ALL_CASES ? cases : cases / 4 - 40), `${runs} of ${cases}`);
});

test('a file cut anywhere never throws, and says where it ends', async () => {
  const sound = await soundImage('differencing');
  const bytes = sound.bytes(0, sound.image.size);
  for (const length of [
    0,
    1,
    7,
    8,
    520,
    0x10000,
    0x10fff,
    0x20000,
    0x30001,
    0x40000,
    0x4ffff,
    MIB,
    LOG + 5,
    METADATA,
    METADATA + 0x10010,
    BAT,
    BAT + 8,
    BAT + MIB + 1,
  ]) {
    const victim = sound.clone();
    victim.image.size = length;
    const taken = await take(victim);
    if (length < 0x40000) continue;
    assert.ok(
      taken.findings.some(({ code }) =>
        ['vhdx.truncated', 'vhdx.region.beyond', 'vhdx.bat.beyond'].includes(code),
      ),
      `${length}: ${JSON.stringify(taken.findings)}`,
    );
  }
  assert.ok(bytes.length > 5 * MIB);
});

const hostile: readonly [string, (victim: Victim) => Victim, string, number][] = [
  [
    'a region table that claims 4 billion entries',
    (v) => v.region(8, 0xffffffff, 4),
    'vhdx.region.count',
    0x30008,
  ],
  ['a region at 2^63', (v) => v.region(32, 1n << 63n, 8), 'vhdx.region.offset', 0x30000 + 32],
  ['a region of 4 GiB', (v) => v.region(40, 0xfff00000, 4), 'vhdx.region.limit', 0x30000 + 40],
  [
    'metadata that claims 65535 entries',
    (v) => v.put(METADATA + 10, 0xffff, 2),
    'vhdx.metadata.count',
    METADATA + 10,
  ],
  [
    'an item behind its region',
    (v) => v.put(METADATA + 32 + 16, 0x7fffffff, 4),
    'vhdx.metadata.itemOffset',
    METADATA + 32 + 16,
  ],
  [
    'a block size of 3 MiB',
    (v) => v.put(v.item(0), 3 * MIB, 4),
    'vhdx.metadata.blockSize',
    METADATA + 0x10000,
  ],
  [
    'a disk of 2^60 bytes',
    (v) => v.put(v.item(1), 1n << 60n, 8),
    'vhdx.metadata.diskSize',
    METADATA + 0x10008,
  ],
  [
    'a logical sector of 77 bytes',
    (v) => v.put(v.item(2), 77, 4),
    'vhdx.metadata.logicalSector',
    METADATA + 0x10010,
  ],
  [
    'a physical sector of 0 bytes',
    (v) => v.put(v.item(3), 0, 4),
    'vhdx.metadata.physicalSector',
    METADATA + 0x10014,
  ],
  [
    'a locator with 65535 keys',
    (v) => v.put(v.item(5) + 18, 0xffff, 2),
    'vhdx.locator.count',
    METADATA + 0x10028 + 18,
  ],
  [
    'a locator text outside the item',
    (v) => v.put(v.item(5) + 20, 0x7fffffff, 4),
    'vhdx.locator.entry',
    METADATA + 0x10028 + 20,
  ],
  ['a reserved state', (v) => v.entry(2, 5 * MIB, 5), 'vhdx.bat.state', BAT + 16],
  ['reserved bits', (v) => v.entry(2, 5 * MIB + 0x100, 6), 'vhdx.bat.reserved', BAT + 16],
  ['a block in the headers', (v) => v.entry(2, 0, 6), 'vhdx.bat.headers', BAT + 16],
  ['a block behind the end', (v) => v.entry(2, 1n << 40n, 6), 'vhdx.bat.beyond', BAT + 16],
  ['a block at 2^60', (v) => v.entry(2, 1n << 60n, 6), 'vhdx.bat.beyond', BAT + 16],
  ['a block over the BAT', (v) => v.entry(2, BAT, 6), 'vhdx.bat.overlap', BAT + 16],
  [
    'a block over another',
    (v) => v.put(BAT + 16, new DataView(v.bytes(BAT, 8).buffer).getBigUint64(0, true), 8),
    'vhdx.bat.overlap',
    BAT + 16,
  ],
  [
    'a partial block without a bitmap',
    (v) => v.put(BAT + 4096 * 8, 0, 8),
    'vhdx.bat.noBitmap',
    BAT + 4096 * 8,
  ],
  ['a log over the BAT', (v) => v.header({ logOffset: BAT }), 'vhdx.region.overLog', BAT],
  [
    'a log place that is no multiple of 1 MiB',
    (v) => v.header({ logOffset: MIB + 512 }),
    'vhdx.header.logOffset',
    0x20000 + 72,
  ],
  ['an unknown version', (v) => v.header({ version: 9 }), 'vhdx.header.version', 0x20000 + 66],
];

for (const [what, harm, code, offset] of hostile) {
  test(`${what} is ${code} at ${offset}`, async () => {
    const taken = await take(harm(await soundImage('differencing')));
    const places = taken.findings.filter((each) => each.code === code).map((each) => each.offset);
    assert.ok(places.includes(offset), JSON.stringify(taken.findings, null, 1));
  });
}

test('a dirty log is replayed in memory, and its entries are shown', async () => {
  const page = new Uint8Array(4096);
  new DataView(page.buffer).setBigUint64(0, BigInt(6 * MIB) | 2n, true);
  const victim = (await soundImage('dynamic')).log({
    writes: [{ kind: 'page', offset: BAT, bytes: page }],
  });
  const { anatomy, findings } = await take(victim);
  const dirty = findings.find(({ code }) => code === 'vhdx.log.dirty');
  assert.equal(dirty?.offset, 0x20000 + 48);
  assert.deepEqual(anatomy.blocks?.counts(), [0, 0, 1, 7, 0, 0, 0]);
  const log = anatomy.tree.find(({ label }) => label === 'Log');
  const entry = log?.children.find(
    ({ value, label }) => label === 'Entry 1' && value === 'to be replayed',
  );
  assert.equal(entry?.offset, LOG);
  assert.ok(entry?.children.some(({ value }) => value === `page at ${BAT}`));
});

test('a log that cannot be replayed is a finding, and the rest is shown as the file has it', async () => {
  const victim = (await soundImage('dynamic')).log({});
  victim.put(LOG + 60, 77, 4);
  const { anatomy, findings } = await take(victim);
  assert.ok(findings.some(({ code, offset }) => code === 'vhdx.log.corrupt' && offset === LOG));
  assert.equal(anatomy.tree.find(({ label }) => label === 'Log')?.state, 'bad');
  assert.equal(anatomy.blocks?.total, 8);
});

test('of a thousand broken entries a few are told and the rest are counted', async () => {
  const victim = await soundImage('differencing');
  for (let i = 0; i < 8; i++) victim.entry(i, 1n << 50n, 6);
  const { anatomy, findings } = await take(victim);
  assert.equal(anatomy.blocks?.counts()[6], 8);
  assert.ok(findings.length < 40);
});

test('an odd file size is called harmless only if every block lies inside the file', async () => {
  const sizeOf = async (change: (size: number) => number): Promise<Finding | undefined> => {
    const victim = (await soundImage('dynamic')).clone();
    victim.image.size = change(victim.image.size);
    const { findings } = await take(victim);
    return findings.find(({ code }) => code === 'anatomy.file.size');
  };
  const grown = await sizeOf((size) => size + 512);
  assert.equal(grown?.severity, 'info');
  assert.match(grown?.message ?? '', /no data is lost/);
  for (const change of [(size: number) => size - 512, () => BAT + 8]) {
    const cut = await sizeOf(change);
    assert.equal(cut?.severity, 'warning');
    assert.match(cut?.message ?? '', /its end may have been cut off/);
  }
});
