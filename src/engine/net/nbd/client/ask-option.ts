import { nbdError } from '../contract/nbd-errors.ts';
import { REPLY } from '../codec/constants.ts';
import { decodeOptionReply, encodeOption, OPTION_REPLY_BYTES } from '../codec/handshake.ts';
import type { NbdWire } from '../wire/nbd-wire.ts';

/** The replies to one option. */
export interface OptionAnswer {
  /** Those before the final one. */
  readonly replies: readonly { readonly type: number; readonly data: Uint8Array }[];
  /** Type of the final one: NBD_REP_ACK, or an error. */
  readonly final: number;
  /** Text of an error. */
  readonly message: string;
}

/** A server that sends more replies to an option than this is not believed. */
const MAX_REPLIES = 64;
/** Maximum characters of a server's message in an error of ours. */
const MAX_MESSAGE = 300;
const FIRST_ERROR = 0x8000_0000;

/** Sends an option and collects the replies to it. */
export async function askOption(
  wire: NbdWire,
  option: number,
  data: Uint8Array,
): Promise<OptionAnswer> {
  await wire.write(encodeOption(option, data));
  const replies: { type: number; data: Uint8Array }[] = [];
  while (replies.length <= MAX_REPLIES) {
    const head = decodeOptionReply(await wire.read(OPTION_REPLY_BYTES), option);
    const body = await wire.read(head.length);
    if (head.type === REPLY.ack || head.type >= FIRST_ERROR) {
      const message = head.type === REPLY.ack ? '' : body.toString('utf8').slice(0, MAX_MESSAGE);
      return { replies, final: head.type, message };
    }
    replies.push({ type: head.type, data: body });
  }
  throw nbdError(
    'nbd.answer',
    `The NBD server sent more than ${MAX_REPLIES} replies to option ${option}`,
    { data: { found: replies.length, expected: MAX_REPLIES } },
  );
}
