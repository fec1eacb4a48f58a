import { createHash, timingSafeEqual } from 'node:crypto';
import type { LabLogins } from './lab-logins.ts';

/**
 * Checks Basic credentials in constant time, so that timing does not reveal how much of the password
 * was right. Returns the account's name; undefined if they are wrong.
 */
export function basicLogin(token: Buffer, logins: LabLogins): string | undefined {
  const [user = '', ...rest] = token.toString('utf8').split(':');
  const bare = user.replace(/^.*\\/, '');
  const sameUser = sameText(bare.toLowerCase(), logins.user.toLowerCase());
  const samePassword = sameText(rest.join(':'), logins.password.reveal());
  return sameUser && samePassword ? `${logins.machineName}\\${logins.user}` : undefined;
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
