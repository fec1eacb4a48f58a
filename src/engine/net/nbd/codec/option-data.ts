import { MAX_LIST } from './constants.ts';
import { Fields } from './fields.ts';

/*
 * Data of options of a client (section “Option types”).
 *
 *   NBD_OPT_INFO, NBD_OPT_GO     u32 length, name, u16 count, u16 information type each
 *   NBD_OPT_*_META_CONTEXT       u32 length, name, u32 count, (u32 length, query) each
 *   NBD_OPT_EXPORT_NAME          name, as long as the data
 */

export interface ExportQuestion {
  readonly name: string;
  /** Types of information that the client asks for. */
  readonly infos: readonly number[];
}

export interface ContextQuestion {
  readonly name: string;
  readonly queries: readonly string[];
}

export function encodeExportQuestion({ name, infos }: ExportQuestion): Buffer {
  const text = Buffer.from(name);
  const bytes = Buffer.alloc(6 + text.length + 2 * infos.length);
  bytes.writeUInt32BE(text.length, 0);
  text.copy(bytes, 4);
  bytes.writeUInt16BE(infos.length, 4 + text.length);
  for (const [i, info] of infos.entries()) bytes.writeUInt16BE(info, 6 + text.length + 2 * i);
  return bytes;
}

export function decodeExportQuestion(bytes: Uint8Array): ExportQuestion {
  const fields = new Fields(bytes, 'NBD_OPT_INFO or NBD_OPT_GO', 'nbd.request');
  const name = fields.text(fields.u32(), 'the name');
  const count = fields.u16();
  checkCount(fields, count);
  const infos = Array.from({ length: count }, () => fields.u16());
  fields.end();
  return { name, infos };
}

export function encodeContextQuestion({ name, queries }: ContextQuestion): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(queries.length);
  return Buffer.concat([counted(name), count, ...queries.map(counted)]);
}

export function decodeContextQuestion(bytes: Uint8Array): ContextQuestion {
  const fields = new Fields(bytes, 'NBD_OPT_SET_META_CONTEXT or its list', 'nbd.request');
  const name = fields.text(fields.u32(), 'the name');
  const count = fields.u32();
  checkCount(fields, count);
  const queries = Array.from({ length: count }, () => fields.text(fields.u32(), 'a query'));
  fields.end();
  return { name, queries };
}

export function decodeExportName(bytes: Uint8Array): string {
  return new Fields(bytes, 'NBD_OPT_EXPORT_NAME', 'nbd.request').text(bytes.length, 'the name');
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function checkCount(fields: Fields, count: number): void {
  if (count > MAX_LIST) throw fields.wrong(`${count} entries; at most ${MAX_LIST} are accepted`);
}
