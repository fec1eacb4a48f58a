import fs from 'node:fs/promises';
import path from 'node:path';
import { labError } from './lab-errors.ts';

const FILE = 'lab.lock';

/** Who has a lab open, and where its control channel listens (0: nowhere). The token is its password. */
export interface LabOwner {
  readonly pid: number;
  readonly controlPort: number;
  readonly token: string;
}

/** Takes the lab's folder for this process. Throws `lab.locked`. What a dead process left is taken over. */
export async function lockLab(folder: string, owner: LabOwner): Promise<() => Promise<void>> {
  const file = path.join(folder, FILE);
  const text = JSON.stringify(owner);
  for (let attempt = 0; ; attempt++) {
    try {
      // Only its owner may read the token. On Windows the folder's own rights decide.
      await fs.writeFile(file, text, { flag: 'wx', mode: 0o600 });
      return () => fs.rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 2) throw error;
      const held = await labOwner(folder);
      if (held !== undefined) {
        throw labError('lab.locked', `The lab in ${folder} is open in process ${held.pid}`, {
          data: { folder, pid: held.pid },
        });
      }
      await fs.rm(file, { force: true });
    }
  }
}

/** The living process that has the lab open, or undefined. */
export async function labOwner(folder: string): Promise<LabOwner | undefined> {
  let owner: LabOwner;
  try {
    owner = JSON.parse(await fs.readFile(path.join(folder, FILE), 'utf8')) as LabOwner;
  } catch {
    return undefined;
  }
  return Number.isInteger(owner.pid) && isAlive(owner.pid) ? owner : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not allowed to signal it: it lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
