import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { delay, never } from '../base/abort.ts';
import { machine } from '../source/platform/file-environment.ts';
import { fileError, systemCode } from '../source/platform/file-errors.ts';
import { placeExclusive, placeReplacing, temporaryName } from '../source/folders/place-file.ts';
import { labError } from './lab-errors.ts';

const FILE = 'lab.lock';
const PROBE_MS = 2000;
/** Maximum number of attempts to take over the lock of a dead process while others try the same. */
const MAX_ATTEMPTS = 20;
const CLAIM_STALE_MS = 10_000;
const CLAIM_WAIT_MS = 5;

/**
 * The process that has a lab open, and the port of its control channel (0: not listening, or not
 * yet). The token is the channel's password.
 */
export interface LabOwner {
  readonly pid: number;
  readonly controlPort: number;
  readonly token: string;
}

/** Lock on the lab's folder, held by this process. */
export interface LabLock {
  /** Publishes the port and token of the control channel; the folder stays locked throughout. */
  tell(controlPort: number, token: string): Promise<void>;
  release(): Promise<void>;
}

/**
 * Locks the lab's folder for this process. Takes over the lock of a dead process. Throws
 * `lab.locked`.
 */
export async function lockLab(folder: string): Promise<LabLock> {
  const file = path.join(folder, FILE);
  let text = JSON.stringify({ pid: process.pid, controlPort: 0, token: '' } satisfies LabOwner);
  for (let attempt = 0; ; attempt++) {
    if (await placed(text, file, (temporary) => placeExclusive(temporary, file, machine, never)))
      break;
    const found = await fs.readFile(file, 'utf8').catch(() => undefined);
    if (found === undefined && attempt < MAX_ATTEMPTS) continue;
    const held = await livingOwner(found ?? '');
    if (held !== undefined || attempt >= MAX_ATTEMPTS) {
      throw locked(folder, held?.pid);
    }
    await removeExactly(file, found ?? '');
  }
  return {
    tell: async (controlPort, token) => {
      text = JSON.stringify({ pid: process.pid, controlPort, token } satisfies LabOwner);
      await placed(text, file, async (temporary) => {
        await placeReplacing(temporary, file, machine, never);
        return true;
      });
    },
    release: () => removeExactly(file, text),
  };
}

export function locked(folder: string, pid: number | undefined): Error {
  const who = pid === undefined ? 'by another process' : `in process ${pid}`;
  return labError('lab.locked', `The lab in ${folder} is open ${who}`, {
    data: { folder, pid: pid ?? 0 },
  });
}

/** Returns the running process that has the lab open, or undefined. */
export async function labOwner(folder: string): Promise<LabOwner | undefined> {
  const text = await fs.readFile(path.join(folder, FILE), 'utf8').catch(() => '');
  return livingOwner(text);
}

/**
 * Creates the file complete, in one step. Only its owner may read the token; on Windows the
 * folder's permissions decide.
 */
async function placed(
  text: string,
  file: string,
  place: (temporary: string) => Promise<boolean>,
): Promise<boolean> {
  const temporary = temporaryName(file);
  await fs.writeFile(temporary, text, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    throw fileError(error, 'write', file);
  });
  try {
    return await place(temporary);
  } finally {
    await fs.rm(temporary, { force: true });
  }
}

/**
 * Removes the lock if it holds exactly `text`. The remover holds a claim, so that two removers
 * cannot delete a new lock.
 */
async function removeExactly(file: string, text: string): Promise<void> {
  const claim = path.join(path.dirname(file), '.lab-lock.claim');
  try {
    await (await fs.open(claim, 'wx')).close();
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileError(error, 'remove', file);
    // Claims are held for milliseconds; an old one was left by a process that died.
    const made = await fs.stat(claim).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > CLAIM_STALE_MS)
      await fs.rm(claim, { force: true });
    else await delay(CLAIM_WAIT_MS, never);
    return removeExactly(file, text);
  }
  try {
    const found = await fs.readFile(file, 'utf8').catch(() => undefined);
    if (found === text) await fs.rm(file, { force: true });
  } finally {
    await fs.rm(claim, { force: true });
  }
}

async function livingOwner(text: string): Promise<LabOwner | undefined> {
  let owner: LabOwner | null;
  try {
    owner = JSON.parse(text) as LabOwner | null;
  } catch {
    return undefined;
  }
  if (owner === null) return undefined;
  const { pid, controlPort } = owner;
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined;
  // Process IDs are reused: if the process was serving and its port no longer listens, the ID
  // belongs to another program.
  return controlPort === 0 || (await listens(controlPort)) ? owner : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists, but may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a port of this machine accepts connections; a busy or stopped process still does. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code !== 'ECONNREFUSED'));
  });
}
