/** Codes of errors of the protocols that carry disks and files; part of `ErrorCode` in `codes.ts`. */
export type NbdErrorCode =
  | 'nbd.address'
  | 'nbd.answer'
  | 'nbd.export'
  | 'nbd.failed'
  | 'nbd.listen'
  | 'nbd.lost'
  | 'nbd.refused'
  | 'nbd.request'
  | 'nbd.timeout'
  | 'nbd.unreachable';

export type SmbErrorCode =
  | 'smb.address'
  | 'smb.answer'
  | 'smb.busy'
  | 'smb.denied'
  | 'smb.dialect'
  | 'smb.downgrade'
  | 'smb.encryption'
  | 'smb.failed'
  | 'smb.file.changed'
  | 'smb.guest'
  | 'smb.lost'
  | 'smb.notFound'
  | 'smb.redirect'
  | 'smb.request'
  | 'smb.server.unknown'
  | 'smb.share'
  | 'smb.signature'
  | 'smb.timeout'
  | 'smb.unprotected'
  | 'smb.unreachable';
