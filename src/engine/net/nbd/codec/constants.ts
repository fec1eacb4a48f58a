/**
 * Numbers of the NBD protocol (doc/proto.md of the project NetworkBlockDevice/nbd, section
 * “Values”). All fields are big-endian. Only the fixed newstyle handshake is spoken, without TLS,
 * with 32-bit lengths (no extended headers).
 */

/** “NBDMAGIC”, then “IHAVEOPT” of the newstyle handshake; the oldstyle one has another number. */
export const SERVER_MAGIC = 0x4e42444d41474943n;
export const OPTION_MAGIC = 0x49484156454f5054n;
export const OPTION_REPLY_MAGIC = 0x0003e889045565a9n;
export const REQUEST_MAGIC = 0x25609513;
export const SIMPLE_REPLY_MAGIC = 0x67446698;
export const STRUCTURED_REPLY_MAGIC = 0x668e33ef;

/** Handshake flags; those of the client have the same bits. */
export const HANDSHAKE = { fixedNewstyle: 1, noZeroes: 2 } as const;

/** Transmission flags. */
export const EXPORT_FLAG = {
  hasFlags: 1 << 0,
  readOnly: 1 << 1,
  sendDf: 1 << 7,
  canMultiConn: 1 << 8,
} as const;

export const OPTION = {
  exportName: 1,
  abort: 2,
  list: 3,
  info: 6,
  go: 7,
  structuredReply: 8,
  listMetaContext: 9,
  setMetaContext: 10,
} as const;

/** Types of replies to options; those with the highest bit are errors. */
export const REPLY = {
  ack: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  unsupported: 0x8000_0001,
  policy: 0x8000_0002,
  invalid: 0x8000_0003,
  platform: 0x8000_0004,
  tlsRequired: 0x8000_0005,
  unknown: 0x8000_0006,
  shutdown: 0x8000_0007,
  blockSizeRequired: 0x8000_0008,
  tooBig: 0x8000_0009,
} as const;

export const INFO = { export: 0, name: 1, description: 2, blockSize: 3 } as const;

export const COMMAND = {
  read: 0,
  write: 1,
  disconnect: 2,
  flush: 3,
  trim: 4,
  cache: 5,
  writeZeroes: 6,
  blockStatus: 7,
} as const;

export const COMMAND_FLAG = { dontFragment: 1 << 2, requireOne: 1 << 3 } as const;

export const CHUNK_DONE = 1;
export const CHUNK = {
  none: 0,
  offsetData: 1,
  offsetHole: 2,
  blockStatus: 5,
  error: 0x8001,
  errorOffset: 0x8002,
} as const;
/** Chunks of a type with this bit report an error. */
export const CHUNK_ERROR_BIT = 0x8000;

/** Status flags of `base:allocation`. */
export const STATE = { hole: 1, zero: 2 } as const;
export const BASE_ALLOCATION = 'base:allocation';

export const ERRNO = {
  EPERM: 1,
  EIO: 5,
  ENOMEM: 12,
  EINVAL: 22,
  ENOSPC: 28,
  EOVERFLOW: 75,
  ENOTSUP: 95,
  ESHUTDOWN: 108,
} as const;

/** Maximum bytes of a name or a message (section “Conventions”). */
export const MAX_TEXT = 4096;
/** Maximum bytes of the data of an option, and of a reply to one. */
export const MAX_OPTION_DATA = 65_536;
/** Maximum number of queries or information types in an option. */
export const MAX_LIST = 64;
/** Maximum bytes of one request, unless both sides agree on another number. */
export const MAX_REQUEST = 32 * 2 ** 20;
/** Maximum number of descriptors in the block status that the server sends. */
export const MAX_DESCRIPTORS = 4096;
