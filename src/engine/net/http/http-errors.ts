import { defineErrors } from '../../base/errors.ts';
import { withKinds } from '../../cim/cim-errors.ts';

const theirs = { userFixable: true } as const;

const codes = defineErrors({
  /** Connecting failed: unknown name, refused, unreachable. */
  'http.unreachable': theirs,
  /** The connection ended before the answer was complete: the request may have been carried out. */
  'http.lost': {},
  'http.timeout': {},
  'http.url': { permanent: true, userFixable: true },
  'http.status': {},
  /** 503: the service behind the port does not accept requests now. */
  'http.unavailable': {},
  'http.tooLarge': { permanent: true },
});

export const httpError = withKinds(codes, { 'http.unreachable': 'unreachable' });
