import { guestError } from '../bytes/guest-errors.ts';
import type { GuestNode } from './guest-files.ts';

/** Throws `guest.notFolder` unless the node is a folder. */
export function mustBeFolder({ kind }: Pick<GuestNode, 'kind'>, name: string): void {
  if (kind === 'folder') return;
  throw guestError('guest.notFolder', `Not a folder: ${name} is a ${kind}`, {
    data: { found: kind, expected: 'folder' },
  });
}

/** Throws `guest.notFile` unless the node is a file. */
export function mustBeFile({ kind }: Pick<GuestNode, 'kind'>, name: string): void {
  if (kind === 'file') return;
  throw guestError('guest.notFile', `Not a file: ${name} is a ${kind}`, {
    data: { found: kind, expected: 'file' },
  });
}

/** Throws `guest.notFound`: only NTFS files have streams. */
export function mustBeContents(stream: string | null): void {
  if (stream === null) return;
  const message = `The file has no stream “${stream}”: only files of NTFS have streams`;
  throw guestError('guest.notFound', message, { data: { found: stream } });
}
