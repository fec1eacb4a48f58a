import { isEngineError } from '../../../base/errors.ts';
import { Semaphore } from '../../../base/semaphore.ts';
import { nbdError } from '../contract/nbd-errors.ts';
import { COMMAND, MAX_REQUEST } from '../codec/constants.ts';
import { decodeRequest, REQUEST_BYTES } from '../codec/request.ts';
import { ByteBudget } from '../../../base/bytes/byte-budget.ts';
import type { NbdWire } from '../wire/nbd-wire.ts';
import { answerRequest, type Service } from './answer-request.ts';
import { negotiate } from './negotiate.ts';
import type { Offer } from './offer.ts';
import { Replier, RequestFailure } from './replier.ts';

/** Requests of one connection that are worked on at once; further ones wait unread. */
const MAX_REQUESTS = 16;
/** Bytes of replies of one connection in memory. */
const BUDGET = MAX_REQUEST;
/** Time for a client to choose the export, in milliseconds. */
const HANDSHAKE_TIME = 30_000;
/** Time for the last replies of a server that ends, in milliseconds. */
const GRACE = 1000;

/**
 * Serves one client until it leaves, breaks the protocol, or the signal fires: then requests that
 * are under way are answered with ESHUTDOWN. Throws why it ended, unless the client left.
 */
export async function serveConnection(
  wire: NbdWire,
  offer: Offer,
  signal: AbortSignal,
): Promise<void> {
  const ends = new AbortController();
  const flights = new Set<Promise<void>>();
  const stop = (): void => {
    ends.abort(signal.reason);
    const timer = setTimeout(() => wire.close(), GRACE);
    void Promise.all(flights).then(() => {
      clearTimeout(timer);
      wire.close();
    });
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const timer = setTimeout(() => wire.close(tooSlow()), HANDSHAKE_TIME);
    const agreed = await negotiate(wire, offer).finally(() => clearTimeout(timer));
    if (agreed !== undefined) {
      const service = { offer, agreed, budget: new ByteBudget(BUDGET) };
      await serveRequests(wire, service, flights, ends.signal);
      await Promise.all(flights);
    }
  } catch (error) {
    if (!isEngineError(error, 'nbd.lost')) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    // The client has left: cancel its reads.
    ends.abort();
    await Promise.all(flights);
    wire.close();
  }
}

async function serveRequests(
  wire: NbdWire,
  service: Service,
  flights: Set<Promise<void>>,
  signal: AbortSignal,
): Promise<void> {
  const places = new Semaphore(MAX_REQUESTS);
  for (;;) {
    const request = decodeRequest(await wire.read(REQUEST_BYTES));
    if (request.command === COMMAND.disconnect) return;
    if (request.command === COMMAND.write) {
      if (request.length > MAX_REQUEST) {
        throw nbdError('nbd.request', `a write of ${request.length} bytes to a read-only export`);
      }
      await wire.skip(request.length);
    }
    const leave = await places.acquire(signal);
    const reply = new Replier(wire, request.handle, service.agreed.structured);
    const flight = answerRequest(request, service, reply, signal)
      .catch((error: unknown) => reply.fail(RequestFailure.of(error, signal)))
      // A reply that cannot be written: the reader notices the end, too.
      .catch(() => wire.close())
      .finally(() => {
        leave();
        flights.delete(flight);
      });
    flights.add(flight);
  }
}

const tooSlow = (): Error =>
  nbdError('nbd.timeout', `the client chose no export within ${HANDSHAKE_TIME / 1000} s`);
