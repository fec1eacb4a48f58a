import type { ErrorCode } from '../../../api/codes.ts';
import { WMI_NUMBERS } from '../../../cim/wmi-numbers.ts';

export type FaultCode = Extract<ErrorCode, `wsman.fault.${string}`>;

/** Meaning of a fault's number. */
export interface KnownFault {
  readonly code: FaultCode;
  /** In our words; a host's own text is in its language. */
  readonly words: string;
}

/** Rows of the table: code, then number and words of each of its faults. */
type Group = readonly [FaultCode, ...(readonly [number, string])[]];

/**
 * Numbers of faults of WinRM itself (wsmerror.h: 0x8033xxxx); those of WMI and Windows are in
 * `cim/wmi-numbers.ts`. Decisions are made by these alone, since texts are localised and the subcode DestinationUnreachable covers missing
 * objects, incomplete keys, missing classes and wrong addresses alike.
 */
const GROUPS: readonly Group[] = [
  [
    'wsman.fault.accessDenied',
    [5, 'WinRM does not admit the account'],
    [0x80338105, 'the WMI namespace denies the account access'],
    [0x80338106, 'the WMI namespace does not admit the account'],
    [0x803381dd, 'the WinRM service does not accept remote requests'],
  ],
  [
    'wsman.fault.notFound',
    [0x80338000, 'no such resource'],
    [0x80338012, 'no instance has exactly these keys'],
  ],
  [
    'wsman.fault.invalidSelectors',
    [0x8033803d, 'the keys do not fit the class'],
    [0x8033805a, 'keys are missing'],
    [0x8033805b, 'there are keys that the class does not have'],
    [0x8033805e, 'several instances have these keys'],
    [0x8033805f, 'a key is given twice'],
    [0x803380fa, 'the instance is addressed without its keys'],
    [0x8033813b, 'the namespace among the keys is not that of the address'],
    [0x803381d9, 'the class or a key of the subscription does not exist'],
  ],
  [
    'wsman.fault.cannotProcessFilter',
    [0x80338018, 'this resource cannot be filtered'],
    [0x80338019, 'the language of the filter is not known'],
    [0x8033801a, 'the query is invalid, or its class or namespace does not exist'],
    [0x803380fb, 'a query must address all classes'],
    [0x80338122, 'the query is invalid, or its class or namespace does not exist'],
  ],
  [
    'wsman.fault.invalidContext',
    [0x8033801b, 'the enumeration has ended or expired'],
    [0x803381ad, 'the limits of the batch differ from those of the enumeration'],
  ],
  [
    'wsman.fault.timedOut',
    [0x80338029, 'the host did not finish within the time limit'],
    [0x80338126, 'the network is too slow'],
  ],
  ['wsman.fault.busy', [0x80338032, 'another operation uses the resource']],
  [
    'wsman.fault.quota',
    [0x8033803f, 'the WinRM service has too many requests'],
    [0x803381a6, 'the account has too many operations at the same time'],
    [0x803381a7, 'the account sends too many requests'],
  ],
  [
    'wsman.fault.envelopeTooLarge',
    [0x80338035, 'the answer does not fit into an envelope'],
    [0x80338048, 'the answer is larger than the client accepts'],
    [0x80338049, 'the answer is larger than the host may send'],
  ],
  [
    'wsman.fault.schema',
    [0x8033800f, 'a header of the request is invalid'],
    [0x8033803a, 'a parameter of the request is invalid'],
    [0x8033803b, 'the address of the class is invalid'],
    [0x80338111, 'the request is larger than the host accepts'],
    [0x80338041, 'a value does not have the type that the class declares'],
    [0x8033807e, 'the envelope is smaller than the host requires'],
    [0x8033811e, 'a parameter of the method is invalid'],
    [0x803381f1, 'an array of bytes has the wrong form'],
  ],
  [
    'wsman.fault.notSupported',
    [0x80338013, 'the action is not supported'],
    [0x80338042, 'a feature of the request is not supported'],
    [0x80338086, 'the mode of the enumeration is not supported'],
    [0x80338139, 'the class is not one of DMTF'],
  ],
  [
    'wsman.fault.internal',
    [0x80338033, 'the object exists already'],
    [0x803380f9, 'the host could not decrypt the message'],
  ],
];

/** Known faults by their number. */
export const KNOWN_FAULTS: ReadonlyMap<number, KnownFault> = new Map([
  ...GROUPS.flatMap(([code, ...rows]) =>
    rows.map(([number, words]) => [number, { code, words }] as const),
  ),
  ...Array.from(
    WMI_NUMBERS,
    ([number, { meaning, words }]) => [number, { code: `wsman.fault.${meaning}`, words }] as const,
  ),
]);

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
