import { defineErrors } from '../../base/errors.ts';
import { withKinds } from '../../cim/cim-errors.ts';

const refused = { permanent: true } as const;
const fixable = { permanent: true, userFixable: true } as const;

const codes = defineErrors({
  /** This system has no Windows PowerShell with the CIM cmdlets. */
  'powershell.missing': fixable,
  /** The shell may not run scripts: constrained language mode. */
  'powershell.locked': fixable,
  /** The shell ended, was killed, or did not start. */
  'powershell.ended': {},
  'powershell.timedOut': {},
  /** The shell wrote something else than an answer. */
  'powershell.answer': {},
  /** The session with another computer was refused. */
  'powershell.connect': { userFixable: true },
  'powershell.fault.accessDenied': fixable,
  'powershell.fault.notFound': refused,
  'powershell.fault.invalidSelectors': refused,
  'powershell.fault.cannotProcessFilter': refused,
  'powershell.fault.timedOut': {},
  'powershell.fault.busy': {},
  'powershell.fault.schema': refused,
  'powershell.fault.noClass': refused,
  /** The namespace does not exist: the Hyper-V role is not installed. */
  'powershell.fault.noNamespace': fixable,
  'powershell.fault.notSupported': refused,
  'powershell.fault.internal': {},
  'powershell.fault.other': {},
});

/**
 * Errors of the transport PowerShell. Those of refused calls carry `number` (0 without one),
 * `id` and `text` in their data.
 */
export const powershellError = withKinds(codes, {
  'powershell.missing': 'unreachable',
  'powershell.locked': 'unreachable',
  'powershell.connect': 'unreachable',
  'powershell.fault.accessDenied': 'denied',
  'powershell.fault.notFound': 'notFound',
  'powershell.fault.invalidSelectors': 'badKeys',
  'powershell.fault.cannotProcessFilter': 'badQuery',
  'powershell.fault.timedOut': 'timedOut',
  'powershell.fault.busy': 'busy',
  'powershell.fault.schema': 'refused',
  'powershell.fault.noClass': 'noClass',
  'powershell.fault.noNamespace': 'noNamespace',
  'powershell.fault.notSupported': 'refused',
  'powershell.fault.internal': 'refused',
  'powershell.fault.other': 'refused',
});
