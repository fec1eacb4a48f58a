import type { Range } from '../../../base/range.ts';
import { encodeBlockStatus, encodeDataHead, encodeHole } from '../codec/chunks.ts';
import {
  CHUNK,
  COMMAND,
  COMMAND_FLAG,
  ERRNO,
  MAX_DESCRIPTORS,
  MAX_REQUEST,
} from '../codec/constants.ts';
import type { Request } from '../codec/request.ts';
import type { ByteBudget } from '../../../base/bytes/byte-budget.ts';
import { ALLOCATION_ID, type Agreed } from './answer-option.ts';
import { describeBlocks } from './block-status.ts';
import type { Offer } from './offer.ts';
import { planRead } from './read-plan.ts';
import { RequestFailure, type Replier } from './replier.ts';

/** Values that the requests of one connection share. */
export interface Service {
  readonly offer: Offer;
  readonly agreed: Agreed;
  /** For the bytes of replies. */
  readonly budget: ByteBudget;
}

/** Answers one request other than a disconnection. Throws {@link RequestFailure} or what reading threw. */
export async function answerRequest(
  request: Request,
  service: Service,
  reply: Replier,
  signal: AbortSignal,
): Promise<void> {
  switch (request.command) {
    case COMMAND.read:
      return answerRead(request, service, reply, signal);
    case COMMAND.blockStatus:
      return answerStatus(request, service, reply, signal);
    case COMMAND.write:
    case COMMAND.trim:
    case COMMAND.writeZeroes:
      throw new RequestFailure(ERRNO.EPERM, 'the export is read-only');
    default:
      throw new RequestFailure(ERRNO.EINVAL, `command ${request.command} is not supported`);
  }
}

async function answerRead(
  request: Request,
  service: Service,
  reply: Replier,
  signal: AbortSignal,
): Promise<void> {
  const { structured } = service.agreed;
  checkFlags(request, structured ? COMMAND_FLAG.dontFragment : 0);
  const range = rangeOf(request, service.offer);
  if (request.length > MAX_REQUEST) {
    throw new RequestFailure(ERRNO.EINVAL, `a read of more than ${MAX_REQUEST} bytes`);
  }
  const whole = !structured || (request.flags & COMMAND_FLAG.dontFragment) !== 0;
  const parts = whole
    ? [{ ...range, hole: false }]
    : await planRead(service.offer.disk, range, signal);
  for (const [i, { start, end, hole }] of parts.entries()) {
    const last = i === parts.length - 1;
    if (hole) {
      await reply.chunk(CHUNK.offsetHole, last, encodeHole(start, end - start));
      continue;
    }
    const giveBack = await service.budget.take(end - start, signal);
    try {
      const bytes = Buffer.allocUnsafe(end - start);
      await service.offer.disk.read(start, bytes, signal).catch((error: unknown) => {
        throw RequestFailure.at(start, error);
      });
      if (structured) await reply.chunk(CHUNK.offsetData, last, encodeDataHead(start), bytes);
      else await reply.simple(0, bytes);
    } finally {
      giveBack();
    }
  }
}

async function answerStatus(
  request: Request,
  service: Service,
  reply: Replier,
  signal: AbortSignal,
): Promise<void> {
  if (!service.agreed.allocation) {
    throw new RequestFailure(ERRNO.EINVAL, 'no context was chosen');
  }
  checkFlags(request, COMMAND_FLAG.requireOne);
  const range = rangeOf(request, service.offer);
  const most = (request.flags & COMMAND_FLAG.requireOne) === 0 ? MAX_DESCRIPTORS : 1;
  const found = await describeBlocks(service.offer.disk, range, most, signal);
  await reply.chunk(CHUNK.blockStatus, true, encodeBlockStatus(ALLOCATION_ID, found));
}

function checkFlags({ flags }: Request, allowed: number): void {
  if ((flags & ~allowed) === 0) return;
  throw new RequestFailure(ERRNO.EINVAL, `the flags ${flags} are not supported for this command`);
}

function rangeOf({ offset, length }: Request, { disk }: Offer): Range {
  if (length === 0) throw new RequestFailure(ERRNO.EINVAL, 'a request for no bytes');
  if (offset + BigInt(length) > BigInt(disk.size)) {
    const found = `${length} bytes at ${offset}`;
    throw new RequestFailure(ERRNO.EINVAL, `${found} of an export of ${disk.size} bytes`);
  }
  return { start: Number(offset), end: Number(offset) + length };
}
