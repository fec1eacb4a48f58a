import assert from 'node:assert/strict';
import { COMMANDS } from '../../../../src/engine/net/smb/codec/commands.ts';
import { decodeError, hasErrorBody } from './error-body.ts';
import { splitChain } from '../../../../src/engine/net/smb/codec/protocol/compound.ts';
import { FLAG } from '../../../../src/engine/net/smb/codec/protocol/constants.ts';
import type { SmbHeader } from '../../../../src/engine/net/smb/codec/protocol/header.ts';
import {
  DIRECTORY_CLASS,
  QUERY_DIRECTORY,
} from '../../../../src/engine/net/smb/codec/queries/query-directory.ts';
import { entryFields, type Fields, type Value } from './field-values.ts';
import { REQUESTS } from './request-fields.ts';
import { RESPONSES } from './response-fields.ts';
import type { SeenMessage } from './tshark.ts';

/**
 * Fields that only tshark has: constants of a structure, reserved fields, what it repeats from another
 * packet or computes, and places of variable parts, which the parts themselves show.
 */
const ONLY_TSHARK =
  /^smb2\.(?:protocol_id|header_len|pid|reserved|buffer_code|response_to|response_in|time|preauth_hash|olb\.(?:offset|length)|negotiate_context\.offset|channel|channel_info_blob|channel_info_offset|channel_info_length|remaining_bytes|read_padding|read_remaining|write\.remaining|data_offset|create_flags|create\.(?:extrainfo|chain_offset)|getinfo_input_offset|setinfo_offset|setinfo_reserved|ioctl\.(?:in|out)|error\.(?:reserved|data)|previous_sesid_tree|unknown|short_name_len|next_offset|ea_size|filename\.len|flags)$/;

/** Fields that tshark repeats at an answer from its request, or that our entries of folders leave out. */
const OF_REQUEST = /^smb2\.(?:(?:find|file_info|fs_info|sec_info)\.infolevel|class|file_index)$/;

const hex = (bytes: Uint8Array): string =>
  (Buffer.from(bytes).toString('hex').match(/../g) ?? []).join(':');

function texts(value: Value): string[] {
  if (Buffer.isBuffer(value)) return [hex(value)];
  if (typeof value === 'object') return value.flatMap((each) => texts(each));
  return [String(value)];
}

/** One message of a frame, and its fields by the names of tshark. */
export interface Decoded {
  readonly name: string;
  readonly fields: Fields;
  /** Entries of a folder, if the message is an answer to the query of one. */
  readonly output?: Buffer;
}

/** Decodes the plain content of a frame. */
export function decodeFrame(content: Buffer, from: 'client' | 'server'): Decoded[] {
  const sender = from === 'client' ? 'smb.request' : 'smb.answer';
  return splitChain(content, sender).map(({ header, bytes }) => {
    const command = COMMANDS[header.command];
    assert.ok(command !== undefined);
    const name = `${command.name} ${from === 'client' ? 'request' : 'response'}`;
    const known = { ...headerFields(header, bytes) };
    if (from === 'server' && isError(header, bytes)) {
      const { contextCount, data } = decodeError(bytes);
      const error = {
        'smb2.error.context_count': contextCount,
        'smb2.error.byte_count': data.length,
      };
      return { name: `${command.name} error`, fields: { ...known, ...error } };
    }
    const fields = {
      ...known,
      ...(from === 'client' ? REQUESTS : RESPONSES).get(command.name)?.(bytes),
    };
    const isListing = from === 'server' && command.code === QUERY_DIRECTORY.code;
    return { name, fields, ...(isListing ? QUERY_DIRECTORY.decodeResponse(bytes) : {}) };
  });
}

const isError = ({ status, command }: SmbHeader, bytes: Buffer): boolean =>
  status !== 0 && hasErrorBody(bytes) && !(command === 1 && status === 0xc000_0016);

function headerFields(header: SmbHeader, bytes: Buffer): Fields {
  const isResponse = (header.flags & FLAG.response) !== 0;
  return {
    'smb2.credit.charge': header.creditCharge,
    'smb2.cmd': header.command,
    ...(isResponse
      ? { 'smb2.nt_status': header.status, 'smb2.credits.granted': header.credits }
      : {
          'smb2.channel_sequence': header.status & 0xffff,
          'smb2.credits.requested': header.credits,
        }),
    'smb2.chain_offset': header.nextCommand,
    'smb2.msg_id': header.messageId,
    ...(header.asyncId === undefined
      ? { 'smb2.tid': header.treeId }
      : { 'smb2.aid': header.asyncId }),
    'smb2.sesid': header.sessionId,
    'smb2.signature': bytes.subarray(48, 64),
  };
}

/**
 * Asserts that a message has the same values in both decoders, and that tshark found no field that
 * we do not decode. Returns the number of fields that were compared.
 */
export function assertSameFields(ours: Decoded, theirs: SeenMessage, where: string): number {
  const isKnown = theirs.get('smb2.find.infolevel')?.[0] === String(DIRECTORY_CLASS.idBoth);
  const entries = ours.output !== undefined && isKnown ? entryFields(ours.output) : {};
  const fields: Fields = { ...ours.fields, ...entries };
  let count = 0;
  for (const [field, value] of Object.entries(fields)) {
    const expected = theirs.get(field) ?? [];
    const found = texts(value);
    if (expected.length === 0 && found.join('') === '') continue;
    const isPair = field === 'smb2.olb.length' && found.length === 2;
    const wanted = isPair ? expected.toSorted((a, b) => Number(a) - Number(b)) : expected;
    assert.deepEqual(found, wanted, `${where}, ${ours.name}: ${field}`);
    count++;
  }
  const more = [...theirs.keys()].filter(
    (field) => !ONLY_TSHARK.test(field) && fields[field] === undefined,
  );
  const isAnswer = !ours.name.endsWith('request');
  const unknown = isAnswer ? more.filter((field) => !OF_REQUEST.test(field)) : more;
  assert.deepEqual(unknown, [], `${where}, ${ours.name}: fields that only tshark found`);
  return count;
}
