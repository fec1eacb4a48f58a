import { defineErrors } from '../../../base/errors.ts';
import { withKinds } from '../../../cim/cim-errors.ts';

const refused = { permanent: true } as const;

const codes = defineErrors({
  /** The answer is not the expected envelope. */
  'wsman.answer': refused,
  'wsman.fault.notFound': refused,
  'wsman.fault.accessDenied': { permanent: true, userFixable: true },
  'wsman.fault.invalidSelectors': refused,
  'wsman.fault.cannotProcessFilter': refused,
  'wsman.fault.invalidContext': {},
  'wsman.fault.timedOut': {},
  'wsman.fault.busy': {},
  /** Rejected before anything was done: too many requests of this user, or of all users. */
  'wsman.fault.quota': {},
  'wsman.fault.envelopeTooLarge': {},
  'wsman.fault.schema': refused,
  'wsman.fault.noClass': refused,
  /** The namespace does not exist: the Hyper-V role is not installed. */
  'wsman.fault.noNamespace': { permanent: true, userFixable: true },
  'wsman.fault.notSupported': refused,
  'wsman.fault.internal': {},
  'wsman.fault.other': {},
});

/** Errors of WS-Management. Those of faults carry `subcode`, `number` and `text` in their data. */
export const wsmanError = withKinds(codes, {
  'wsman.fault.notFound': 'notFound',
  'wsman.fault.accessDenied': 'denied',
  'wsman.fault.invalidSelectors': 'badKeys',
  'wsman.fault.cannotProcessFilter': 'badQuery',
  'wsman.fault.invalidContext': 'refused',
  'wsman.fault.timedOut': 'timedOut',
  'wsman.fault.busy': 'busy',
  'wsman.fault.quota': 'busy',
  'wsman.fault.envelopeTooLarge': 'tooLarge',
  'wsman.fault.schema': 'refused',
  'wsman.fault.noClass': 'noClass',
  'wsman.fault.noNamespace': 'noNamespace',
  'wsman.fault.notSupported': 'refused',
  'wsman.fault.internal': 'refused',
  'wsman.fault.other': 'refused',
});
