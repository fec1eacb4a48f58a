/**
 * Inventory of a host with 10,000 VMs of two disks each, over sealed messages: time until the first VMs are known, `vm list`
 * with every row, and the peak memory of that command. Medians of three runs.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { never } from '../src/engine/base/abort.ts';
import { noLog } from '../src/engine/base/log.ts';
import { connectTarget } from '../src/engine/hosts/connect-target.ts';
import {
  refpointJson,
  startLabProcess,
  startRefpoint,
  type RunningLab,
} from '../test/support/process/command.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { line } from './bounds.ts';
import { inFolder, measured, median, MIB, seconds } from './measure.ts';
import { sized } from './sizes.ts';

const VMS = sized(10_000, 200);
const RUNS = sized(3, 1);
const FIRST_LIMIT = 0.5;
const LIST_LIMIT = 20;
const MEMORY_LIMIT = 400 * MIB;

interface Row {
  readonly disks: number;
}

await inFolder(async (dir) => {
  const lab = await startLabProcess(join(dir, 'lab'));
  try {
    const add = ['lab', 'add-vm', '--dir', lab.dir, '--name', 'bench', '--count', String(VMS)];
    await refpointJson([...add, '--size', '1G', '--size', '2G']);
    const first: number[] = [];
    for (let run = 0; run < RUNS; run++) first.push(await firstRows(lab));
    const lists = Array.from({ length: RUNS }, () =>
      measured<readonly Row[]>(['vm', 'list', ...lab.hostOptions, '--auth', 'ntlm'], lab.env),
    );
    for (const { result } of lists) {
      if (result.length !== VMS || result.some(({ disks }) => disks !== 2)) {
        throw new Error(`${result.length} VMs were listed; expected ${VMS} with two disks each`);
      }
    }
    const wall = median(lists.map((each) => each.wall));
    const peak = Math.max(...lists.map((each) => each.peak));
    const rows: number[] = [];
    for (let run = 0; run < RUNS; run++) rows.push(await firstLine(lab));
    line('first row of vm list', seconds(median(rows)), median(rows) < FIRST_LIMIT, '500 ms');
    line('first VMs known', seconds(median(first)), median(first) < FIRST_LIMIT, '500 ms');
    line(`vm list of ${VMS} VMs`, seconds(wall), wall < LIST_LIMIT, `${LIST_LIMIT} s`);
    line('peak memory of the command', formatBytes(peak), peak < MEMORY_LIMIT, '400 MiB');
  } finally {
    await lab.stop();
  }
});

/** Seconds from the start of the command to its first row on stdout, then stops it. */
async function firstLine(lab: RunningLab): Promise<number> {
  const begun = performance.now();
  const list = startRefpoint(['vm', 'list', ...lab.hostOptions, '--auth', 'ntlm'], {
    env: lab.env,
  });
  const ended = once(list, 'exit');
  const [chunk] = (await Promise.race([once(list.stdout as Readable, 'data'), ended])) as [unknown];
  const took = performance.now() - begun;
  list.kill();
  await ended;
  if (!/ running /.test(String(chunk))) throw new Error(`vm list printed ${String(chunk)}`);
  return took / 1000;
}

/** Seconds from connecting to the first VM, the login included. */
async function firstRows(lab: RunningLab): Promise<number> {
  const { user } = lab.line as { readonly user: string };
  const host = connectTarget(
    {
      url: lab.http,
      authentication: 'ntlm',
      user,
      password: lab.env['REFPOINT_PASSWORD'] ?? '',
      ntlmFallback: true,
      clientCertificate: null,
      fingerprint: null,
      ca: null,
      timeoutSeconds: 60,
    },
    noLog,
  );
  const begun = performance.now();
  let first = 0;
  try {
    await host.listVms(never, () => {
      first ||= performance.now() - begun;
    });
    return first / 1000;
  } finally {
    await host.close();
  }
}
