import { guidFromBytes } from '../../../../src/engine/base/guid.ts';
import type { CreateContext } from '../../../../src/engine/net/smb/codec/files/create-contexts.ts';
import type { FileFacts } from '../../../../src/engine/net/smb/codec/files/file-facts.ts';
import type { FileId } from '../../../../src/engine/net/smb/codec/protocol/file-id.ts';
import { decodeEntries } from '../../../../src/engine/net/smb/codec/queries/directory-entries.ts';
import {
  decodeIds,
  decodePreauth,
  type NegotiateContext,
} from '../../../../src/engine/net/smb/codec/session/negotiate-contexts.ts';

/*
 * Values of our decoder by the names that tshark gives to the same fields. A list has the values of a
 * field that occurs several times.
 */

export type Value = string | number | bigint | Buffer | readonly Value[];
export type Fields = Readonly<Record<string, Value>>;
/** Decodes a message and returns its fields. */
export type Reader = (message: Uint8Array) => Fields;

export const fid = ({ persistent, volatile }: FileId): Fields => {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(persistent, 0);
  bytes.writeBigUInt64LE(volatile, 8);
  return { 'smb2.fid': guidFromBytes(bytes) };
};

const UNIX_EPOCH = 116_444_736_000_000_000n;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A FILETIME as tshark writes it; it shows 0 as the start of 1970. */
export function time(value: bigint): string {
  const ticks = value === 0n ? 0n : value - UNIX_EPOCH;
  const date = new Date(Number(ticks / 10_000n));
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const fraction = String((ticks % 10_000_000n) * 100n).padStart(9, '0');
  const clock = date.toISOString().slice(11, 19);
  return `${MONTHS[date.getUTCMonth()]} ${day}, ${date.getUTCFullYear()} ${clock}.${fraction} UTC`;
}

export const facts = (file: FileFacts): Fields => ({
  'smb2.create.time': time(file.creationTime),
  'smb2.last_access.time': time(file.accessTime),
  'smb2.last_write.time': time(file.writeTime),
  'smb2.last_change.time': time(file.changeTime),
  'smb2.allocation_size': file.allocationSize,
  'smb2.eof': file.endOfFile,
  'smb2.file_attribute': file.attributes,
});

export function negotiateContexts(contexts: readonly NegotiateContext[]): Fields {
  const data = (type: number): Buffer | undefined =>
    contexts.find((each) => each.type === type)?.data;
  const ids = (type: number, name: string): Value => {
    const found = data(type);
    return found === undefined ? [] : decodeIds(found, name, 'smb.request');
  };
  const first = data(1);
  const preauth = first === undefined ? undefined : decodePreauth(first, 'smb.request');
  const [ciphers, signings] = [ids(2, 'ENCRYPTION'), ids(8, 'SIGNING')] as [Value[], Value[]];
  const context = 'smb2.negotiate_context';
  return {
    [`${context}.type`]: contexts.map(({ type }) => type),
    [`${context}.data_length`]: contexts.map((each) => each.data.length),
    [`${context}.hash_alg_count`]: preauth === undefined ? [] : preauth.hashes.length,
    [`${context}.hash_algorithm`]: preauth?.hashes ?? [],
    [`${context}.salt_length`]: preauth === undefined ? [] : preauth.salt.length,
    [`${context}.salt`]: preauth?.salt ?? [],
    [`${context}.cipher_count`]: data(2) === undefined ? [] : ciphers.length,
    [`${context}.cipher_id`]: ciphers,
    [`${context}.signing_alg_count`]: data(8) === undefined ? [] : signings.length,
    [`${context}.signing_id`]: signings,
    [`${context}.netname`]: data(5)?.toString('utf16le') ?? [],
  };
}

export const createContextNames = (contexts: readonly CreateContext[]): Fields => ({
  'smb2.tag': contexts.map(({ name }) =>
    name.length === 16 ? guidFromBytes(Buffer.from(name, 'latin1')) : name,
  ),
});

export const infoLevel = (infoType: number, infoClass: number): Fields => {
  const kind = ['', 'file_info', 'fs_info', 'sec_info', 'quota_info'][infoType] ?? 'other';
  return { 'smb2.class': infoType, [`smb2.${kind}.infolevel`]: infoClass };
};

/** Fields of the entries in the output of QUERY_DIRECTORY. */
export function entryFields(output: Buffer): Fields {
  const entries = decodeEntries(output);
  const all = entries.map(({ facts: file }) => facts(file));
  const names = Object.keys(all[0] ?? {});
  return {
    'smb2.filename': entries.map(({ name }) => name),
    'smb2.file_id': entries.map(({ id }) => id),
    ...Object.fromEntries(names.map((name) => [name, all.map((each) => each[name] as Value)])),
  };
}
