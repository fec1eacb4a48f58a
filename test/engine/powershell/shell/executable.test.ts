import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  shellEnvironment,
  shellExecutable,
} from '../../../../src/engine/powershell/shell/executable.ts';

const windows = { SystemRoot: String.raw`D:\Windows`, Path: String.raw`C:\evil` };

test('Windows PowerShell is found below the folder of Windows, whatever the search path says', () => {
  assert.equal(
    shellExecutable({ platform: 'win32', env: windows }),
    String.raw`D:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`,
  );
  const named = { ...windows, REFPOINT_PWSH: String.raw`C:\Program Files\PowerShell\7\pwsh.exe` };
  assert.equal(shellExecutable({ platform: 'win32', env: named }), named.REFPOINT_PWSH);
  for (const [platform, REFPOINT_PWSH] of [
    ['win32', 'pwsh.exe'],
    ['linux', './pwsh'],
    ['linux', ''],
    ['darwin', ''],
  ] as const) {
    const place = { platform, env: { REFPOINT_PWSH } };
    assert.throws(() => shellExecutable(place), { code: 'powershell.missing' });
  }
});

test('the shell gets no password, and Windows PowerShell not the modules of another one', () => {
  const env = { ...windows, PSModulePath: 'x', REFPOINT_PASSWORD: 's3cret', Debug: '*' };
  assert.deepEqual(shellEnvironment({ platform: 'win32', env }), {
    ...windows,
    NO_COLOR: '1',
    TERM: 'dumb',
  });
  assert.equal(shellEnvironment({ platform: 'linux', env })['PSModulePath'], 'x');
});
