/**
 * Processor time of the engine while a view of a host with 200 VMs is looked at: the list is asked for every 5 s, over sealed
 * messages, and the details of four VMs whose rows are open. A share of one core, from the engine's own process; Linux only.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { HostTarget } from '../src/engine/api/host.ts';
import { requests } from '../src/engine/api/methods.ts';
import { delay, never } from '../src/engine/base/abort.ts';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { startEngine } from '../test/support/process/engine-process.ts';
import { line } from './bounds.ts';
import { inFolder, report } from './measure.ts';
import { sized } from './sizes.ts';

const VMS = sized(200, 20);
const OPEN = 4;
const LOOKS = sized(30, 2);
const PERIOD_MS = 5000;
/** Looks are this far apart here: an engine that is idle between them takes as much as one that is idle for longer. */
const GAP_MS = 500;
const LIMIT = 0.05;
/** Ticks per second in `/proc/PID/stat` (USER_HZ). */
const TICKS_PER_SECOND = 100;

if (process.platform === 'linux') await inFolder(measure);
else report('polling: skipped, processor time of another process is read from /proc');

async function measure(dir: string): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  const t = { after: (work: () => unknown) => void cleanups.push(work) } as unknown as TestContext;
  const lab = await startLabProcess(join(dir, 'lab'));
  try {
    const add = ['lab', 'add-vm', '--dir', lab.dir, '--name', 'bench', '--count', String(VMS)];
    await refpointJson([...add, '--size', '1G', '--size', '2G']);
    const { user } = lab.line as { readonly user: string };
    const target: HostTarget = {
      url: lab.http,
      authentication: 'ntlm',
      user,
      password: lab.env['REFPOINT_PASSWORD'] ?? '',
      ntlmFallback: true,
      clientCertificate: null,
      fingerprint: null,
      ca: null,
      timeoutSeconds: 60,
    };
    const engine = await startEngine(t, { home: join(dir, 'home') });
    const look = async (): Promise<void> => {
      const rows = await engine.request(requests.listVms, { target });
      if (rows.length !== VMS) throw new Error(`${rows.length} VMs were listed; expected ${VMS}`);
      for (const { id } of rows.slice(0, OPEN)) {
        await engine.request(requests.showVm, { target, vm: id, stores: [] });
      }
    };
    // The first one logs in and compiles.
    for (let i = 0; i < 5; i++) await look();
    const pid = engine.process.pid ?? 0;
    const before = processorSeconds(pid);
    for (let i = 0; i < LOOKS; i++) {
      await look();
      await delay(GAP_MS, never);
    }
    const perLook = (processorSeconds(pid) - before) / LOOKS;
    const share = (perLook * 1000) / PERIOD_MS;
    const ok = share < LIMIT;
    const what = `${VMS} VMs polled every 5 s, ${OPEN} of them open`;
    const found = `${(share * 100).toFixed(2)} % of a core, ${(perLook * 1000).toFixed(0)} ms a look`;
    line(what, found, ok, `${LIMIT * 100} %`);
  } finally {
    for (const each of cleanups.reverse()) await each();
    await lab.stop();
  }
}

/** User and system time of a process and all of its threads. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program may hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
