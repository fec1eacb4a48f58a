import { defineErrors } from '../../base/errors.ts';
import { withKinds } from '../../cim/cim-errors.ts';

const theirs = { userFixable: true } as const;

const codes = defineErrors({
  /** No connection: name unknown, refused, unreachable. */
  'http.unreachable': theirs,
  /** The connection ended before the answer was whole: what was asked may have been done. */
  'http.lost': {},
  'http.timeout': {},
  'http.url': { permanent: true, userFixable: true },
  'http.status': {},
  /** 503: the service behind the port does not take the request now. */
  'http.unavailable': {},
  'http.tooLarge': { permanent: true },
});

export const httpError = withKinds(codes, { 'http.unreachable': 'unreachable' });
