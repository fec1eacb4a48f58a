import { INFO } from './constants.ts';
import { encodeExport, readExport, type ExportFacts } from './handshake.ts';
import { Fields } from './fields.ts';

/*
 * Data of replies to options (sections “Option reply types” and “NBD_INFO”).
 *
 *   NBD_REP_INFO           u16 type, then for
 *     NBD_INFO_EXPORT      u64 size, u16 transmission flags
 *     NBD_INFO_NAME, NBD_INFO_DESCRIPTION    text
 *     NBD_INFO_BLOCK_SIZE  u32 minimum, u32 preferred, u32 maximum
 *   NBD_REP_SERVER         u32 length, name, then text for people
 *   NBD_REP_META_CONTEXT   u32 context, name
 */

/** Sizes of requests, in bytes: every offset and length is a multiple of the minimum. */
export interface BlockSizes {
  readonly minimum: number;
  readonly preferred: number;
  readonly maximum: number;
}

/** One piece of information about an export; `other` is one that nobody asked for. */
export type ExportInfo =
  | { readonly kind: 'export'; readonly facts: ExportFacts }
  | { readonly kind: 'sizes'; readonly sizes: BlockSizes }
  | { readonly kind: 'other' };

export interface MetaContext {
  readonly id: number;
  readonly name: string;
}

export const encodeExportInfo = (facts: ExportFacts): Buffer =>
  Buffer.concat([u16(INFO.export), encodeExport(facts, false)]);

export function encodeBlockSizes({ minimum, preferred, maximum }: BlockSizes): Buffer {
  return Buffer.concat([u16(INFO.blockSize), u32(minimum), u32(preferred), u32(maximum)]);
}

export const encodeInfoText = (type: number, text: string): Buffer =>
  Buffer.concat([u16(type), Buffer.from(text)]);

export function encodeServer(name: string): Buffer {
  const bytes = Buffer.from(name);
  return Buffer.concat([u32(bytes.length), bytes]);
}

export const encodeMetaContext = ({ id, name }: MetaContext): Buffer =>
  Buffer.concat([u32(id), Buffer.from(name)]);

/** Throws `nbd.answer` if sizes contradict each other. */
export function decodeExportInfo(bytes: Uint8Array): ExportInfo {
  const fields = new Fields(bytes, 'information about the export', 'nbd.answer');
  const type = fields.u16();
  if (type === INFO.export) {
    const facts = readExport(fields);
    fields.end();
    return { kind: 'export', facts };
  }
  if (type !== INFO.blockSize) return { kind: 'other' };
  const sizes = { minimum: fields.u32(), preferred: fields.u32(), maximum: fields.u32() };
  fields.end();
  const { minimum, preferred, maximum } = sizes;
  const powers = isPowerOfTwo(minimum) && isPowerOfTwo(preferred) && minimum <= 65_536;
  if (!powers || preferred < minimum || maximum < minimum) {
    const found = `minimum ${minimum}, preferred ${preferred}, maximum ${maximum}`;
    throw fields.wrong(`block sizes that contradict the protocol: ${found}`);
  }
  return { kind: 'sizes', sizes };
}

export function decodeMetaContext(bytes: Uint8Array): MetaContext {
  const fields = new Fields(bytes, 'a metadata context', 'nbd.answer');
  return { id: fields.u32(), name: fields.text(fields.remaining, 'the name') };
}

const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
