import * as vscode from 'vscode';
import { canonicalUrl, completeAddress, isThisComputer } from '../../settings/host-address.ts';
import { askText, type TextHelp } from '../../ask/ask-text.ts';

const { t } = vscode.l10n;

/** A button of the box that explains what a host needs. */
const prepareHelp = (): TextHelp => ({
  tooltip: t('How to Prepare a Host'),
  open: () => void vscode.commands.executeCommand('refpoint.prepareHost'),
});

/**
 * Asks for the address of a host, canonical in the answer. Returns undefined if it is cancelled.
 *
 * @param objection returns the problem with a complete address, or undefined.
 */
export async function askAddress(
  title: string,
  value = '',
  objection: (url: string) => string | undefined = () => undefined,
): Promise<string | undefined> {
  const typed = await askText({
    title,
    prompt: t('Name or address of the host: hv01 means http://hv01:5985 with sealed messages'),
    value,
    placeHolder: t('hv01.corp.example, 10.0.0.5 or https://hv01:5986'),
    validate: (text) => addressProblem(text) ?? objection(completeAddress(text)),
    help: prepareHelp(),
  });
  return typed === undefined ? undefined : canonicalUrl(completeAddress(typed));
}

export interface UserQuestion {
  readonly title: string;
  readonly value?: string;
  /** Explains an empty text; absent: a user is needed. */
  readonly empty?: string;
}

/** Asks for a user; '' if none is needed and none is typed. Returns undefined if it is cancelled. */
export async function askUser({
  title,
  value = 'Administrator',
  empty,
}: UserQuestion): Promise<string | undefined> {
  const spellings = t('User who may manage Hyper-V there: DOMAIN\\user, user@domain or user');
  const typed = await askText({
    title,
    prompt: empty === undefined ? spellings : `${spellings}. ${empty}`,
    value,
    validate: (text) => (empty !== undefined && text.trim() === '' ? undefined : userProblem(text)),
  });
  return typed?.trim();
}

/** Returns the problem with an address, or undefined. */
function addressProblem(
  text: string,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (text.trim() === '') return t('An address is needed');
  const complete = completeAddress(text);
  if (isThisComputer(complete)) {
    return platform === 'win32' ? undefined : t('A computer without Windows is not a Hyper-V host');
  }
  if (!URL.canParse(complete)) {
    return t('This is not an address; hv01 or https://hv01:5986 would be');
  }
  const url = new URL(complete);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return t('http or https was expected, not {0}', url.protocol.replace(':', ''));
  }
  if (url.username !== '' || url.password !== '') {
    return t('Leave out user and password; Refpoint asks for them');
  }
  if (!['', '/', '/wsman'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    return t('Nothing may follow host and port');
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
