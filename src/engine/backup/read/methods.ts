import type { BackupMethod, BackupMethodChoice } from '../../api/backup.ts';
import type { EngineError } from '../../base/errors.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { HostDisk } from '../host/host.ts';
import { EXPORT_METHOD } from './export/export-method.ts';
import { FILE_METHOD } from './file/file-method.ts';
import { notAsked, SMB_METHOD } from './smb/smb-method.ts';
import type { CheckAround, MethodCheck, ReadMethod } from './contract/method.ts';
import { VIRTDISK_METHOD } from './virtdisk/virtdisk-method.ts';

/** Every read method, in the order of preference. */
const READ_METHODS: readonly ReadMethod[] = [
  VIRTDISK_METHOD,
  FILE_METHOD,
  SMB_METHOD,
  EXPORT_METHOD,
];

export const METHOD_IDS: readonly BackupMethod[] = READ_METHODS.map(({ id }) => id);

/** Methods that need none, in the order of preference. */
const LOCAL: readonly BackupMethodChoice[] = ['virtdisk', 'file'];
/** Methods that can use a file server. */
const SERVED: readonly BackupMethodChoice[] = ['smb', 'export'];

/** Checks every method, in the order of preference. */
function checkMethods(
  disks: readonly HostDisk[],
  around: CheckAround,
  signal: AbortSignal,
): Promise<readonly MethodCheck[]> {
  return Promise.all(READ_METHODS.map((method) => method.check(disks, around, signal)));
}

/**
 * Checks the methods for a run or its plan, in the order of preference. Contacts file servers only if the
 * run may need them: a server receives a proof of the account's password.
 */
export async function checkForRun(
  disks: readonly HostDisk[],
  asked: BackupMethodChoice,
  around: CheckAround,
  signal: AbortSignal,
): Promise<readonly MethodCheck[]> {
  const here = await checkMethods(disks, { ...around, remote: undefined }, signal);
  const possible = here.filter(({ problem }) => problem === null).map(({ method }) => method);
  const chosen = possible.find((id) => (asked === 'auto' ? LOCAL.includes(id) : id === asked));
  if (chosen === undefined && (asked === 'auto' || SERVED.includes(asked))) {
    return checkMethods(disks, around, signal);
  }
  const why =
    asked === 'auto' ? `the method ${chosen} is possible` : `the method ${asked} was requested`;
  return here.map((check) => untried(check, why));
}

/** Returns the check of a method; if the file server might make it possible, with the remark that it was not asked. */
function untried(check: MethodCheck, why: string): MethodCheck {
  const { method, problem } = check;
  if (method === 'smb') return { ...check, problem: notAsked(why), folders: [], untried: true };
  // Without a folder for exports there is nothing to ask for.
  const isServed = method === 'export' && problem !== null && problem.code !== 'plan.method';
  return isServed ? { ...check, untried: true } : check;
}

/**
 * Throws the reason why `method` is not possible, if there is one. If no folder of the host is mapped,
 * the reason names the problem of the file server, too: either would do.
 */
export function requireMethod(method: BackupMethod, checks: readonly MethodCheck[]): void {
  const problemOf = (id: BackupMethod): EngineError | null =>
    checks.find((check) => check.method === id)?.problem ?? null;
  const problem = problemOf(method);
  if (problem === null) return;
  const served = problemOf('smb');
  const isServed = served !== null && served.code !== 'plan.method';
  if (problem.code !== 'path.unmapped' || method !== 'file' || !isServed) throw problem;
  const text = `${problem.message}. Over SMB: ${served.message}`;
  throw backupError('path.unmapped', text, { data: problem.data, cause: served });
}

/** Returns the method with an ID. */
export function readMethod(id: BackupMethod): ReadMethod {
  const found = READ_METHODS.find((method) => method.id === id);
  if (found === undefined) throw new Error(`no read method ${id}`);
  return found;
}
