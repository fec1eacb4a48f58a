import { authError } from '../contract/auth-errors.ts';
import type { ErrorCode } from '../../../api/codes.ts';

/** Base of the codes of Kerberos: RFC 4120 7.5.9 from 0, those of the libraries from 128. */
const KRB5 = -1765328384;
/** Base of the codes of MIT's Kerberos mechanism (gssapi_err_krb5.et). */
const MECHANISM = 39756032;

/** Facts about the login, for the words of its errors. */
export interface GssSituation {
  /** User as it was given; undefined: the ticket cache. */
  readonly user: string | undefined;
  /** Service principal, such as `HTTP/hv01.example.org`. */
  readonly service: string;
}

type AuthCode = Extract<ErrorCode, `http.auth.${string}`>;

interface Meaning {
  readonly code: AuthCode;
  readonly says: (situation: GssSituation) => string;
  /** No password was compared. */
  readonly uncounted?: boolean;
}

const wrongPassword: Meaning = {
  code: 'http.auth.failed',
  says: ({ user }) => `The password of ${user ?? 'the user'} is wrong`,
};
const noTicket: Meaning = {
  code: 'http.auth.noTicket',
  says: () =>
    'No password was given, and the ticket cache has no ticket of a user. Run kinit, or give user and password',
};
const oldTicket: Meaning = {
  code: 'http.auth.noTicket',
  says: () => 'The ticket in the ticket cache has expired. Run kinit, or give user and password',
};
const unknownUser: Meaning = {
  code: 'http.auth.failed',
  uncounted: true,
  says: ({ user }) =>
    `The realm has no user ${user ?? ''}. Check the user name and the domain; a local account of the host needs NTLM`,
};
const unknownService: Meaning = {
  code: 'http.auth.spn',
  says: ({ service }) =>
    `The realm has no service ${service}. Use the host's full DNS name instead of an address or an alias, or register the name with setspn`,
};
const clock: Meaning = {
  code: 'http.auth.clock',
  says: () =>
    'The clock of this computer differs from that of the domain controller or the host by more than Kerberos allows (5 minutes by default). Set the time',
};
const unknownRealm: Meaning = {
  code: 'http.auth.kdc',
  says: ({ user }) =>
    `No domain controller is known for the realm of ${user ?? 'the ticket'}. Check the domain, its SRV records in DNS, or [realms] in krb5.conf`,
};
const silentKdc: Meaning = {
  code: 'http.auth.kdc',
  says: () =>
    'No domain controller of the realm answers. Check the network and port 88, or [realms] in krb5.conf',
};
const otherKey: Meaning = {
  code: 'http.auth.peer',
  says: ({ service }) =>
    `The host cannot decrypt the ticket of ${service}: the name belongs to another computer or account, or its keytab is out of date`,
};
const expired: Meaning = {
  code: 'http.auth.expired',
  says: ({ user }) => `The password of ${user ?? 'the user'} has expired. Set a new one`,
};
const accountExpired: Meaning = {
  code: 'http.auth.expired',
  says: ({ user }) => `The account ${user ?? 'of the user'} has expired`,
};
const locked: Meaning = {
  code: 'http.auth.locked',
  says: ({ user }) =>
    `The account ${user ?? 'of the user'} is locked or disabled. An administrator of the domain can unlock it`,
};
const policy: Meaning = {
  code: 'http.auth.locked',
  says: ({ user }) =>
    `A policy of the domain forbids ${user ?? 'the user'} this login: hours, workstations, or Protected Users`,
};
const noConfiguration: Meaning = {
  code: 'http.auth.kdc',
  says: () =>
    'krb5.conf names no default realm, and the user has no domain. Write the user as user@domain',
};

/** Meanings of minor status codes, relative to their base. Texts of the library are never read. */
const MEANINGS = new Map<number, Meaning>([
  [KRB5 + 1, accountExpired],
  [KRB5 + 6, unknownUser],
  [KRB5 + 7, unknownService],
  [KRB5 + 12, policy],
  [KRB5 + 18, locked],
  [KRB5 + 23, expired],
  [KRB5 + 24, wrongPassword],
  [KRB5 + 31, wrongPassword],
  [KRB5 + 32, oldTicket],
  [KRB5 + 33, clock],
  [KRB5 + 35, otherKey],
  [KRB5 + 37, clock],
  [KRB5 + 41, otherKey],
  [KRB5 + 44, otherKey],
  [KRB5 + 45, otherKey],
  [KRB5 + 68, unknownRealm],
  [KRB5 + 141, noTicket],
  [KRB5 + 142, noTicket],
  [KRB5 + 148, clock],
  [KRB5 + 154, unknownRealm],
  [KRB5 + 156, silentKdc],
  [KRB5 + 195, noTicket],
  [KRB5 + 210, wrongPassword],
  [KRB5 + 220, silentKdc],
  [KRB5 + 224, noConfiguration],
  [MECHANISM + 0, noTicket],
  [MECHANISM + 2, noTicket],
  [MECHANISM + 12, noTicket],
]);

/** Routine errors of RFC 2744 3.9.1, shifted right by 16. */
const ROUTINE: Readonly<Partial<Record<number, AuthCode>>> = {
  4: 'http.auth.peer', // GSS_S_BAD_BINDINGS
  6: 'http.auth.token', // GSS_S_BAD_SIG
  9: 'http.auth.token', // GSS_S_DEFECTIVE_TOKEN
  11: 'http.auth.noTicket', // GSS_S_CREDENTIALS_EXPIRED
};

/** Whether a major status is an error (RFC 2744 3.9.1), not information such as "continue". */
export function isFailure(major: number): boolean {
  return major >>> 16 !== 0;
}

/** Returns the error of a failed call of a login. */
export function gssFailure(
  call: string,
  major: number,
  minor: number,
  situation: GssSituation,
): Error {
  // The library's codes are signed, its status words are not.
  const code = minor | 0;
  const meaning = MEANINGS.get(code);
  const data = { call, major: major >>> 0, minor: code, service: situation.service };
  if (meaning !== undefined) {
    const counted = meaning.uncounted === true ? { counted: false } : {};
    return authError(meaning.code, `Kerberos: ${meaning.says(situation)}`, {
      data: { ...data, ...counted },
    });
  }
  const other = ROUTINE[(major >>> 16) & 0xff] ?? 'http.auth.system';
  const status = `major 0x${(major >>> 0).toString(16)}, minor ${code}`;
  const text =
    other === 'http.auth.token'
      ? `the token of ${situation.service} is invalid (${status})`
      : `${call} failed (${status})`;
  return authError(other, `Kerberos: ${text}`, { data });
}
