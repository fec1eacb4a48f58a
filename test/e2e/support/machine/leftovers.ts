import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runRefpoint } from './refpoint.ts';

/** Ends what an extension under test started to outlive it, each by its own process id or folder. */
export async function endJobs(userFolder: string): Promise<void> {
  const folder = join(userFolder, 'jobs');
  for (const id of await readdir(folder).catch(() => [])) {
    const text = await readFile(join(folder, id, 'state.json'), 'utf8').catch(() => '{}');
    const { state, pid } = JSON.parse(text) as { readonly state?: string; readonly pid?: number };
    if (state !== 'running' || pid === undefined) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It died before: that is what some tests are about.
    }
  }
}

export async function stopLab(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  // One that does not run has nothing to stop.
  await runRefpoint(['lab', 'stop', '--dir', folder]).catch(() => undefined);
}
