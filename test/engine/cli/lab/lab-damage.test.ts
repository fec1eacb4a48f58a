import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runCli, type CliRun } from '../../../support/process/cli-io.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';

const LAB_STATE = 'lab-state.json';

/** A stopped lab with one VM whose disk was written to. */
async function writtenLab(t: TestContext): Promise<string> {
  const dir = join(await temporaryFolder(t), 'lab');
  const add = ['lab', 'add-vm', '--dir', dir, '--name', 'web', '--size', '4M'];
  assert.equal((await runCli(add)).status, 0);
  assert.equal((await write(dir)).status, 0);
  return dir;
}

const write = (dir: string): Promise<CliRun> =>
  runCli(['lab', 'write', '--dir', dir, '--vm', 'web', '--random', '1']);

/** One sentence that names the file, and a code. */
function assertNamed(run: CliRun, file: string, problem: RegExp): void {
  assert.equal(run.status, 3);
  assert.ok(run.err.startsWith(`${file} is damaged: `), run.err);
  assert.match(run.err, problem);
  assert.match(run.err, /^[^\n]+\n\(lab\.damaged\)\n$/);
}

test('a state file that somebody damaged is named, with what is wrong in it', async (t) => {
  const dir = await writtenLab(t);
  const file = join(dir, LAB_STATE);
  const whole = await readFile(file, 'utf8');
  const state = JSON.parse(whole) as { vms: [Record<string, unknown>] };
  const [vm] = state.vms;
  const cases: [string, RegExp][] = [
    ['null', /it is null, not an object/],
    ['[]', /it is \[\], not an object/],
    ['', /it is not JSON/],
    [whole.slice(0, -20), /it is not JSON/],
    ['{}', /format is missing, not one of refpoint-lab/],
    [JSON.stringify({ ...state, vms: null }), /vms is null, not a list/],
    [JSON.stringify({ ...state, vms: [null] }), /vms\[0\] is null, not an object/],
    [
      JSON.stringify({ ...state, vms: [{ ...vm, disks: [{}] }] }),
      /vms\[0\]\.disks\[0\]\.slot is missing, not a whole number/,
    ],
    [JSON.stringify({ ...state, hostVersion: '2012' }), /hostVersion is "2012", not one of 2012r2/],
  ];
  for (const [text, problem] of cases) {
    await writeFile(file, text);
    assertNamed(await runCli(['lab', 'list', '--dir', dir]), file, problem);
    assertNamed(await runCli(['lab', 'start', '--dir', dir]), file, problem);
    assert.equal(await readFile(file, 'utf8'), text, 'what is left of it stays');
  }
  await writeFile(file, JSON.stringify({ ...state, version: 2 }));
  const newer = await runCli(['lab', 'list', '--dir', dir]);
  assert.match(newer.err, /holds a lab of version 2; this program supports version 1/);
  await writeFile(file, whole);
  assert.equal((await write(dir)).status, 0);
});

test('a damaged file of the change tracking is named', async (t) => {
  const dir = await writtenLab(t);
  const names = await readdir(join(dir, 'rct'));
  const name = names.find((each) => each.endsWith('.rct.json')) ?? '';
  const file = join(dir, 'rct', name);
  const whole = await readFile(file, 'utf8');
  for (const [text, problem] of [
    [whole.slice(0, 20), /it is not JSON/],
    ['null', /it is null, not an object/],
    ['{"generation":0}', /generations is missing, not a list/],
    [
      '{"generation":0,"generations":[{"number":0,"ranges":[{"start":-1}]}]}',
      /generations\[0\]\.ranges\[0\]\.start is -1, not a whole number/,
    ],
  ] as const) {
    await writeFile(file, text);
    assertNamed(await write(dir), file, problem);
  }
});

test('a lock file that says nothing holds no lab', async (t) => {
  const dir = await writtenLab(t);
  await writeFile(join(dir, 'lab.lock'), 'null');
  assert.equal((await runCli(['lab', 'list', '--dir', dir])).status, 0);
});
