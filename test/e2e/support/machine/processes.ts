import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../workbench/workbench.ts';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly words: string;
}

/** Processes of this machine that serve one home folder: the tests of others run beside. Linux only, as code-server here. */
async function processesOf(home: string): Promise<readonly Process[]> {
  const out: Process[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environment = await readFile(`/proc/${name}/environ`, 'utf8');
      if (!environment.split('\0').includes(`HOME=${home}`)) continue;
      const words = (await readFile(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ');
      const stat = await readFile(`/proc/${name}/stat`, 'utf8');
      // A name in brackets may hold anything; state and parent follow it.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') out.push({ pid: Number(name), parent: Number(parent), words });
    } catch {
      // It ended while it was looked at.
    }
  }
  return out;
}

/** The only engine that serves a home. */
export async function engineOf(home: string): Promise<Process> {
  return until('one engine runs', async () => {
    const engines = (await processesOf(home)).filter(({ words }) => words.includes('engine.cjs'));
    return engines.length === 1 && engines[0];
  });
}

/** How long, in milliseconds, until a process has ended. */
export async function endOf(pid: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) break;
    await sleep(20);
  }
  return performance.now() - began;
}

/** Process ids of the jobs of a home that run in processes of their own. */
export async function jobProcesses(home: string): Promise<readonly number[]> {
  const all = await processesOf(home);
  return all.filter(({ words }) => / job --announce\b/.test(words)).map(({ pid }) => pid);
}
