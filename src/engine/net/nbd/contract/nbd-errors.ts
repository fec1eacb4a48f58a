import { defineErrors } from '../../../base/errors.ts';

export const nbdError = defineErrors({
  /** Not the address of an export, or one that is not on this computer. */
  'nbd.address': { permanent: true, userFixable: true },
  /** Nobody listens at the address, or not in time. */
  'nbd.unreachable': { userFixable: true },
  /** The server has no export of that name. */
  'nbd.export': { permanent: true, userFixable: true },
  /** The server wants something first that is not supported: TLS, for example. */
  'nbd.refused': { permanent: true, userFixable: true },
  /** The server broke the protocol; the connection is closed. */
  'nbd.answer': { permanent: true },
  /** The server could not carry out a request; its number is in `errno`. */
  'nbd.failed': {},
  /** The connection ended. */
  'nbd.lost': {},
  /** A request was not answered in time; the connection is closed. */
  'nbd.timeout': {},
  /** A client broke the protocol; the connection is closed. */
  'nbd.request': { permanent: true },
  /** The place to listen at cannot be used. */
  'nbd.listen': { permanent: true, userFixable: true },
});
