import { basename, dirname, join } from 'node:path';
import { crc32c } from '../base/crc32c.ts';
import { never } from '../base/abort.ts';
import { isPassing, retryBusy, type FileEnvironment } from './file-environment.ts';
import { fileError, systemCode } from './file-errors.ts';
import { flushFolder } from './folder.ts';
import { sourceError } from './source-errors.ts';

/** Every name that is ours for a moment begins so; listings of a store hide it, `clean` removes it. */
export const TEMPORARY_PREFIX = '.refpoint-';

/** A claim is held for milliseconds; one this old was left by a process that died. */
const CLAIM_STALE_MS = 60_000;
const CLAIM_PATIENCE_MS = 5000;

/** Hard links are what makes "only where absent" one step; these say that there are none here (FAT, exFAT). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EINVAL']);

/** A name in the folder of `path` that no other writer has. */
export function temporaryName(path: string): string {
  const random = globalThis.crypto.randomUUID().replaceAll('-', '').slice(0, 16);
  return join(dirname(path), `${TEMPORARY_PREFIX}${random}.tmp`);
}

/** Gives a finished temporary file its name in place of whatever has it, durably. */
export async function placeReplacing(
  temporary: string,
  path: string,
  environment: FileEnvironment,
  signal: AbortSignal,
): Promise<void> {
  try {
    await retryBusy(() => environment.files.rename(temporary, path), environment, signal);
  } catch (error) {
    throw fileError(error, 'replace', path);
  }
  await flushFolder(dirname(path), environment);
}

/**
 * Gives a finished temporary file its name where that name is free, in one step, durably. False where
 * it is taken: the file that has it is untouched, the temporary one is still there.
 */
export async function placeExclusive(
  temporary: string,
  path: string,
  environment: FileEnvironment,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await environment.files.link(temporary, path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    const tryOtherWay = NO_LINKS.has(code) || (environment.windows && code !== 'ENOENT');
    if (!tryOtherWay) throw fileError(error, 'create', path);
    return placeUnderClaim(temporary, path, environment, signal);
  }
  await flushFolder(dirname(path), environment);
  // From here on the file exists. A second name that cannot be removed is litter, not a failure.
  await retryBusy(() => environment.files.unlink(temporary), environment, never).catch(
    () => undefined,
  );
  return true;
}

/**
 * Without hard links: a claim file, made exclusively, keeps other writers of this name away while
 * we look whether the name is free and rename.
 */
async function placeUnderClaim(
  temporary: string,
  path: string,
  environment: FileEnvironment,
  signal: AbortSignal,
): Promise<boolean> {
  const claim = claimName(path);
  await takeClaim(claim, path, environment, signal);
  try {
    if (await exists(path, environment)) return false;
    await placeReplacing(temporary, path, environment, signal);
    return true;
  } finally {
    await retryBusy(() => environment.files.unlink(claim), environment, never).catch(
      () => undefined,
    );
  }
}

function claimName(path: string): string {
  const name = new TextEncoder().encode(basename(path).toLowerCase());
  const hash = crc32c(name).toString(16).padStart(8, '0');
  return join(dirname(path), `${TEMPORARY_PREFIX}${hash}.claim`);
}

async function takeClaim(
  claim: string,
  path: string,
  environment: FileEnvironment,
  signal: AbortSignal,
): Promise<void> {
  const end = environment.now() + CLAIM_PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      await (await environment.files.open(claim, 'wx')).close();
      return;
    } catch (error) {
      const taken = systemCode(error) === 'EEXIST' || isPassing(error, environment);
      if (!taken) throw fileError(error, 'create', path);
    }
    const age = await claimAge(claim, environment);
    if (age !== undefined && age > CLAIM_STALE_MS) {
      await environment.files.unlink(claim).catch(() => undefined);
    } else if (environment.now() > end) {
      throw sourceError('source.busy', `Another process is creating ${path}`, { data: { path } });
    } else {
      await environment.wait(20, signal);
    }
  }
}

/** Milliseconds since the claim was made, by the clock of this machine; undefined where it is gone. */
async function claimAge(claim: string, environment: FileEnvironment): Promise<number | undefined> {
  try {
    return Date.now() - (await environment.files.lstat(claim)).mtimeMs;
  } catch {
    return undefined;
  }
}

async function exists(path: string, environment: FileEnvironment): Promise<boolean> {
  try {
    await environment.files.lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw fileError(error, 'look at', path);
  }
}
