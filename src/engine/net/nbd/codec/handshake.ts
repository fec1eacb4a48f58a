import { EXPORT_FLAG, OPTION_MAGIC, OPTION_REPLY_MAGIC, SERVER_MAGIC } from './constants.ts';
import { MAX_OPTION_DATA } from './constants.ts';
import { Fields } from './fields.ts';

/*
 * The fixed newstyle handshake (sections “Newstyle negotiation” and “Fixed newstyle negotiation”).
 *
 *   server hello   u64 NBDMAGIC, u64 IHAVEOPT, u16 handshake flags
 *   client flags   u32
 *   option         u64 IHAVEOPT, u32 option, u32 length, data
 *   option reply   u64 magic, u32 option, u32 type, u32 length, data
 *   export         u64 size, u16 transmission flags, 124 zeroes unless both agreed to leave them out
 */

export const HELLO_BYTES = 18;
export const CLIENT_FLAGS_BYTES = 4;
export const OPTION_BYTES = 16;
export const OPTION_REPLY_BYTES = 20;
export const EXPORT_BYTES = 10;
export const EXPORT_ZEROES = 124;

/** Size and transmission flags of an export. */
export interface ExportFacts {
  readonly size: number;
  readonly flags: number;
}

export interface OptionHeader {
  readonly option: number;
  readonly length: number;
}

export interface OptionReplyHeader extends OptionHeader {
  readonly type: number;
}

export function encodeHello(flags: number): Buffer {
  const bytes = Buffer.alloc(HELLO_BYTES);
  bytes.writeBigUInt64BE(SERVER_MAGIC, 0);
  bytes.writeBigUInt64BE(OPTION_MAGIC, 8);
  bytes.writeUInt16BE(flags, 16);
  return bytes;
}

/** Returns the handshake flags of the server. Throws `nbd.answer` for the oldstyle handshake too. */
export function decodeHello(bytes: Uint8Array): number {
  const fields = new Fields(bytes, 'the greeting of the server', 'nbd.answer');
  const magic = fields.u64();
  if (magic !== SERVER_MAGIC) {
    throw fields.wrong(`it begins with ${hex(magic)} instead of NBDMAGIC: no NBD server`);
  }
  const style = fields.u64();
  if (style !== OPTION_MAGIC) {
    throw fields.wrong(`${hex(style)} instead of IHAVEOPT: an oldstyle server, or no NBD server`);
  }
  return fields.u16();
}

export function encodeClientFlags(flags: number): Buffer {
  const bytes = Buffer.alloc(CLIENT_FLAGS_BYTES);
  bytes.writeUInt32BE(flags);
  return bytes;
}

export const decodeClientFlags = (bytes: Uint8Array): number =>
  new Fields(bytes, 'the flags of the client', 'nbd.request').u32();

export function encodeOption(option: number, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(OPTION_BYTES + data.length);
  bytes.writeBigUInt64BE(OPTION_MAGIC, 0);
  bytes.writeUInt32BE(option, 8);
  bytes.writeUInt32BE(data.length, 12);
  bytes.set(data, OPTION_BYTES);
  return bytes;
}

/** Decodes the head of an option; its data, at most 64 KiB, follows. */
export function decodeOption(bytes: Uint8Array): OptionHeader {
  const fields = new Fields(bytes, 'an option', 'nbd.request');
  const magic = fields.u64();
  if (magic !== OPTION_MAGIC) throw fields.wrong(`it begins with ${hex(magic)}, not IHAVEOPT`);
  const header = { option: fields.u32(), length: fields.u32() };
  checkLength(fields, header.length);
  return header;
}

export function encodeOptionReply(option: number, type: number, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(OPTION_REPLY_BYTES + data.length);
  bytes.writeBigUInt64BE(OPTION_REPLY_MAGIC, 0);
  bytes.writeUInt32BE(option, 8);
  bytes.writeUInt32BE(type, 12);
  bytes.writeUInt32BE(data.length, 16);
  bytes.set(data, OPTION_REPLY_BYTES);
  return bytes;
}

/** Decodes the head of a reply to `option`; its data, at most 64 KiB, follows. */
export function decodeOptionReply(bytes: Uint8Array, option: number): OptionReplyHeader {
  const fields = new Fields(bytes, `the reply to option ${option}`, 'nbd.answer');
  const magic = fields.u64();
  if (magic !== OPTION_REPLY_MAGIC) {
    throw fields.wrong(`it begins with ${hex(magic)} instead of ${hex(OPTION_REPLY_MAGIC)}`);
  }
  const header = { option: fields.u32(), type: fields.u32(), length: fields.u32() };
  if (header.option !== option) throw fields.wrong(`it is a reply to option ${header.option}`);
  checkLength(fields, header.length);
  return header;
}

export function encodeExport({ size, flags }: ExportFacts, zeroes: boolean): Buffer {
  const bytes = Buffer.alloc(EXPORT_BYTES + (zeroes ? EXPORT_ZEROES : 0));
  bytes.writeBigUInt64BE(BigInt(size), 0);
  bytes.writeUInt16BE(flags, 8);
  return bytes;
}

/** Decodes size and flags, which NBD_OPT_EXPORT_NAME and NBD_INFO_EXPORT have in common. */
export function readExport(fields: Fields): ExportFacts {
  const facts = { size: fields.size('the size of the export'), flags: fields.u16() };
  if ((facts.flags & EXPORT_FLAG.hasFlags) === 0) {
    throw fields.wrong(`transmission flags ${facts.flags} without NBD_FLAG_HAS_FLAGS`);
  }
  return facts;
}

function checkLength(fields: Fields, length: number): void {
  if (length > MAX_OPTION_DATA) {
    throw fields.wrong(
      `it states ${length} bytes of data; at most ${MAX_OPTION_DATA} are accepted`,
    );
  }
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;
