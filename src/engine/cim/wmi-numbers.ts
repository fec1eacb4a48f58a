/**
 * Numbers that WMI and Windows give for failed calls (wbemcli.h: 0x8004xxxx, winerror.h), over
 * every transport. Decisions are made by these alone, since texts are localised.
 */

/** Meaning of a number; each transport has an error code for each. */
export type WmiMeaning =
  | 'accessDenied'
  | 'notFound'
  | 'invalidSelectors'
  | 'cannotProcessFilter'
  | 'timedOut'
  | 'busy'
  | 'schema'
  | 'noClass'
  | 'noNamespace'
  | 'notSupported'
  | 'internal';

export interface WmiNumber {
  readonly meaning: WmiMeaning;
  /** In our words; a host's own text is in its language. */
  readonly words: string;
}

/** A provider whose process ended during a call may have carried it out. */
export const ENDED_DURING_CALL = 0x800706be;

/** Rows of the table: meaning, then number and words of each. */
type Group = readonly [WmiMeaning, ...(readonly [number, string])[]];

const GROUPS: readonly Group[] = [
  [
    'accessDenied',
    [0x80070005, 'access is denied'],
    [0x80041003, 'WMI denies the account access'],
    [0x80041062, 'the account lacks a privilege in WMI'],
  ],
  ['notFound', [0x80041002, 'no such object']],
  [
    'invalidSelectors',
    [0x8004102f, 'a parameter of the method is wrong, or its object is addressed without keys'],
  ],
  [
    'cannotProcessFilter',
    [0x80041017, 'the query is invalid'],
    [0x80041018, 'the query language is not known'],
  ],
  ['timedOut', [0x80041069, 'WMI did not finish within its time limit']],
  [
    'busy',
    [0x80041033, 'WMI is shutting down'],
    [0x8004106c, 'a quota of WMI is exhausted'],
    [0x8004100a, 'WMI met a critical error'],
    [0x80041006, 'WMI is out of memory'],
    [0x800706ba, 'the service vmms or WMI does not run'],
    [ENDED_DURING_CALL, 'the service vmms or WMI ended during the call'],
    [0x800706bf, 'the service vmms or WMI ended before the call'],
    [0x80010108, 'the service vmms or WMI was restarted'],
  ],
  [
    'schema',
    [0x80041008, 'a parameter is invalid'],
    [0x8004103a, 'an object path is invalid'],
    [0x80041005, 'a value does not have the type that the class declares'],
  ],
  ['noClass', [0x80041010, 'the class does not exist: this version of Hyper-V does not have it']],
  ['noNamespace', [0x8004100e, 'the namespace does not exist: the role is not installed']],
  [
    'notSupported',
    [0x8004100c, 'the operation is not supported'],
    [0x8004102e, 'the class does not have this method'],
    [0x80041055, 'the method is disabled'],
    [0x80041024, 'the provider does not support the operation'],
  ],
  [
    'internal',
    [0x80041001, 'the provider failed'],
    [0x80041004, 'the provider failed'],
    [0x80041011, 'the provider is not registered'],
    [0x80041013, 'the provider cannot be loaded'],
  ],
];

/** Known numbers. */
export const WMI_NUMBERS: ReadonlyMap<number, WmiNumber> = new Map(
  GROUPS.flatMap(([meaning, ...rows]) =>
    rows.map(([number, words]) => [number, { meaning, words }]),
  ),
);

const FACILITIES: readonly (readonly [mask: number, value: number, words: string])[] = [
  [0xffff0000, 0x80330000, 'an error of WinRM'],
  [0xfffff000, 0x80041000, 'an error of WMI'],
  [0xfffff000, 0x80042000, 'an error of the Volume Shadow Copy Service'],
  [0xffff0000, 0x80370000, 'an error of Hyper-V'],
  [0xffff0000, 0xc0370000, 'an error of Hyper-V'],
  [0xffff0000, 0xc03a0000, 'an error of virtual disks'],
  [0xffff0000, 0x80070000, 'an error of Windows'],
  [0xffff0000, 0x80090000, 'an error of the security service'],
];

/** Describes an unknown number by the part of Windows that it comes from; undefined for others. */
export const facilityWords = (number: number): string | undefined =>
  FACILITIES.find(([mask, value]) => (number & mask) >>> 0 === value)?.[2];
