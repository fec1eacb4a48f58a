import type { ErrorCode } from '../../../api/codes.ts';
import { WINRM_NUMBERS } from '../../../cim/winrm-numbers.ts';
import { WMI_NUMBERS } from '../../../cim/wmi-numbers.ts';

export type FaultCode = Extract<ErrorCode, `wsman.fault.${string}`>;

/** Meaning of a fault's number. */
export interface KnownFault {
  readonly code: FaultCode;
  /** In our words; a host's own text is in its language. */
  readonly words: string;
}

/** Known faults by their number. */
export const KNOWN_FAULTS: ReadonlyMap<number, KnownFault> = new Map(
  [...WINRM_NUMBERS, ...WMI_NUMBERS].map(
    ([number, { meaning, words }]) => [number, { code: `wsman.fault.${meaning}`, words }] as const,
  ),
);

/** Status codes of CIM (DSP0200 5.3), as OMI and CIM_Error tell them. */
export const CIM_STATUS: ReadonlyMap<number, KnownFault> = new Map([
  [1, { code: 'wsman.fault.internal', words: 'the provider failed' }],
  [2, { code: 'wsman.fault.accessDenied', words: 'access is denied' }],
  [3, { code: 'wsman.fault.noNamespace', words: 'the namespace does not exist' }],
  [4, { code: 'wsman.fault.schema', words: 'a parameter is invalid' }],
  [5, { code: 'wsman.fault.noClass', words: 'the class does not exist' }],
  [6, { code: 'wsman.fault.notFound', words: 'no such object' }],
  [7, { code: 'wsman.fault.notSupported', words: 'the operation is not supported' }],
  [13, { code: 'wsman.fault.schema', words: 'a value has the wrong type' }],
  [14, { code: 'wsman.fault.cannotProcessFilter', words: 'the query language is not known' }],
  [15, { code: 'wsman.fault.cannotProcessFilter', words: 'the query is invalid' }],
  [16, { code: 'wsman.fault.notSupported', words: 'the method is not available' }],
  [17, { code: 'wsman.fault.notSupported', words: 'the class does not have this method' }],
  [21, { code: 'wsman.fault.invalidContext', words: 'the enumeration has ended or expired' }],
  [27, { code: 'wsman.fault.quota', words: 'the host has too many requests' }],
]);
