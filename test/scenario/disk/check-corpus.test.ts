import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiskCheck } from '../../../src/engine/api/disk-check.ts';
import { ADVICE } from '../../../src/engine/disk/check/advice/advice.ts';
import { expectations, unpack } from '../../support/disk/corpus-images.ts';
import { runCli } from '../../support/process/cli-io.ts';

test('no image of the corpus has an error but a VHD Set without its backing file', async (t) => {
  const found = await expectations(t);
  if (found === undefined) return;
  for (const [name, expected] of found.all) await unpack(found, name, expected);
  for (const [name, { format }] of found.all) {
    const checked = await runCli(['disk', 'check', name, '--chain', '--json'], {
      cwd: found.unpacked,
    });
    const { findings } = JSON.parse(checked.out) as DiskCheck;
    const errors = findings.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      errors.map(({ code }) => code),
      format === 'vhds' ? ['vhds.backing.missing'] : [],
      `${name}: ${checked.out}`,
    );
    for (const { code } of findings) assert.ok(ADVICE[code] !== undefined, `${name}: ${code}`);
    assert.equal(checked.status, format === 'vhds' ? 1 : 0, name);
  }
});
