import { isEngineError } from '../../../base/errors.ts';
import { nbdError } from '../contract/nbd-errors.ts';
import {
  BASE_ALLOCATION,
  HANDSHAKE,
  INFO,
  MAX_REQUEST,
  OPTION,
  REPLY,
} from '../codec/constants.ts';
import { Fields } from '../codec/fields.ts';
import {
  decodeHello,
  encodeClientFlags,
  encodeOption,
  EXPORT_BYTES,
  EXPORT_ZEROES,
  HELLO_BYTES,
  readExport,
  type ExportFacts,
} from '../codec/handshake.ts';
import { decodeExportInfo, decodeMetaContext, type BlockSizes } from '../codec/option-answers.ts';
import { encodeContextQuestion, encodeExportQuestion } from '../codec/option-data.ts';
import type { NbdWire } from '../wire/nbd-wire.ts';
import { askOption, type OptionAnswer } from './ask-option.ts';

/** Properties of the export, known before the first request. */
export interface Negotiated {
  readonly size: number;
  readonly sizes: BlockSizes;
  readonly structured: boolean;
  /** Identity of the context `base:allocation`; undefined if the server does not have it. */
  readonly allocation: number | undefined;
}

/** Sizes that hold for a server that states none (section “Block size constraints”). */
const DEFAULT_SIZES: BlockSizes = { minimum: 1, preferred: 4096, maximum: MAX_REQUEST };

/**
 * Chooses an export: structured replies and block status if the server has them. Throws
 * `nbd.export`, `nbd.refused`, `nbd.answer`, `nbd.lost`.
 */
export async function negotiate(wire: NbdWire, name: string): Promise<Negotiated> {
  const offered = decodeHello(await wire.read(HELLO_BYTES));
  const flags = offered & (HANDSHAKE.fixedNewstyle | HANDSHAKE.noZeroes);
  await wire.write(encodeClientFlags(flags));
  const zeroes = (flags & HANDSHAKE.noZeroes) === 0;
  if ((flags & HANDSHAKE.fixedNewstyle) === 0) {
    const { size } = await chooseByName(wire, name, zeroes);
    return { size, sizes: DEFAULT_SIZES, structured: false, allocation: undefined };
  }
  const reply = await askOption(wire, OPTION.structuredReply, new Uint8Array(0));
  const structured = isAccepted(reply, name);
  const allocation = structured ? await chooseAllocation(wire, name) : undefined;
  const question = encodeExportQuestion({ name, infos: [INFO.blockSize] });
  const chosen = await askOption(wire, OPTION.go, question);
  if (isAccepted(chosen, name)) return { ...informed(chosen), structured, allocation };
  const { size } = await chooseByName(wire, name, zeroes);
  return { size, sizes: DEFAULT_SIZES, structured, allocation };
}

async function chooseAllocation(wire: NbdWire, name: string): Promise<number | undefined> {
  const question = encodeContextQuestion({ name, queries: [BASE_ALLOCATION] });
  const answer = await askOption(wire, OPTION.setMetaContext, question);
  if (!isAccepted(answer, name)) return undefined;
  const contexts = answer.replies
    .filter(({ type }) => type === REPLY.metaContext)
    .map(({ data }) => decodeMetaContext(data));
  return contexts.find((context) => context.name === BASE_ALLOCATION)?.id;
}

/** A server ends the connection if it has no such export: this option has no reply for errors. */
async function chooseByName(wire: NbdWire, name: string, zeroes: boolean): Promise<ExportFacts> {
  await wire.write(encodeOption(OPTION.exportName, Buffer.from(name)));
  const bytes = await wire.read(EXPORT_BYTES).catch((error: unknown) => {
    throw isEngineError(error, 'nbd.lost') ? noExport(name, 'it ended the connection') : error;
  });
  const facts = readExport(new Fields(bytes, 'the export', 'nbd.answer'));
  if (zeroes) await wire.skip(EXPORT_ZEROES);
  return facts;
}

function informed({ replies }: OptionAnswer): Pick<Negotiated, 'size' | 'sizes'> {
  let size: number | undefined;
  let sizes = DEFAULT_SIZES;
  for (const { type, data } of replies) {
    const info = type === REPLY.info ? decodeExportInfo(data) : { kind: 'other' as const };
    if (info.kind === 'export') ({ size } = info.facts);
    else if (info.kind === 'sizes') ({ sizes } = info);
  }
  if (size !== undefined) return { size, sizes };
  throw nbdError('nbd.answer', 'The NBD server accepted the export without its size');
}

/** False if the server does not know the option. Throws what else it says. */
function isAccepted({ final, message }: OptionAnswer, name: string): boolean {
  if (final === REPLY.ack) return true;
  if (final === REPLY.unsupported) return false;
  if (final === REPLY.unknown) throw noExport(name, message);
  const reason = REASONS.get(final) ?? `error 0x${final.toString(16)}`;
  const said = message === '' ? '' : `: ${message}`;
  throw nbdError('nbd.refused', `The NBD server refuses the connection (${reason})${said}`, {
    data: { found: final, reason },
  });
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [REPLY.policy, 'its settings forbid it'],
  [REPLY.invalid, 'it calls the request invalid'],
  [REPLY.platform, 'its platform cannot do it'],
  [REPLY.tlsRequired, 'it requires TLS, which is not supported'],
  [REPLY.shutdown, 'it is shutting down'],
  [REPLY.blockSizeRequired, 'it requires block sizes'],
  [REPLY.tooBig, 'it calls the request too big'],
]);

function noExport(name: string, message: string): Error {
  const which = name === '' ? 'no default export' : `no export “${name}”`;
  const said = message === '' ? '' : `: ${message}`;
  return nbdError('nbd.export', `The NBD server has ${which}${said}`, { data: { name } });
}
