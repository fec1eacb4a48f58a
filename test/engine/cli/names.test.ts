import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startBackupLab } from '../../support/backup/backup-lab.ts';
import { runCli } from '../../support/process/cli-io.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';

test('a long name is cut where a person reads at a terminal, never for a program', async (t) => {
  const lab = await startBackupLab(t);
  const name = 'n'.repeat(240);
  const { id } = await lab.ask('add-vm', { name, disks: [{ size: 4 * 2 ** 20 }] });
  const words = ['vm', 'list', ...lab.command.options.slice(0, 4)];
  const { env } = lab.command;
  const { out } = await runCli([...words, '--quiet'], { env, terminal: true, columns: 80 });
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(out, /^n+… +running/m);
  assert.ok(out.includes(id));
  assert.ok((await runCli(words, { env })).out.includes(name), 'into a pipe');
  const json = await runCli([...words, '--json'], { env, terminal: true, columns: 80 });
  assert.equal((JSON.parse(json.out) as { name: string }[])[0]?.name, name);
});

test('a line end in a name makes no line of its own in what lab commands print', async (t) => {
  const dir = join(await temporaryFolder(t), 'lab');
  const name = 'web\nfake (1)';
  const added = await runCli(['lab', 'add-vm', '--dir', dir, '--name', name, '--size', '4M']);
  assert.match(added.out, /^web\?fake \(1\) \([0-9a-f-]{36}\)$/m);
  const listed = await runCli(['lab', 'list', '--dir', dir]);
  assert.equal(listed.out, added.out);
  const json = await runCli(['lab', 'list', '--dir', dir, '--json']);
  assert.equal((JSON.parse(json.out) as { name: string }[])[0]?.name, name);
});
