import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { ShellService } from '../../../../src/engine/lab/shell/shell-service.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { PASSWORD, smallHost, USER } from '../../../support/host/small-host.ts';
import { SmallRepository } from '../../../support/host/small-repository.ts';
import { pythonWith } from '../../../support/process/peers.ts';

const SCRIPT = `
import json, sys, winrm
given = json.load(sys.stdin)
session = winrm.Session(given['url'], auth=(given['user'], given['password']), transport='plaintext')
results = [session.run_cmd(*each) for each in given['commands']]
results += [session.run_ps(each) for each in given['scripts']]
json.dump([[r.std_out.decode('utf-8'), r.std_err.decode('utf-8'), r.status_code] for r in results], sys.stdout)
`;

type Result = readonly [string, string, number];

function runPython(python: string, given: object): Promise<readonly Result[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(python, ['-c', SCRIPT], (error, stdout, stderr) => {
      if (error !== null) reject(new Error(stderr, { cause: error }));
      else resolve(JSON.parse(stdout) as Result[]);
    });
    child.stdin?.end(JSON.stringify(given));
  });
}

test('run_cmd and run_ps of pywinrm reach the shell of the lab', async (t) => {
  const python = pythonWith(t, 'winrm');
  if (python === undefined) return;
  const powershell = process.env['REFPOINT_PWSH'];
  const shells = new ShellService({ powershell, folder: await temporaryFolder(t) });
  t.after(() => shells.close());
  const { url } = await smallHost(t, new SmallRepository(1), {
    shells,
    logins: { offers: ['basic'] },
  });
  // Without PowerShell its command line goes to the system's shell, which does not know it.
  const scripts =
    // Not one that writes to stderr: this pywinrm fails on its own words about it.
    powershell === undefined ? [] : ["'Zw' + [char]0xf6 + 'lf'; exit 7"];
  const commands = [
    ['echo', ['one', '"two words"']],
    ['exit', ['9']],
    ['echo wrong >&2; head -c 300000 /dev/zero | tr "\\\\0" x', []],
  ];
  const given = { url: `${url}/wsman`, user: USER, password: PASSWORD, commands, scripts };
  const [echoed, left, large, ...scripted] = await runPython(python, given);
  assert.deepEqual(echoed, ['one two words\n', '', 0]);
  assert.deepEqual(left, ['', '', 9]);
  assert.equal(large?.[0], 'x'.repeat(300_000));
  assert.equal(large?.[1], 'wrong\n');
  if (powershell === undefined) return;
  const [worded] = scripted;
  assert.match(worded?.[0] ?? '', /^Zwölf\r?\n$/);
  assert.equal(worded?.[2], 7);
});
