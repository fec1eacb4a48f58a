import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { detectFormat } from '../../../../src/engine/disk/formats/detect-format.ts';
import { FORMATS } from '../../../../src/engine/disk/formats/formats.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';

const SIZE = 4096;

/** The name of the format, or what the message calls a format that is not read. */
async function formatOf(name: string, ...texts: (readonly [at: number, text: string])[]) {
  const bytes = new Uint8Array(SIZE);
  for (const [at, text] of texts) {
    bytes.set(Buffer.from(text, 'latin1'), at < 0 ? SIZE + at : at);
  }
  try {
    return (await detectFormat(new MemoryStorage(bytes, name), never)).name;
  } catch (error) {
    if (!isEngineError(error, 'disk.unsupported') && !isEngineError(error, 'disk.format')) {
      throw error;
    }
    return error.code === 'disk.format'
      ? 'disk.format'
      : /is an? ([A-Z]+)/.exec(error.message)?.[1]?.toLowerCase();
  }
}

test('every signature of a format is found, and its endings promise it', async () => {
  let seen = 0;
  for (const { name, endings, signatures } of FORMATS) {
    for (const { at, text } of signatures) {
      assert.equal(await formatOf('disk.img', [at, text]), name, `${text} at ${at}`);
      seen++;
    }
    for (const ending of endings) {
      const nothing = await formatOf(`disk${ending}`, [0, 'nothing']);
      assert.equal(nothing, signatures.length === 0 ? name : 'disk.format', ending);
    }
  }
  assert.ok(seen >= 1);
  assert.equal(await formatOf('disk'), 'raw');
});

test('a guest cannot turn its fixed VHD into an image of another format by its first bytes', async () => {
  const both = [
    [0, 'vhdxfile'],
    [-512, 'conectix'],
  ] as const;
  assert.equal(await formatOf('disk.vhd', ...both), 'vhd');
  assert.equal(await formatOf('DISK.AVHD', ...both), 'vhd');
  assert.equal(await formatOf('disk.vhd', [0, 'QFI\xfb'], [-511, 'conectix']), 'vhd');
  // A VHDX may end with any bytes.
  assert.equal(await formatOf('disk.vhdx', ...both), 'vhdx');
  assert.equal(await formatOf('disk.img', ...both), 'vhdx');
});
