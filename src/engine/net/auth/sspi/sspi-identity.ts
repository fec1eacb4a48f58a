import { isIP } from 'node:net';
import type { InitiatorInput } from '../contract/security-context.ts';
import { parseUserName } from '../contract/user-name.ts';
import type { SspiLibrary } from './sspi-library.ts';
import type { SspiMemory } from './sspi-memory.ts';

/** SEC_WINNT_AUTH_IDENTITY_UNICODE */
const UNICODE = 2;

/**
 * Returns a SEC_WINNT_AUTH_IDENTITY_W of the credential; null for the user who is logged on.
 * `user@domain` stays in the user's name, as SSPI documents it; the domain of `.\user` is the host.
 */
export function sspiIdentity(
  { credential, host }: InitiatorInput,
  library: SspiLibrary,
  memory: SspiMemory,
): bigint | null {
  if (credential === undefined) return null;
  const name = parseUserName(credential.user);
  const user = name.kind === 'principal' ? `${name.user}@${name.domain}` : name.user;
  const password = credential.password.reveal();
  const domain = name.kind === 'domain' ? name.domain : name.kind === 'local' ? computer(host) : '';
  return memory.struct(library.types.identity, {
    user: memory.text(user),
    userLength: user.length,
    domain: memory.text(domain),
    domainLength: domain.length,
    password: memory.text(password),
    passwordLength: password.length,
    flags: UNICODE,
  });
}

/** Returns the computer's name for a host's; empty for an address, since it is not known. */
function computer(host: string): string {
  return isIP(host) === 0 ? (host.split('.')[0] ?? '').toUpperCase() : '';
}
