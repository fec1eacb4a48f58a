import type { AcceptorContext } from '../../../net/auth/contract/security-context.ts';
import { accountsOf } from '../../../net/auth/ntlm/accounts.ts';
import { ntlmAcceptor } from '../../../net/auth/ntlm/ntlm-acceptor.ts';
import type { LabLogins, LoginFaults } from './lab-logins.ts';

const RAW_NTLM = Buffer.from('NTLMSSP\0', 'latin1');

/**
 * Creates the service's end of a login from its first token: raw NTLM, SPNEGO, or Kerberos. Throws
 * `http.auth.*` for a mechanism that the lab does not have.
 *
 * @param channelBinding binding of the own certificate; undefined on plain HTTP.
 */
export function acceptorFor(
  word: string,
  token: Buffer,
  channelBinding: Buffer | undefined,
  options: LabLogins & { readonly faults: LoginFaults },
): AcceptorContext {
  const { machineName, user, password, faults } = options;
  const names = {
    nbComputer: machineName,
    nbDomain: machineName,
    dnsComputer: machineName.toLowerCase(),
    dnsDomain: machineName.toLowerCase(),
  };
  const ntlm = (): AcceptorContext => {
    if (faults.ntlmDisabled()) throw new Error('NTLM is switched off by policy');
    const accounts = accountsOf(names, [{ name: `${machineName}\\${user}`, password }]);
    // A client that cannot seal logs in, as on Windows; its messages are refused later.
    return ntlmAcceptor({ names, accounts, channelBinding, sealing: false });
  };
  if (token.subarray(0, RAW_NTLM.length).equals(RAW_NTLM)) return ntlm();
  throw new Error(`the lab has no mechanism for this ${word} token`);
}
