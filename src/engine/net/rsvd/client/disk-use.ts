import { Buffer } from 'node:buffer';
import { HANDLE_STATE, SUPPORT } from '../codec/open/support.ts';
import { closeFile, OPEN, openFile } from '../../smb/client/files/open-file.ts';
import type { SmbTree } from '../../smb/client/session/smb-tree.ts';
import { joined } from '../../smb/client/wire/pieces.ts';
import { FSCTL, IOCTL, IS_FSCTL } from '../../smb/codec/files/ioctl.ts';

/**
 * Whether somebody has the disk of a file open as a shared disk, while this client has not; undefined if
 * the server does not tell on an ordinary handle (UNCONFIRMED on Windows). Throws `smb.notFound`,
 * `smb.denied`.
 */
export async function isInUse(
  tree: SmbTree,
  name: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { fileId } = await openFile(tree, name, OPEN.attributes, signal);
  try {
    const request = {
      code: FSCTL.querySharedVirtualDiskSupport,
      fileId,
      input: Buffer.alloc(0),
      maxInputResponse: 0,
      maxOutputResponse: SUPPORT.size,
      flags: IS_FSCTL,
    };
    const answer = await tree.request(IOCTL, request, signal);
    if (answer.header.status !== 0) return undefined;
    const { output } = IOCTL.decodeResponse(joined(answer.pieces));
    return SUPPORT.decode(output, 'smb.answer').handleState !== HANDLE_STATE.none;
  } finally {
    await closeFile(tree, fileId, signal).catch(() => undefined);
  }
}
