import { nbdError } from '../contract/nbd-errors.ts';
import { HANDSHAKE, OPTION, REPLY } from '../codec/constants.ts';
import {
  CLIENT_FLAGS_BYTES,
  decodeClientFlags,
  decodeOption,
  encodeExport,
  encodeHello,
  encodeOptionReply,
  OPTION_BYTES,
} from '../codec/handshake.ts';
import { decodeExportName } from '../codec/option-data.ts';
import type { NbdWire } from '../wire/nbd-wire.ts';
import { answerOption, type Agreed } from './answer-option.ts';
import { exportFacts, isNameOf, type Offer } from './offer.ts';

/** A client that goes on asking for longer than this never begins. */
const MAX_OPTIONS = 64;

/**
 * Answers options until the client chooses the export (the server's side of the fixed newstyle
 * handshake). Returns what was agreed on; undefined if the client ends it. Throws `nbd.request`
 * after anything that breaks the protocol, and for a wrong name where no reply is possible.
 */
export async function negotiate(wire: NbdWire, offer: Offer): Promise<Agreed | undefined> {
  await wire.write(encodeHello(HANDSHAKE.fixedNewstyle | HANDSHAKE.noZeroes));
  const flags = decodeClientFlags(await wire.read(CLIENT_FLAGS_BYTES));
  if ((flags & ~(HANDSHAKE.fixedNewstyle | HANDSHAKE.noZeroes)) !== 0) {
    throw nbdError('nbd.request', `unknown flags of the client: ${flags}`, { data: { flags } });
  }
  const zeroes = (flags & HANDSHAKE.noZeroes) === 0;
  let agreed: Agreed = { structured: false, allocation: false };
  for (let count = 0; count < MAX_OPTIONS; count++) {
    const { option, length } = decodeOption(await wire.read(OPTION_BYTES));
    const data = await wire.read(length);
    if (option === OPTION.exportName) {
      // This option has no reply that could tell of an error.
      if (!isNameOf(offer, decodeExportName(data))) {
        throw nbdError('nbd.request', 'the client asked for an export of another name');
      }
      await wire.write(encodeExport(exportFacts(offer), zeroes));
      return agreed;
    }
    const answer = answerOption(option, data, agreed, offer);
    await wire.write(
      ...answer.replies.map(({ type, data: body }) => encodeOptionReply(option, type, body)),
    );
    agreed = answer.agreed;
    const accepted = answer.replies.at(-1)?.type === REPLY.ack;
    if (option === OPTION.abort) return undefined;
    if (option === OPTION.go && accepted) return agreed;
  }
  throw nbdError('nbd.request', `the client sent ${MAX_OPTIONS} options without a choice`);
}
