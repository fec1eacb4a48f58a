import { defineErrors } from '../../../base/errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

export const smbError = defineErrors({
  /** Neither `\\server\share\path` nor a path of a drive of the host. */
  'smb.address': wrong,
  /** The server broke the protocol; the connection is closed. */
  'smb.answer': { permanent: true },
  /** Another program has the file open and does not share it. */
  'smb.busy': { userFixable: true },
  /** The account may not open the file, the folder or the share. */
  'smb.denied': wrong,
  /** The path leads to another server (DFS), or through a symbolic link: neither is followed. */
  'smb.redirect': wrong,
  /** The server offers no dialect of SMB 3. */
  'smb.dialect': wrong,
  /** Both sides recall the negotiation differently: somebody in between changed it. */
  'smb.downgrade': { permanent: true },
  /** Encryption is required, and the server does not have it, or not for this dialect. */
  'smb.encryption': wrong,
  /** The server refused a request; its status is in `status`. */
  'smb.failed': {},
  /** The file is not the one that was opened before the connection was lost. */
  'smb.file.changed': { permanent: true },
  /** The server let the account in as a guest, or as nobody: such sessions have no keys. */
  'smb.guest': wrong,
  /** The connection ended. */
  'smb.lost': {},
  'smb.notFound': wrong,
  /** A client broke the protocol. */
  'smb.request': { permanent: true },
  /** The server has no share of that name. */
  'smb.share': wrong,
  /** A message was altered: its signature, or its encryption, does not fit its contents. */
  'smb.signature': { permanent: true },
  /** A server that the user did not approve; it would receive a proof of the password. */
  'smb.server.unknown': wrong,
  /** The server did not answer in time; the connection is closed. */
  'smb.timeout': {},
  /** An answer is neither signed nor encrypted as its request was. */
  'smb.unprotected': { permanent: true },
  /** Nobody listens at the address, or not in time. */
  'smb.unreachable': { userFixable: true },
});

/** Sender of bytes, as the code of its errors: a server answers, a client requests. */
export type Sender = 'smb.answer' | 'smb.request';
