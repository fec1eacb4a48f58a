import type { CodesOf, EngineError } from '../../base/errors.ts';
import { sourceError } from '../source-errors.ts';

/**
 * Our codes for the operating system's error names; all others become `source.io`, which may be
 * retried.
 */
const CODES: Readonly<Record<string, CodesOf<typeof sourceError>>> = {
  ENOENT: 'source.notFound',
  ENOTDIR: 'source.notFound',
  EEXIST: 'source.exists',
  EACCES: 'source.denied',
  EPERM: 'source.denied',
  EROFS: 'source.denied',
  ENOSPC: 'source.full',
  EDQUOT: 'source.full',
  EFBIG: 'source.full',
  EBUSY: 'source.busy',
  ETXTBSY: 'source.busy',
  EMFILE: 'source.busy',
  ENFILE: 'source.busy',
  EISDIR: 'source.notFile',
  ENAMETOOLONG: 'source.name',
};

/** Returns the name of a system error (`ENOSPC`); '' for other errors. */
export function systemCode(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/**
 * Converts a failed file operation to our error: the operation, the path, and the system's message.
 * Our own errors and aborts pass unchanged.
 * @param doing completes "Cannot …": `open`, `write 4096 bytes at 0 of`.
 */
export function fileError(error: unknown, doing: string, path: string): Error {
  const system = systemCode(error);
  if (!(error instanceof Error) || !/^E[A-Z0-9]+$/.test(system)) return error as Error;
  const code = CODES[system] ?? 'source.io';
  return sourceError(code, `Cannot ${doing} ${path}: ${explain(code, error)}`, {
    data: { path, system },
    cause: error,
  });
}

function explain(code: EngineError['code'], error: Error): string {
  switch (code) {
    case 'source.notFound':
      return 'it does not exist';
    case 'source.exists':
      return 'it exists already';
    case 'source.denied':
      return `access is denied (${systemCode(error)})`;
    case 'source.full':
      return `there is no space left (${systemCode(error)})`;
    case 'source.busy':
      return `it is in use (${systemCode(error)})`;
    case 'source.notFile':
      return 'it is a folder';
    case 'source.name':
      return `the name is too long (${systemCode(error)})`;
    default:
      return error.message;
  }
}
