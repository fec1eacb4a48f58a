import type { WmiMeaning } from './wmi-numbers.ts';

/** Meaning of a number; WinRM has some that WMI does not have. */
type WinrmMeaning = WmiMeaning | 'envelopeTooLarge' | 'invalidContext' | 'quota';

/** Meaning of a number of WinRM, in our words. */
interface WinrmNumber {
  readonly meaning: WinrmMeaning;
  readonly words: string;
}

/** Rows of the table: meaning, then number and words of each. */
type Group = readonly [WinrmMeaning, ...(readonly [number, string])[]];

/**
 * Numbers of WinRM itself (wsmerror.h: 0x8033xxxx), as its faults have them and as its client reports
 * them; those of WMI and Windows are in wmi-numbers.ts. Decisions are made by these alone, since texts
 * are localised and the subcode DestinationUnreachable covers missing objects, incomplete keys, missing
 * classes and wrong addresses alike.
 */
const GROUPS: readonly Group[] = [
  [
    'accessDenied',
    [5, 'WinRM does not admit the account'],
    [0x80338105, 'the WMI namespace denies the account access'],
    [0x80338106, 'the WMI namespace does not admit the account'],
    [0x803381dd, 'the WinRM service does not accept remote requests'],
  ],
  [
    'notFound',
    [0x80338000, 'no such resource'],
    [0x80338012, 'no instance has exactly these keys'],
  ],
  [
    'invalidSelectors',
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
    'cannotProcessFilter',
    [0x80338018, 'this resource cannot be filtered'],
    [0x80338019, 'the language of the filter is not known'],
    [0x8033801a, 'the query is invalid, or its class or namespace does not exist'],
    [0x803380fb, 'a query must address all classes'],
    [0x80338122, 'the query is invalid, or its class or namespace does not exist'],
  ],
  [
    'invalidContext',
    [0x8033801b, 'the enumeration has ended or expired'],
    [0x803381ad, 'the limits of the batch differ from those of the enumeration'],
  ],
  [
    'timedOut',
    [0x80338029, 'the host did not finish within the time limit'],
    [0x80338126, 'the network is too slow'],
  ],
  ['busy', [0x80338032, 'another operation uses the resource']],
  [
    'quota',
    [0x8033803f, 'the WinRM service has too many requests'],
    [0x803381a6, 'the account has too many operations at the same time'],
    [0x803381a7, 'the account sends too many requests'],
  ],
  [
    'envelopeTooLarge',
    [0x80338035, 'the answer does not fit into an envelope'],
    [0x80338048, 'the answer is larger than the client accepts'],
    [0x80338049, 'the answer is larger than the host may send'],
  ],
  [
    'schema',
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
    'notSupported',
    [0x80338013, 'the action is not supported'],
    [0x80338042, 'a feature of the request is not supported'],
    [0x80338086, 'the mode of the enumeration is not supported'],
    [0x80338139, 'the class is not one of DMTF'],
  ],
  [
    'internal',
    [0x80338033, 'the object exists already'],
    [0x803380f9, 'the host could not decrypt the message'],
  ],
];

/** Known numbers of WinRM. */
export const WINRM_NUMBERS: ReadonlyMap<number, WinrmNumber> = new Map(
  GROUPS.flatMap(([meaning, ...rows]) =>
    rows.map(([number, words]) => [number, { meaning, words }]),
  ),
);
