import type { BackupMethod } from '../../api/backup.ts';
import type { HostDisk } from '../host/host.ts';
import { EXPORT_METHOD } from './export/export-method.ts';
import { FILE_METHOD } from './file/file-method.ts';
import type { MethodCheck, ReadMethod, ReadOptions } from './contract/method.ts';

/** Every read method, in the order of preference. */
const READ_METHODS: readonly ReadMethod[] = [FILE_METHOD, EXPORT_METHOD];

export const METHOD_IDS: readonly BackupMethod[] = READ_METHODS.map(({ id }) => id);

/** Checks every method, in the order of preference. */
export function checkMethods(
  disks: readonly HostDisk[],
  options: ReadOptions,
  signal: AbortSignal,
): Promise<readonly MethodCheck[]> {
  return Promise.all(READ_METHODS.map((method) => method.check(disks, options, signal)));
}

/** Throws the reason why `method` is not possible, if there is one. */
export function requireMethod(method: BackupMethod, checks: readonly MethodCheck[]): void {
  const problem = checks.find((check) => check.method === method)?.problem ?? null;
  if (problem !== null) throw problem;
}

/** Returns the method with an ID. */
export function readMethod(id: BackupMethod): ReadMethod {
  const found = READ_METHODS.find((method) => method.id === id);
  if (found === undefined) throw new Error(`no read method ${id}`);
  return found;
}
