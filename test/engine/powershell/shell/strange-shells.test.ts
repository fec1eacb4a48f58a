import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noLog } from '../../../../src/engine/base/log.ts';
import { ShellSession } from '../../../../src/engine/powershell/shell/shell-session.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { needsPowershell } from '../../../support/powershell/needs-powershell.ts';
import { assertInTime } from '../../../support/process/in-time.ts';

const REAL = process.env['REFPOINT_PWSH'] ?? '';

/** A session whose PowerShell is a script of the system's shell; `$REAL` is the real one. */
async function strangeSession(t: TestContext, script: string): Promise<ShellSession> {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'powershell');
  writeFileSync(file, `#!/bin/sh\nREAL='${REAL}'\n${script}\n`);
  chmodSync(file, 0o755);
  process.env['REFPOINT_PWSH'] = file;
  try {
    const session = new ShellSession(noLog);
    afterwards(t, () => session.close());
    return session;
  } finally {
    process.env['REFPOINT_PWSH'] = REAL;
  }
}

const code = (wanted: string) => (error: Error & { code?: string }) => {
  assert.equal(error.code, wanted, String(error));
  return true;
};

test(
  'a shell whose language a policy restricts is reported as that',
  needsPowershell,
  async (t) => {
    const line = "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'";
    const session = await strangeSession(
      t,
      `(printf '%s\\n' "${line.replaceAll('$', String.raw`\$`)}"; cat) | "$REAL" "$@"`,
    );
    await assert.rejects(session.ready(never), code('powershell.locked'));
  },
);

test(
  'banners, warnings and progress before an answer change nothing',
  needsPowershell,
  async (t) => {
    const noise = `'Welcome, 欢迎'; Write-Warning 'careful'; Write-Host 'hello'; Write-Progress 'busy'; [Console]::Error.WriteLine('#< CLIXML')`;
    const session = await strangeSession(t, `(printf '%s\\n' "${noise}"; cat) | "$REAL" "$@"`);
    await session.ready(never);
    await assert.rejects(
      session.call('Remove-RpPage', { id: '=none' }, 5000, never, 'nothing').then(() => {
        throw new Error('fine');
      }),
      /fine/,
    );
  },
);

test('a shell that ends at once, or is not there, is reported and does not end this process', async (t) => {
  const session = await strangeSession(t, 'exit 3');
  await assert.rejects(session.ready(never), code('powershell.ended'));
  process.env['REFPOINT_PWSH'] = '/nowhere/pwsh';
  const absent = new ShellSession(noLog);
  await assert.rejects(absent.ready(never), code('powershell.ended'));
});

test(
  'a shell that says nothing is ended at the time limit of its call',
  needsPowershell,
  async (t) => {
    const session = await strangeSession(t, `"$REAL" "$@"`);
    await session.ready(never);
    const data = {
      namespace: '=root/cimv2',
      class: '=Win32_OperatingSystem',
      wql: null,
      form: 'object',
      size: 10,
      seconds: 1,
    };
    process.env['REFPOINT_CIM_BRIDGE'] = 'http://127.0.0.1:9/';
    await assert.rejects(
      session.call('Read-RpRows', data, 1, never, 'a query'),
      code('powershell.timedOut'),
    );
    assert.ok(session.dead);
  },
);

test('a call is one line of standard input: no script is a file, which an execution policy may refuse', async (t) => {
  const args = join(await temporaryFolder(t), 'args');
  const session = await strangeSession(t, `printf '%s\\n' "$@" >'${args}'; exit 3`);
  await assert.rejects(session.ready(never), code('powershell.ended'));
  assert.deepEqual(readFileSync(args, 'utf8').trim().split('\n'), [
    ...['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'],
    ...['-NoExit', '-Command', '-'],
  ]);
});

test(
  'a module of the CIM cmdlets that may not be loaded is reported as a policy',
  needsPowershell,
  async (t) => {
    const modules = await temporaryFolder(t);
    mkdirSync(join(modules, 'CimCmdlets'));
    const manifest = `@{ ModuleVersion = '1.0'; RootModule = 'absent.psm1'; CmdletsToExport = 'Get-CimInstance'; FunctionsToExport = 'Get-CimInstance' }`;
    writeFileSync(join(modules, 'CimCmdlets', 'CimCmdlets.psd1'), manifest);
    const session = await strangeSession(t, `PSModulePath='${modules}' exec "$REAL" "$@"`);
    await session.ready(never);
    const data = {
      ...{ namespace: '=root/cimv2', class: '=Win32_OperatingSystem', wql: null },
      ...{ form: 'object', size: 10, seconds: 5 },
    };
    const query = session.call('Read-RpRows', data, 20_000, never, 'a query');
    await assert.rejects(query, code('powershell.locked'));
  },
);

test('a shell that says nothing is ended at once when its start is cancelled', async (t) => {
  const session = await strangeSession(t, 'exec sleep 30');
  const stop = new AbortController();
  const ready = session.ready(stop.signal);
  setTimeout(() => {
    stop.abort(new Error('stopped'));
  }, 50);
  const start = performance.now();
  await assert.rejects(ready, /stopped/);
  await session.close();
  assertInTime(performance.now() - start, 2000);
});
