import { authError } from '../auth/contract/auth-errors.ts';
import { isSealedType } from '../auth/sealed/sealed-multipart.ts';
import type { Incoming } from './exchange.ts';

/**
 * Answers without protection to a client that expects it. Only their status is used: anybody on the
 * way can write one, so a fault or a result in it must never be believed.
 */

/** Statuses with which HTTP.sys or a server in between answers, before the service sees the request. */
const OF_TRANSPORT = new Set([
  301, 302, 303, 307, 308, 400, 403, 404, 405, 407, 408, 411, 413, 414, 429, 431, 502, 503, 504,
]);

/** Whether an answer to a sealed request comes from the transport, which does not seal. */
export const isOfTransport = ({ status, contentType }: Incoming): boolean =>
  OF_TRANSPORT.has(status) && !isSealedType(contentType);

/** Removes the body, so that nobody reads it. */
export const emptied = (answer: Incoming): Incoming => ({
  ...answer,
  body: Buffer.alloc(0),
  contentType: '',
});

/**
 * Checks an answer that came before the login was complete and asks for none: the status of the
 * transport. Throws `http.auth.peer` for anything that pretends to be the service.
 */
export function beforeLogin(answer: Incoming, url: URL): Incoming {
  if (answer.status === 401 || isOfTransport(answer)) return emptied(answer);
  throw authError(
    'http.auth.peer',
    `${url.host} answered ${answer.status} before the login was complete, without proving its identity. Nothing was sent to it`,
    { data: { url: url.href, status: answer.status } },
  );
}
