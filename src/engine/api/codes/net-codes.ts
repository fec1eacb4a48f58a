/** Codes of errors of the protocols that carry disks and files; part of `ErrorCode` in `codes.ts`. */
export type NetErrorCode = NbdErrorCode | PowershellErrorCode | RsvdErrorCode | SmbErrorCode;

type NbdErrorCode =
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

type SmbErrorCode =
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

type RsvdErrorCode =
  | 'rsvd.attention'
  | 'rsvd.busy'
  | 'rsvd.changed'
  | 'rsvd.failed'
  | 'rsvd.foreign'
  | 'rsvd.kind'
  | 'rsvd.reserved'
  | 'rsvd.sense'
  | 'rsvd.snapshot'
  | 'rsvd.unsupported'
  | 'rsvd.version';

type PowershellErrorCode =
  | 'powershell.answer'
  | 'powershell.connect'
  | 'powershell.ended'
  | 'powershell.fault.accessDenied'
  | 'powershell.fault.busy'
  | 'powershell.fault.cannotProcessFilter'
  | 'powershell.fault.internal'
  | 'powershell.fault.invalidSelectors'
  | 'powershell.fault.noClass'
  | 'powershell.fault.noNamespace'
  | 'powershell.fault.notFound'
  | 'powershell.fault.notSupported'
  | 'powershell.fault.other'
  | 'powershell.fault.schema'
  | 'powershell.fault.timedOut'
  | 'powershell.locked'
  | 'powershell.missing'
  | 'powershell.timedOut';
