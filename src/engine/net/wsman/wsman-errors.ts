import { defineErrors } from '../../base/errors.ts';

const refused = { permanent: true } as const;

/** Errors of WS-Management. Those of faults carry `subcode`, `number` and `text` in their data. */
export const wsmanError = defineErrors({
  /** The answer is not the envelope that was expected. */
  'wsman.answer': refused,
  /** A value of an instance or a method does not have the shape that the class has. */
  'wsman.value': refused,
  'wsman.fault.notFound': refused,
  'wsman.fault.accessDenied': { permanent: true, userFixable: true },
  'wsman.fault.invalidSelectors': refused,
  'wsman.fault.cannotProcessFilter': refused,
  'wsman.fault.invalidContext': {},
  'wsman.fault.timedOut': {},
  'wsman.fault.busy': {},
  /** Refused before anything was done: too many requests of this user, or of all. */
  'wsman.fault.quota': {},
  'wsman.fault.envelopeTooLarge': {},
  'wsman.fault.schema': refused,
  'wsman.fault.noClass': refused,
  /** The namespace is not there: the Hyper-V role is not installed. */
  'wsman.fault.noNamespace': { permanent: true, userFixable: true },
  'wsman.fault.notSupported': refused,
  'wsman.fault.internal': {},
  'wsman.fault.other': {},
});
