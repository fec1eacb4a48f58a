// npm run probe:windows [-- --report FILE] [--folder FOLDER]: asks Windows' own virtual disk API, vssapi.dll and diskshadow what no document says,
// with disks and a shadow copy that it makes and removes, and writes the answers to a report. Windows only, as administrator. Sends nothing anywhere.
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { onNode24, root, say } from './lib/setup.mjs';

if (onNode24()) await main();

async function main() {
  const { values } = parseArgs({
    options: { report: { type: 'string' }, folder: { type: 'string' } },
  });
  if (process.platform !== 'win32') {
    say(
      'probe:windows asks Windows’ virtdisk.dll and vssapi.dll: run it on Windows 10, Windows Server 2016 or newer, as administrator.',
    );
    process.exitCode = 1;
    return;
  }
  const { formatProbe, runProbe } = await import('./probe/run-probe.ts');
  const probe = await runProbe(values.folder ?? tmpdir());
  const report = values.report ?? join(root, 'build', 'probe-windows.md');
  mkdirSync(dirname(report), { recursive: true });
  const text = formatProbe(probe);
  writeFileSync(report, text);
  process.stdout.write(text);
  const count = (is) => probe.asked.filter(is).length;
  const contradicted = count(({ contradicts }) => contradicts);
  const skipped = count(({ failed }) => failed);
  say(`The report is in ${report}.`);
  process.stdout.write(
    `${probe.asked.length - contradicted - skipped} passed, ${contradicted} failed, ${skipped} skipped\n`,
  );
  if (contradicted > 0) process.exitCode = 1;
}
