import type { Secret } from '../../../net/auth/contract/secret.ts';

/**
 * Logins of the lab, as strict as Windows. Start reading at `auth-front.ts`: it decides about each
 * request, and remembers the login of each socket.
 */

/** Names that the lab may offer, in the order of Windows. */
export const LAB_SCHEMES = ['negotiate', 'kerberos', 'ntlm', 'basic'] as const;
export type LabScheme = (typeof LAB_SCHEMES)[number];

/** Names in WWW-Authenticate. */
export const SCHEME_WORDS: Readonly<Record<LabScheme, string>> = {
  negotiate: 'Negotiate',
  kerberos: 'Kerberos',
  ntlm: 'NTLM',
  basic: 'Basic',
};

export interface LabLogins {
  readonly offers: readonly LabScheme[];
  /** Name of the computer and of its one account. */
  readonly machineName: string;
  readonly user: string;
  readonly password: Secret;
  /** File with the keys of the service, for Kerberos. */
  readonly keytab?: string | undefined;
  /**
   * Principals that may log in with Kerberos: `name@REALM`, or `name` for any realm. undefined: the
   * name of the account.
   */
  readonly kerberosUsers?: readonly string[] | undefined;
  /**
   * Bodies without encryption over plain HTTP. `loopback`: with Basic only, which Windows does not
   * allow; the lab does, since it listens on loopback.
   */
  readonly unencrypted: 'off' | 'loopback' | 'on';
}

/** Whether a principal may log in. Names and realms have no case, as in Windows. */
export function mayLogIn(principal: string, { kerberosUsers, user }: LabLogins): boolean {
  const whole = principal.toLowerCase();
  const name = whole.replace(/@[^@]*$/, '');
  return (kerberosUsers ?? [user]).some((each) => [whole, name].includes(each.toLowerCase()));
}

/** Switches of the lab that change logins while it runs. */
export interface LoginFaults {
  /** The account is locked: every login is refused. */
  locked(): boolean;
  /** A policy of the computer refuses NTLM. */
  ntlmDisabled(): boolean;
}
