import type { AcceptorMechanism } from '../../../net/auth/contract/mechanism.ts';
import { kerberosAcceptorMechanisms } from '../../../net/auth/gss/kerberos-mechanism.ts';
import type { AcceptorContext } from '../../../net/auth/contract/security-context.ts';
import { accountsOf, type NtlmAccounts } from '../../../net/auth/ntlm/accounts.ts';
import { ntlmAcceptorMechanism } from '../../../net/auth/ntlm/ntlm-mechanism.ts';
import { spnegoAcceptor } from '../../../net/auth/spnego/spnego-acceptor.ts';
import type { LabLogins, LoginFaults } from './lab-logins.ts';

/**
 * Creates the service's end of a login: Kerberos if there is a keytab, and NTLM, in SPNEGO or raw.
 * Throws if the lab does not have the mechanism.
 *
 * @param channelBinding binding of the own certificate; undefined on plain HTTP.
 * @param options `forFiles`: a login of the file server, which seals messages itself; as on Windows, an account
 *   of an unknown domain is one of the computer itself
 */
export function acceptorFor(
  word: string,
  channelBinding: Buffer | undefined,
  options: LabLogins & { readonly faults: LoginFaults; readonly forFiles?: boolean },
): AcceptorContext {
  const { machineName, user, password, keytab, faults, forFiles = false } = options;
  const names = {
    nbComputer: machineName,
    nbDomain: machineName,
    dnsComputer: machineName.toLowerCase(),
    dnsDomain: machineName.toLowerCase(),
  };
  const accounts = accountsOf(names, [{ name: `${machineName}\\${user}`, password }]);
  // A client that cannot seal logs in, as on Windows; its messages are refused later.
  const known: NtlmAccounts = forFiles
    ? { find: (identity) => accounts.find(identity) ?? accounts.find({ ...identity, domain: '' }) }
    : accounts;
  const ntlm = ntlmAcceptorMechanism({ names, accounts: known, channelBinding, sealing: false });
  const kerberos =
    keytab === undefined
      ? []
      : kerberosAcceptorMechanisms({
          keytab,
          channelBinding,
          sealing: !forFiles && channelBinding === undefined,
        });
  switch (word.toLowerCase()) {
    case 'ntlm':
      return ntlm.create();
    case 'kerberos':
      return rawKerberos(kerberos);
    default:
      return spnegoAcceptor(faults.ntlmDisabled() ? kerberos : [...kerberos, ntlm]);
  }
}

/** The HTTP scheme Kerberos has no negotiation. */
function rawKerberos([mechanism]: readonly AcceptorMechanism[]): AcceptorContext {
  if (mechanism === undefined) throw new Error('the lab has no keytab, so it has no Kerberos');
  return mechanism.create();
}
