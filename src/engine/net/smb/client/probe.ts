import { Buffer } from 'node:buffer';
import { FSCTL, IOCTL, IS_FSCTL } from '../codec/files/ioctl.ts';
import { STATUS } from '../status/nt-status.ts';
import { closeFile, OPEN, openFile } from './files/open-file.ts';
import { SmbSession, type SessionOptions } from './session/smb-session.ts';
import { SmbTree } from './session/smb-tree.ts';
import { joined } from './wire/pieces.ts';

/** Share that every server has, for calls of remote procedures. */
const CALLS = 'IPC$';
/** Length of the answer about shared virtual disks (MS-RSVD 2.2.4.4). */
const SUPPORT_BYTES = 8;

/** A session with a share of it. */
export interface Probed {
  readonly session: SmbSession;
  readonly tree: SmbTree;
  /** Whether the share has shared virtual disks; null if it is not known. */
  readonly rsvd: boolean | null;
}

/**
 * Logs in and enters a share, or IPC$ if none is named: with 3.0 and 3.0.2 only that proves the
 * negotiation. The caller closes the session.
 */
export async function openLines(
  options: SessionOptions,
  share: string | undefined,
  signal: AbortSignal,
): Promise<Probed> {
  const session = await SmbSession.open(options, signal);
  try {
    const tree = await SmbTree.connect(session, share ?? CALLS, signal);
    const rsvd = share === undefined ? null : await hasSharedDisks(tree, signal);
    return { session, tree, rsvd };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Asks a share whether it has shared virtual disks (MS-RSVD 3.2.5.5.1); null if it does not say. */
async function hasSharedDisks(tree: SmbTree, signal: AbortSignal): Promise<boolean | null> {
  const root = await openFile(tree, '', OPEN.folder, signal);
  try {
    const answer = await tree.request(
      IOCTL,
      {
        code: FSCTL.querySharedVirtualDiskSupport,
        fileId: root.fileId,
        input: Buffer.alloc(0),
        maxInputResponse: 0,
        maxOutputResponse: SUPPORT_BYTES,
        flags: IS_FSCTL,
      },
      signal,
    );
    const { status } = answer.header;
    if (status === STATUS.invalidDeviceRequest || status === STATUS.notSupported) return false;
    if (status !== 0) return null;
    const { output } = IOCTL.decodeResponse(joined(answer.pieces));
    return output.length < SUPPORT_BYTES ? null : output.readUInt32LE(0) !== 0;
  } finally {
    await closeFile(tree, root.fileId, signal).catch(() => undefined);
  }
}
