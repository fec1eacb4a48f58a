/**
 * The part of the benchmark of the virtual disk API that makes full backups: the whole command in Windows Node under Wine, of one VM, by
 * the methods `virtdisk` and `file` in turns. The lab lays each attached disk out as a raw file, which Windows does not do, so the time of
 * an attachment alone is taken off.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './measure.ts';
import { windowsPath, wineNode, WINDOWS } from './wine-node.ts';

export interface FullBackups {
  /** Working folder. */
  readonly dir: string;
  readonly vm: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** PORT:KEY of the lab's virtual disk API. */
  readonly virtdisk: string;
  readonly pairs: number;
}

/** Seconds of the whole command, by pair. */
export interface FullTimes {
  readonly file: readonly number[];
  readonly virtdisk: readonly number[];
}

/** Runs the backups in turns. The first pair is not counted: it compares the two readers, and brings the files into the cache. */
export async function timeFullBackups(work: FullBackups): Promise<FullTimes> {
  const folder = join(WINDOWS, 'command');
  cpSync('dist', folder, { recursive: true });
  const times = { file: [] as number[], virtdisk: [] as number[] };
  for (let pair = 0; pair <= work.pairs; pair++) {
    for (const method of ['file', 'virtdisk'] as const) {
      const seconds = await backUp(work, join(process.cwd(), folder, 'cli.cjs'), method);
      if (pair > 0) times[method].push(seconds);
    }
  }
  for (const method of ['file', 'virtdisk']) rmSync(storeOf(work, method), { recursive: true });
  return times;
}

const storeOf = ({ dir }: FullBackups, method: string): string => join(dir, `store-${method}`);

async function backUp(work: FullBackups, command: string, method: string): Promise<number> {
  const { dir, vm, url, user, password, virtdisk } = work;
  const options = ['--method', method, '--kind', 'full', '--check-tracker', 'off'];
  const host = ['--host', url, '--user', user, '--consistency', 'crash', '--quiet', '--json'];
  const store = ['--store', windowsPath(storeOf(work, method))];
  const start = performance.now();
  const text = await wineNode(
    dir,
    [windowsPath(command), 'backup', vm, ...store, ...options, ...host],
    {
      REFPOINT_PASSWORD: password,
      REFPOINT_HOME: windowsPath(join(dir, 'home')),
      REFPOINT_VIRTDISK: virtdisk,
    },
  );
  const seconds = (performance.now() - start) / 1000;
  const found = JSON.parse(/^\{[\s\S]*^\}/m.exec(text)?.[0] ?? '{}') as Record<string, unknown>;
  if (found['method'] !== method || found['kind'] !== 'full') {
    throw new Error(`Not a full by ${method}: ${text}`);
  }
  return seconds;
}

/** Ratio of each pair, without the time in which the lab lays the disk out. */
export const fullRatio = ({ file, virtdisk }: FullTimes, attachSeconds: number): number =>
  median(virtdisk.map((seconds, i) => (seconds - attachSeconds) / (file[i] ?? Number.NaN)));
