import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { linuxMachine } from '../../../../../src/engine/backup/lease/machine/linux-machine.ts';
import { sameMachine } from '../../../../../src/engine/backup/lease/machine/same-machine.ts';
import { thisMachine } from '../../../../../src/engine/backup/lease/machine/this-machine.ts';
import { windowsMachine } from '../../../../../src/engine/backup/lease/machine/windows-machine.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';

const linux = process.platform === 'linux';
const machine = 'hv01';

test('this machine is itself, and a process keeps its start', { skip: !linux }, async () => {
  const here = await thisMachine();
  assert.ok(sameMachine({ machine, ...here }, { machine, ...here }));
  assert.match(here.boot ?? '', /^[0-9a-f-]{36}$/);
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  try {
    const start = here.startOf(child.pid ?? 0);
    assert.match(start ?? '', /^\d+$/);
    assert.notEqual(start, here.startOf(process.pid));
    assert.equal((await linuxMachine()).startOf(child.pid ?? 0), start);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
  assert.equal(here.startOf(child.pid ?? 0), null);
});

test('another PID namespace of this machine is not this machine', { skip: !linux }, async (t) => {
  const script = join(process.cwd(), 'src/engine/backup/lease/machine/linux-machine.ts');
  const code = `import(${JSON.stringify(script)}).then(async ({ linuxMachine }) => {
    const { boot, namespace } = await linuxMachine();
    console.log(JSON.stringify({ boot, namespace }));
  });`;
  const run = (...options: string[]): ReturnType<typeof spawnSync> =>
    spawnSync('unshare', [...options, process.execPath, '--no-warnings', '-e', code], {
      encoding: 'utf8',
    });
  const inner = run('--pid', '--fork', '--mount-proc');
  if (inner.status !== 0) return t.skip('unshare needs rights that this user does not have');
  const here = await thisMachine();
  const there = JSON.parse(String(inner.stdout)) as { boot: string; namespace: string };
  assert.equal(there.boot, here.boot);
  assert.equal(sameMachine({ machine, ...there }, { machine, ...here }), false);
  // Its /proc shows the processes of the outer namespace, under other numbers.
  const outer = run('--pid', '--fork');
  assert.equal((JSON.parse(String(outer.stdout)) as { namespace: null }).namespace, null);
});

test('a procfs that tells nothing makes everything unknown', async (t) => {
  const proc = await temporaryFolder(t);
  const nothing = await linuxMachine(proc);
  assert.deepEqual(
    [nothing.boot, nothing.namespace, nothing.startOf(process.pid)],
    [null, null, null],
  );
  assert.equal(sameMachine({ machine, ...nothing }, { machine, ...nothing }), false);
  if (!linux) return;
  await symlink(String(process.pid), join(proc, 'self'));
  await mkdir(join(proc, String(process.pid), 'ns'), { recursive: true });
  // The command's name may hold blanks and brackets.
  const fields = Array.from({ length: 30 }, (_, i) => String(i + 4));
  await writeFile(join(proc, String(process.pid), 'stat'), `1 (a ) b) S ${fields.join(' ')}\n`);
  assert.equal((await linuxMachine(proc)).startOf(process.pid), '22');
});

test('Windows: the same machine guid and nearly the same boot time are one machine, clones are not', () => {
  const at = (guid: string, seconds: number): Parameters<typeof sameMachine>[0] => ({
    machine,
    boot: `${guid}/${seconds}`,
    namespace: 'windows',
  });
  assert.ok(sameMachine(at('a', 1000), at('a', 1004)));
  assert.equal(sameMachine(at('a', 1000), at('a', 1120)), false);
  assert.equal(sameMachine(at('a', 1000), at('b', 1000)), false);
  assert.equal(sameMachine(at('a', 1000), { ...at('a', 1000), machine: 'hv02' }), false);
  assert.equal(sameMachine(at('a', 1000), { ...at('a', 1000), namespace: null }), false);
});

test('Windows: the machine guid is read from what reg.exe prints', async () => {
  const line = '    MachineGuid    REG_SZ    1F0E6C1B-0000-4111-8222-333344445555';
  const output = `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\r\n${line}\r\n\r\n`;
  const { boot } = await windowsMachine(async () => output);
  assert.match(boot ?? '', /^1f0e6c1b-0000-4111-8222-333344445555\/\d+$/);
  const without = await windowsMachine(async () => 'ERROR: The system was unable to find the key');
  assert.equal(without.boot, null);
  if (linux) assert.equal((await windowsMachine()).boot, null, 'without reg.exe it is unknown');
});
