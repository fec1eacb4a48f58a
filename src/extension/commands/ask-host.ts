import * as vscode from 'vscode';
import { canonicalUrl, type HostSetting } from '../hosts.ts';

const { t } = vscode.l10n;

/** Address, then user. What cannot be an address, or would send a password readable over a network, is said while one types. */
export async function askHost(title: string, old?: HostSetting): Promise<HostSetting | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    step: 1,
    prompt: t('Address of the host’s WinRM, such as https://hv01:5986'),
    value: old?.url ?? '',
    placeHolder: 'https://hv01:5986',
    ignoreFocusOut: true,
    validateInput: (text) => validateAddress(text),
  } as vscode.InputBoxOptions);
  if (typed === undefined) return undefined;
  const user = await vscode.window.showInputBox({
    title,
    prompt: t('User who may manage Hyper-V there: DOMAIN\\user, user@domain or user'),
    value: old?.user ?? 'Administrator',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? t('A user is needed') : undefined),
  });
  if (user === undefined) return undefined;
  return { ...old, url: canonicalUrl(completeAddress(typed)), user: user.trim() };
}

/** `hv01` means https://hv01:5986. */
function completeAddress(text: string): string {
  const trimmed = text.trim();
  return /^[a-z]+:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
}

/** What is wrong with an address, or undefined. */
export function validateAddress(text: string): string | undefined {
  if (text.trim() === '') return t('An address is needed');
  let url: URL;
  try {
    url = new URL(completeAddress(text));
  } catch {
    return t('This is not an address; https://hv01:5986 would be');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return t('http or https was expected, not {0}', url.protocol.replace(':', ''));
  }
  if (url.username !== '' || url.password !== '') {
    return t('Leave user and password out; they are asked for');
  }
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !loopback) {
    return t('Over http a password could be read on the way; use https except on this machine');
  }
  return undefined;
}
