import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { VhdImage } from '../../../../../src/engine/disk/vhd/read/vhd-image.ts';
import { surveyVhd } from '../../../../../src/engine/disk/vhd/read/survey-vhd.ts';
import { readParts } from '../../../../../src/engine/disk/vhd/read/vhd-parts.ts';
import { vhdChecksum } from '../../../../../src/engine/disk/vhd/structures/checksum.ts';
import { VhdWriter } from '../../../../../src/engine/disk/vhd/write/vhd-writer.ts';
import { readLayers } from '../../../../support/disk/layered-vhd.ts';
import { generator } from '../../../../support/files/crash-recorder.ts';
import { MemoryPart } from '../../../../support/files/memory-part.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';

const KIB = 1024;
const SIZE = 3 * 512 * KIB + 512;

async function image(subformat: 'fixed' | 'dynamic' | 'differencing'): Promise<Uint8Array> {
  const part = new MemoryPart();
  const blockSize = 512 * KIB;
  const parent = {
    identity: '11111111-2222-3333-4444-555555555555',
    size: SIZE,
    relativePath: 'p.vhd',
    absolutePath: undefined,
  };
  const writer = new VhdWriter(part, {
    size: SIZE,
    subformat,
    ...(subformat === 'fixed' ? {} : { blockSize }),
    ...(subformat === 'differencing' ? { parent } : {}),
  });
  await writer.write(1024, new Uint8Array(4096).fill(7), never);
  await writer.write(SIZE - 512, new Uint8Array(512).fill(9), never);
  await writer.complete(never);
  return part.result;
}

const open = (bytes: Uint8Array): Promise<VhdImage> =>
  VhdImage.open(new MemoryStorage(bytes), {}, never);

async function codes(bytes: Uint8Array): Promise<readonly string[]> {
  return (await readParts(new MemoryStorage(bytes), never)).defects.map(({ code }) => code);
}

test('the copy takes the place of a damaged or missing footer, with a finding', async () => {
  const bytes = await image('dynamic');
  const expected = new Uint8Array(SIZE);
  await readLayers([await open(bytes)], 0, expected);
  const damaged = bytes.slice();
  damaged[damaged.length - 488] = 99;
  assert.deepEqual(await codes(damaged), ['vhd.footer.checksum']);
  const cut = bytes.slice(0, -512);
  assert.deepEqual(await codes(cut), ['vhd.footer.missing']);
  for (const file of [damaged, cut]) {
    const read = new Uint8Array(SIZE);
    await readLayers([await open(file)], 0, read);
    assert.deepEqual(read, expected);
  }
  const both = damaged.slice();
  both[24] = 99;
  await assert.rejects(open(both), { code: 'vhd.footer.checksum' });
  const copy = bytes.slice();
  copy[24] = 99;
  assert.deepEqual(await codes(copy), ['vhd.footer.copy']);
  assert.equal((await open(copy)).size, SIZE);
});

test('a fixed disk with a footer of 511 bytes is read, and the footer is named', async () => {
  const bytes = (await image('fixed')).slice(0, -1);
  assert.deepEqual(await codes(bytes), ['vhd.footer.short']);
  assert.equal((await open(bytes)).size, SIZE);
});

test('a wrong BAT entry loses its block alone, and names its place', async () => {
  const bytes = await image('dynamic');
  new DataView(bytes.buffer).setUint32(1536, 0x00ff_0000);
  new DataView(bytes.buffer).setUint32(1536 + 4, 0);
  const disk = await open(bytes);
  const extents = [];
  for await (const batch of disk.surveyedIn([{ start: 0, end: SIZE }], never)) {
    extents.push(...batch);
  }
  assert.deepEqual(
    extents.map((extent) => [
      extent.start,
      extent.kind,
      extent.kind === 'lost' ? extent.error.code : '',
    ]),
    [
      [0, 'lost', 'vhd.bat.offset'],
      [512 * KIB, 'lost', 'vhd.bat.overlap'],
      [2 * 512 * KIB, 'transparent', ''],
      [3 * 512 * KIB, 'data', ''],
    ],
  );
  await assert.rejects(disk.extentsOf({ start: 0, end: 512 }, never), {
    code: 'vhd.bat.offset',
    data: {
      offset: 1536,
      block: 0,
      found: 0x00ff_0000 * 512,
      expected: `${512 * KIB + 512} bytes before ${bytes.length - 512}`,
      size: bytes.length - 512,
      path: 'memory',
    },
  });
});

test('mutated images give an answer or a coded error, whatever their checksums hide', async () => {
  const seed = Number(process.env['REFPOINT_FUZZ_SEED'] ?? 1);
  const runs = Number(process.env['REFPOINT_FUZZ_RUNS'] ?? 300);
  const random = generator(seed);
  const whole = [await image('fixed'), await image('dynamic'), await image('differencing')];
  const values = [0, 1, 0x7f, 0x80, 0xff];
  for (let run = 0; run < runs; run++) {
    const bytes = (whole[run % 3] as Uint8Array).slice();
    const head = run % 3 === 0 ? [] : [0, 512];
    const starts = [...head, bytes.length - 512];
    for (let n = 0; n <= random() * 4; n++) {
      const base = starts[Math.floor(random() * starts.length)] as number;
      const span = base === 512 ? 1200 : 100;
      bytes[base + 8 + Math.floor(random() * span)] = values[Math.floor(random() * 5)] as number;
    }
    for (const at of starts) {
      const [length, field] = at === 512 ? [1024, 36] : [512, 64];
      const part = bytes.subarray(at, at + length);
      new DataView(bytes.buffer, at, length).setUint32(field, vhdChecksum(part, field));
    }
    const cut = random() < 0.2 ? bytes.slice(0, Math.floor(random() * bytes.length)) : bytes;
    try {
      const survey = await surveyVhd(new MemoryStorage(cut), {}, never);
      await survey.describe(never);
      const size = Math.min(survey.image?.size ?? 0, 2 ** 22);
      const ranges = size === 0 ? [] : [{ start: 0, end: size }];
      for await (const batch of survey.image?.surveyedIn(ranges, never) ?? []) {
        for (const extent of batch) {
          if (extent.kind !== 'data') continue;
          const into = new Uint8Array(Math.min(512, extent.end - extent.start));
          await survey.image?.readData(extent.start, extent.offset, into, never);
        }
      }
    } catch (error) {
      assert.ok(isEngineError(error), `seed ${seed}, run ${run}: ${String(error)}`);
    }
  }
});
