import { isEngineError } from '../../../base/errors.ts';
import { BASE_ALLOCATION, INFO, OPTION, REPLY } from '../codec/constants.ts';
import {
  encodeBlockSizes,
  encodeExportInfo,
  encodeInfoText,
  encodeMetaContext,
  encodeServer,
} from '../codec/option-answers.ts';
import { decodeContextQuestion, decodeExportQuestion } from '../codec/option-data.ts';
import { BLOCK_SIZES, exportFacts, isNameOf, type Offer } from './offer.ts';

/** Agreement of server and client before the first request. */
export interface Agreed {
  readonly structured: boolean;
  /** The client chose the context `base:allocation`. */
  readonly allocation: boolean;
}

interface OptionReply {
  readonly type: number;
  readonly data: Uint8Array;
}

interface Answer {
  /** The last one is the acknowledgement, or an error. */
  readonly replies: readonly OptionReply[];
  readonly agreed: Agreed;
}

/** Identity of `base:allocation` in block status; there is no other context. */
export const ALLOCATION_ID = 1;

/** Answers an option other than NBD_OPT_EXPORT_NAME; nothing but values, no input and output. */
export function answerOption(
  option: number,
  data: Uint8Array,
  agreed: Agreed,
  offer: Offer,
): Answer {
  try {
    return answer(option, data, agreed, offer);
  } catch (error) {
    if (!isEngineError(error, 'nbd.request')) throw error;
    return { replies: [refusal(REPLY.invalid, error.message)], agreed };
  }
}

function answer(option: number, data: Uint8Array, agreed: Agreed, offer: Offer): Answer {
  switch (option) {
    case OPTION.abort:
      return { replies: [ACK], agreed };
    case OPTION.list:
      return { replies: list(data, offer), agreed };
    case OPTION.info:
    case OPTION.go:
      return { replies: describe(data, offer), agreed };
    case OPTION.structuredReply:
      if (data.length > 0) return { replies: [refusal(REPLY.invalid, 'expected no data')], agreed };
      return { replies: [ACK], agreed: { ...agreed, structured: true } };
    case OPTION.listMetaContext:
      return { replies: contexts(data, agreed, offer, inList), agreed };
    case OPTION.setMetaContext: {
      const replies = contexts(data, agreed, offer, inChoice);
      // Even one that fails replaces the choice made before.
      return { replies, agreed: { ...agreed, allocation: replies.length > 1 } };
    }
    default:
      return { replies: [refusal(REPLY.unsupported, `option ${option} is not supported`)], agreed };
  }
}

function list(data: Uint8Array, offer: Offer): OptionReply[] {
  if (data.length > 0) return [refusal(REPLY.invalid, 'expected no data')];
  if (!offer.listed) return [refusal(REPLY.policy, 'this server lists no names')];
  return [{ type: REPLY.server, data: encodeServer(offer.name) }, ACK];
}

function describe(data: Uint8Array, offer: Offer): OptionReply[] {
  const { name, infos } = decodeExportQuestion(data);
  if (!isNameOf(offer, name)) return [NO_SUCH_EXPORT];
  const info = (body: Uint8Array): OptionReply => ({ type: REPLY.info, data: body });
  const replies = [info(encodeExportInfo(exportFacts(offer))), info(encodeBlockSizes(BLOCK_SIZES))];
  if (infos.includes(INFO.name)) replies.push(info(encodeInfoText(INFO.name, offer.name)));
  if (infos.includes(INFO.description)) {
    replies.push(info(encodeInfoText(INFO.description, offer.description)));
  }
  return [...replies, ACK];
}

function contexts(
  data: Uint8Array,
  agreed: Agreed,
  offer: Offer,
  fits: (queries: readonly string[]) => boolean,
): OptionReply[] {
  if (!agreed.structured) return [refusal(REPLY.invalid, 'structured replies come first')];
  const { name, queries } = decodeContextQuestion(data);
  if (!isNameOf(offer, name)) return [NO_SUCH_EXPORT];
  if (!fits(queries)) return [ACK];
  const found = encodeMetaContext({ id: ALLOCATION_ID, name: BASE_ALLOCATION });
  return [{ type: REPLY.metaContext, data: found }, ACK];
}

/** A list without queries is a list of all; a namespace stands for all that is in it. */
const inList = (queries: readonly string[]): boolean =>
  queries.length === 0 || queries.includes('base:') || inChoice(queries);
const inChoice = (queries: readonly string[]): boolean => queries.includes(BASE_ALLOCATION);

const refusal = (type: number, why: string): OptionReply => ({ type, data: Buffer.from(why) });
const ACK: OptionReply = { type: REPLY.ack, data: new Uint8Array(0) };
/** Says nothing of the right name. */
const NO_SUCH_EXPORT = refusal(REPLY.unknown, 'no export has this name');
