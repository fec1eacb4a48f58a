import assert from 'node:assert/strict';
import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import type { DiskAnatomy } from '../../../../src/engine/disk/anatomy/blocks/disk-anatomy.ts';
import { readAnatomy } from '../../../../src/engine/disk/anatomy/read-anatomy.ts';
import { Findings, type Finding } from '../../../../src/engine/disk/inspect/findings.ts';
import { FileSource } from '../../../../src/engine/source/files/file-source.ts';
import { run } from '../../../support/disk/qcow2-images.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { peer } from '../../../support/process/peers.ts';

async function take(path: string): Promise<DiskAnatomy & { readonly list: readonly Finding[] }> {
  const file = await FileSource.open(path, never);
  const findings = new Findings();
  try {
    return { ...(await readAnatomy(file, findings, never)), list: findings.list };
  } finally {
    await file.close();
  }
}

test('a qcow2 image of qemu-img is taken apart: fields, parts of the file, backing file', async (t) => {
  if (peer(t, 'qemu-img') === undefined) return;
  const folder = await temporaryFolder(t);
  run('qemu-img', ['create', '-f', 'qcow2', 'base.qcow2', '64M'], folder);
  run('qemu-io', ['-c', 'write 1M 2M', '-c', 'write -z 8M 1M', 'base.qcow2'], folder);
  run(
    'qemu-img',
    ['create', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', 'child.qcow2'],
    folder,
  );
  const base = await take(join(folder, 'base.qcow2'));
  assert.deepEqual([base.format, base.subformat, base.list], ['qcow2', 'dynamic', []]);
  assert.deepEqual([base.virtualSize, base.blockSize], [64 * 2 ** 20, 65_536]);
  const header = base.tree[0]?.children ?? [];
  const value = (name: string): string => header.find(({ label }) => label === name)?.value ?? '';
  assert.equal(value('version'), '3');
  assert.match(value('size'), /^67108864 \(64 MiB\)$/);
  const l1 = base.tree.find(({ label }) => label === 'L1 table');
  assert.match(l1?.value ?? '', /^1 L2 tables, 32 clusters with data, 16 zero$/);
  const payload = base.parts.filter(({ kind }) => kind === 'payload');
  assert.equal(
    payload.reduce((sum, { length }) => sum + length, 0),
    2 * 2 ** 20,
  );
  let end = 0;
  for (const { start, length } of base.parts) {
    assert.equal(start, end);
    end = start + length;
  }
  const child = await take(join(folder, 'child.qcow2'));
  assert.equal(child.subformat, 'differencing');
  assert.deepEqual([...(child.locator ?? [])], [['relative_path', 'base.qcow2']]);
});

test('a damaged qcow2 image is shown as far as it can be read, and what is wrong is a finding', async (t) => {
  if (peer(t, 'qemu-img') === undefined) return;
  const folder = await temporaryFolder(t);
  run('qemu-img', ['create', '-f', 'qcow2', 'disk.qcow2', '64M'], folder);
  run('qemu-io', ['-c', 'write 0 4M', 'disk.qcow2'], folder);
  const path = join(folder, 'disk.qcow2');
  await truncate(path, 2 * 2 ** 20);
  const cut = await take(path);
  assert.ok(
    cut.list.some(({ severity, code }) => severity === 'error' && code.startsWith('qcow2.')),
  );
  assert.match(cut.tree.find(({ label }) => label === 'L1 table')?.value ?? '', /lost$/);
  const file = await open(path, 'r+');
  await file.write(Buffer.from([0, 0, 0, 40]), 0, 4, 20);
  await file.close();
  const wrong = await take(path);
  const bits = wrong.tree[0]?.children.find(({ label }) => label === 'cluster_bits');
  assert.deepEqual([bits?.state, bits?.value], ['bad', '40']);
});
