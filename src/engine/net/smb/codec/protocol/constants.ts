/**
 * Numbers of SMB 2 and 3 (MS-SMB2 2.2). All fields are little-endian, except the length of a frame.
 */

/** DialectRevision (2.2.3). */
export const DIALECT = {
  smb202: 0x0202,
  smb210: 0x0210,
  smb300: 0x0300,
  smb302: 0x0302,
  smb311: 0x0311,
  /** Answer to the negotiation of SMB 1: an SMB 2 one follows. */
  wildcard: 0x02ff,
} as const;

/** Command (2.2.1). */
export const COMMAND = {
  negotiate: 0,
  sessionSetup: 1,
  logoff: 2,
  treeConnect: 3,
  treeDisconnect: 4,
  create: 5,
  close: 6,
  flush: 7,
  read: 8,
  write: 9,
  lock: 10,
  ioctl: 11,
  cancel: 12,
  echo: 13,
  queryDirectory: 14,
  changeNotify: 15,
  queryInfo: 16,
  setInfo: 17,
  oplockBreak: 18,
} as const;

/** Flags of the header (2.2.1). */
export const FLAG = {
  response: 1,
  async: 2,
  related: 4,
  signed: 8,
  dfs: 0x1000_0000,
  replay: 0x2000_0000,
} as const;

/** SecurityMode of NEGOTIATE and SESSION_SETUP. */
export const SECURITY_MODE = { enabled: 1, required: 2 } as const;

/** Capabilities of NEGOTIATE (2.2.3, 2.2.4). */
export const CAPABILITY = {
  dfs: 1,
  leasing: 2,
  largeMtu: 4,
  multiChannel: 8,
  persistentHandles: 0x10,
  directoryLeasing: 0x20,
  encryption: 0x40,
  notifications: 0x80,
} as const;

/** SessionFlags of SESSION_SETUP (2.2.6). */
export const SESSION_FLAG = { guest: 1, anonymous: 2, encrypt: 4 } as const;

/** ShareFlags of TREE_CONNECT (2.2.10). */
export const SHARE_FLAG = {
  dfs: 1,
  dfsRoot: 2,
  accessBasedEnumeration: 0x800,
  encrypt: 0x8000,
  compress: 0x10_0000,
} as const;

/** Capabilities of a share (2.2.10). */
export const SHARE_CAPABILITY = {
  dfs: 8,
  continuousAvailability: 0x10,
  scaleOut: 0x20,
  cluster: 0x40,
  asymmetric: 0x80,
  redirectToOwner: 0x100,
} as const;

/** ShareType of TREE_CONNECT. */
export const SHARE_TYPE = { disk: 1, pipe: 2, print: 3 } as const;

/** DesiredAccess of a file (2.2.13.1.1). */
export const ACCESS = {
  readData: 1,
  writeData: 2,
  appendData: 4,
  readEa: 8,
  writeEa: 0x10,
  execute: 0x20,
  deleteChild: 0x40,
  readAttributes: 0x80,
  writeAttributes: 0x100,
  delete: 0x1_0000,
  readControl: 0x2_0000,
  writeDac: 0x4_0000,
  writeOwner: 0x8_0000,
  synchronize: 0x10_0000,
  maximumAllowed: 0x200_0000,
  genericAll: 0x1000_0000,
  genericExecute: 0x2000_0000,
  genericWrite: 0x4000_0000,
  genericRead: 0x8000_0000,
} as const;

/** ShareAccess of an open. */
export const SHARE_ACCESS = { read: 1, write: 2, delete: 4, all: 7 } as const;

/** CreateDisposition of an open. */
export const DISPOSITION = {
  supersede: 0,
  open: 1,
  create: 2,
  openIf: 3,
  overwrite: 4,
  overwriteIf: 5,
} as const;

/** CreateOptions of an open. */
export const CREATE_OPTION = {
  directory: 1,
  writeThrough: 2,
  sequential: 4,
  noBuffering: 8,
  nonDirectory: 0x40,
  randomAccess: 0x800,
  deleteOnClose: 0x1000,
  backupIntent: 0x4000,
  openReparsePoint: 0x20_0000,
} as const;

/** CreateAction of an answered open. */
export const CREATE_ACTION = { superseded: 0, opened: 1, created: 2, overwritten: 3 } as const;

/** FileAttributes (MS-FSCC 2.6). */
export const ATTRIBUTE = {
  readOnly: 1,
  hidden: 2,
  system: 4,
  directory: 0x10,
  archive: 0x20,
  normal: 0x80,
  sparse: 0x200,
  reparsePoint: 0x400,
} as const;

/** OplockLevel. */
export const OPLOCK = { none: 0, two: 1, exclusive: 8, batch: 9, lease: 0xff } as const;

/** MessageId of messages that nobody asked for: breaks of oplocks and leases. */
export const UNSOLICITED = 0xffff_ffff_ffff_ffffn;

/** Bytes of payload that one credit pays for (3.1.5.2). */
export const CREDIT_BYTES = 65_536;
