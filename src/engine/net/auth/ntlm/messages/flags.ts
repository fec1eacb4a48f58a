/** Negotiate flags (MS-NLMP 2.2.2.5). */
export const FLAG = {
  unicode: 0x1,
  oem: 0x2,
  requestTarget: 0x4,
  sign: 0x10,
  seal: 0x20,
  ntlm: 0x200,
  anonymous: 0x800,
  alwaysSign: 0x8000,
  targetTypeServer: 0x20000,
  extendedSessionSecurity: 0x80000,
  targetInfo: 0x800000,
  version: 0x2000000,
  key128: 0x20000000,
  keyExchange: 0x40000000,
  key56: 0x80000000,
} as const;

export type FlagName = keyof typeof FLAG;

/** Names of the flags in MS-NLMP, for errors. */
const NAMES: Readonly<Partial<Record<FlagName, string>>> = {
  unicode: 'NEGOTIATE_UNICODE',
  sign: 'NEGOTIATE_SIGN',
  seal: 'NEGOTIATE_SEAL',
  extendedSessionSecurity: 'NEGOTIATE_EXTENDED_SESSIONSECURITY',
  targetInfo: 'NEGOTIATE_TARGET_INFO',
  key128: 'NEGOTIATE_128',
};

export function hasFlag(flags: number, name: FlagName): boolean {
  return (flags & FLAG[name]) !== 0;
}

/** Combines flags. Returns an unsigned number. */
export function combineFlags(...names: readonly FlagName[]): number {
  return names.reduce((all, name) => (all | FLAG[name]) >>> 0, 0);
}

/** Returns the names of the flags that are required but not set, separated by commas. */
export function missingFlags(flags: number, required: readonly FlagName[]): string {
  return required
    .filter((name) => !hasFlag(flags, name))
    .map((name) => NAMES[name] ?? name)
    .join(', ');
}

/** Prints flags as `0xe2888235`. */
export function formatFlags(flags: number): string {
  return `0x${flags.toString(16).padStart(8, '0')}`;
}
