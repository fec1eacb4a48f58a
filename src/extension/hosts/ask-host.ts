import * as vscode from 'vscode';
import { canonicalUrl } from '../settings/hosts.ts';
import { askText } from '../ask/ask-text.ts';

const { t } = vscode.l10n;

/** Asks for the address of a host, canonical in the answer. Returns undefined if it is cancelled. */
export async function askAddress(title: string, value = ''): Promise<string | undefined> {
  const typed = await askText({
    title,
    prompt: t('Address of the host’s WinRM, such as https://hv01:5986'),
    value,
    placeHolder: 'https://hv01:5986',
    validate: addressProblem,
  });
  return typed === undefined ? undefined : canonicalUrl(completeAddress(typed));
}

export async function askUser(title: string, value = 'Administrator'): Promise<string | undefined> {
  const typed = await askText({
    title,
    prompt: t('User who may manage Hyper-V there: DOMAIN\\user, user@domain or user'),
    value,
    validate: userProblem,
  });
  return typed?.trim();
}

/** `hv01` means https://hv01:5986. */
function completeAddress(text: string): string {
  const trimmed = text.trim();
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
}

/** Returns the problem with an address, or undefined. */
function addressProblem(text: string): string | undefined {
  if (text.trim() === '') return t('An address is needed');
  const complete = completeAddress(text);
  if (!URL.canParse(complete)) return t('This is not an address; https://hv01:5986 would be');
  const url = new URL(complete);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return t('http or https was expected, not {0}', url.protocol.replace(':', ''));
  }
  if (url.username !== '' || url.password !== '') {
    return t('Leave user and password out; they are asked for');
  }
  if (!['', '/', '/wsman'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    return t('Nothing may follow host and port');
  }
  const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !loopback) {
    return t('Over http a password could be read on the way; use https except on this machine');
  }
  return undefined;
}

function userProblem(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return t('A user is needed');
  if (/[:\p{Cc}]/u.test(trimmed))
    return t('A user’s name holds no colon and no invisible character');
  return undefined;
}
