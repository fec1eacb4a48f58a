import type { ErrorCode } from '../../../api/codes.ts';
import { authError } from '../contract/auth-errors.ts';

/** Facts about the login, for the words of its errors. */
export interface SspiSituation {
  /** User as it was given; undefined: the user who is logged on. */
  readonly user: string | undefined;
  /** Service principal, such as `HTTP/hv01.example.org`. */
  readonly service: string;
  /** Package of SSPI: Negotiate, Kerberos or NTLM. */
  readonly package: string;
}

type AuthCode = Extract<ErrorCode, `http.auth.${string}`>;
type Meaning = readonly [code: AuthCode, says: (situation: SspiSituation) => string];

const account = ({ user }: SspiSituation): string => user ?? 'The user who is logged on';
const invalidToken: Meaning = [
  'http.auth.token',
  ({ service }) => `the token of ${service} is invalid`,
];

/** Meanings of the values of SECURITY_STATUS (winerror.h). */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  0x80090302: ['http.auth.system', () => 'the package does not support this function'],
  0x80090303: [
    'http.auth.spn',
    ({ service }) =>
      `the domain has no service ${service}. Use the host's full DNS name, or register the name with setspn`,
  ],
  0x80090305: [
    'http.auth.library',
    (situation) =>
      `the security package ${situation.package} is not available. Under Wine it needs the program ntlm_auth of winbind`,
  ],
  0x80090308: invalidToken,
  0x8009030c: [
    'http.auth.failed',
    (situation) =>
      `the logon of ${account(situation)} was rejected: wrong user or password, or the account is locked or expired`,
  ],
  0x8009030d: ['http.auth.failed', (situation) => `${account(situation)} is not known`],
  0x8009030e: [
    'http.auth.noTicket',
    (situation) =>
      situation.user === undefined
        ? 'the user who is logged on has no credentials of a domain. Give user and password'
        : `there are no credentials for ${situation.user}`,
  ],
  0x80090311: [
    'http.auth.kdc',
    () => 'no domain controller answers. Check the network and the domain',
  ],
  0x80090318: invalidToken,
  0x80090321: invalidToken,
  0x80090322: [
    'http.auth.peer',
    ({ service }) =>
      `the host cannot decrypt the ticket of ${service}: the name belongs to another computer or account`,
  ],
  0x80090324: [
    'http.auth.clock',
    () => 'the clocks of this computer and of the domain controller differ too much. Set the time',
  ],
  0x80090346: [
    'http.auth.peer',
    () => 'the channel bindings do not match: TLS ends at another computer than the login',
  ],
};

/** Whether a status is an error; positive ones are information, such as "continue". */
export function isFailure(status: number): boolean {
  return (status | 0) < 0;
}

/** Returns the error of a failed call. */
export function sspiFailure(call: string, status: number, situation: SspiSituation): Error {
  const number = status >>> 0;
  const hex = `0x${number.toString(16).padStart(8, '0')}`;
  const [code, says] = MEANINGS[number] ?? ['http.auth.system', () => `${call} failed`];
  return authError(code, `SSPI (${situation.package}): ${says(situation)} (${call}, ${hex})`, {
    data: { call, status: hex, service: situation.service, package: situation.package },
  });
}
