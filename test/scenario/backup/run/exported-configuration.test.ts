import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Guid } from '../../../../src/engine/base/guid.ts';
import {
  backup,
  openTestStore,
  startBackupLab,
  verifyErrors,
} from '../../../support/backup/backup-lab.ts';

test('the configuration that an export wrote is kept with the point, hashed and verified', async (t) => {
  const lab = await startBackupLab(t);
  const made = await lab.ask('add-vm', { name: 'vm', disks: [{ size: 4 * 2 ** 20 }] });
  const store = await openTestStore(lab);
  const { manifest } = await backup(lab, store, 'vm', { method: 'export' });
  const id = made.id.toUpperCase();
  const names = manifest.configFiles.map(({ file }) => file);
  for (const ending of ['vmcx', 'vmrs', 'vmgs']) {
    const name = `config/${id}.${ending}`;
    assert.ok(names.includes(name), names.join(', '));
    const bytes = await readFile(join(store.location, made.id, manifest.id, name));
    assert.match(
      bytes.toString(),
      new RegExp(`^Configuration made by the Refpoint lab.*\\.${ending}\n`),
    );
    const recorded = manifest.configFiles.find(({ file }) => file === name);
    assert.equal(recorded?.sha256, createHash('sha256').update(bytes).digest('hex'));
  }
  assert.deepEqual(await verifyErrors(store, made.id as Guid), []);
  const changed = join(store.location, made.id, manifest.id, `config/${id}.vmcx`);
  await writeFile(changed, (await readFile(changed)).fill(0x78, 0, 1));
  assert.notDeepEqual(await verifyErrors(store, made.id as Guid), []);
});
