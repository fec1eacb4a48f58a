import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VmRow } from '../../../src/engine/api/host.ts';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';

const MANY = 2000;

test('2,000 VMs are printed as they arrive, below one head, and fit a terminal; --json has their counts', async (t) => {
  const lab = await startBackupLab(t);
  await lab.ask('add-vms', { name: 'many', count: MANY, sizes: [2 ** 22] });
  const words = ['vm', 'list', ...lab.command.options.slice(0, 4)];
  const { env } = lab.command;

  const drawn = await runCli([...words, '--quiet'], { env, terminal: true, columns: 80 });
  const lines = drawn.out.trimEnd().split('\n');
  assert.equal(lines.length, MANY + 1);
  assert.match(lines[0] ?? '', /^name +state +id *$/);
  for (const line of lines.slice(1)) assert.match(line, /^many\S* +running +[0-9a-f-]{36}$/);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.equal(new Set(lines.slice(1).map((line) => line.slice(-36))).size, MANY);
  assert.match(drawn.err, /2000 VMs; --json lists their counts/);

  const piped = await runCli(words, { env });
  assert.equal(piped.out.trimEnd().split('\n').length, MANY + 1);
  assert.equal(piped.err, '');

  const { out } = await runCli([...words, '--json'], { env });
  const rows = JSON.parse(out) as readonly VmRow[];
  assert.equal(rows.length, MANY);
  assert.ok(rows.every(({ disks }) => disks === 1));
});
