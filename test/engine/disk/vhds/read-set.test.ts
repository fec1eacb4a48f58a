import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { Findings } from '../../../../src/engine/disk/inspect/findings.ts';
import { parentPaths } from '../../../../src/engine/disk/anatomy/parents.ts';
import { readAnatomy } from '../../../../src/engine/disk/anatomy/read-anatomy.ts';
import { readSet } from '../../../../src/engine/disk/vhds/read-set.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';
import { corpus } from '../../../support/process/peers.ts';

const BACKING = 'rsvd_9ac15b72-2a6d-44b2-ba7c-f5f06831c74a.avhdx';

test('a VHD Set of Windows names its backing file, and only its absence is an error', async (t) => {
  const folder = corpus(t);
  if (folder === undefined) return;
  const path = join(folder, 'rsvd.vhds');
  const file = new MemoryStorage(readFileSync(path), path);
  const { backing, header, defects } = await readSet(file, never);
  assert.equal(backing, BACKING);
  assert.equal(header?.sequence, 1n);
  assert.deepEqual(defects, []);
  const findings = new Findings();
  const anatomy = await readAnatomy(file, findings, never);
  const paths = await parentPaths(path, anatomy, true, findings, async () => undefined, never);
  assert.deepEqual(
    paths.map(({ text, found }) => [text, found]),
    [[`.\\${BACKING}`, null]],
  );
  assert.deepEqual(
    findings.list.map(({ code, severity }) => [code, severity]),
    [
      ['vhds.backing.missing', 'error'],
      ['anatomy.vhdSet', 'info'],
    ],
  );
});

test('a damaged header gives way to the other one, and unknown contents are called unknown', async (t) => {
  const folder = corpus(t);
  if (folder === undefined) return;
  const bytes = new Uint8Array(readFileSync(join(folder, 'rsvd.vhds')));
  bytes[0x2_0008] = 9;
  bytes[0x3_0000] = 1;
  const { header, defects, backing } = await readSet(new MemoryStorage(bytes), never);
  assert.equal(header?.sequence, 0n);
  assert.equal(backing, BACKING);
  assert.deepEqual(
    defects.map(({ code, offset }) => [code, offset]),
    [
      ['vhds.header.checksum', 0x2_0014],
      ['vhds.unknown', 0x3_0000],
    ],
  );
});
