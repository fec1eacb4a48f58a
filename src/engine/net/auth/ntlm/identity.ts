import { parseUserName } from '../contract/user-name.ts';
import { AV, avText, type AvPairs } from './messages/av-pairs.ts';

/** User and domain as NTLM messages have them. */
export interface NtlmIdentity {
  readonly user: string;
  readonly domain: string;
}

/**
 * Returns the names for a user's name in any spelling. `user@domain` is a user without domain, which
 * the host resolves itself; `.\user` is an account of the host, whose name is in its CHALLENGE.
 */
export function ntlmIdentity(text: string, targetInfo: AvPairs): NtlmIdentity {
  const name = parseUserName(text);
  switch (name.kind) {
    case 'domain':
      return { user: name.user, domain: name.domain };
    case 'principal':
      return { user: `${name.user}@${name.domain}`, domain: '' };
    case 'local':
      return { user: name.user, domain: avText(targetInfo, AV.nbComputerName) ?? '' };
    case 'plain':
      return { user: name.user, domain: '' };
  }
}
