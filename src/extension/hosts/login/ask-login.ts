import * as vscode from 'vscode';
import { askFolder, expandHome, fileProblem } from '../../ask/ask-folder.ts';
import { choose } from '../../ask/choose.ts';
import type { HostSetting } from '../../settings/hosts.ts';
import { askUser } from './ask-host.ts';
import { waysFor, type LoginWay } from './login-ways.ts';

const { t } = vscode.l10n;

/** The part of a host's settings that says how to log in. */
export type Login = Pick<HostSetting, 'authentication' | 'user' | 'certificateFile' | 'keyFile'>;

/** Asks how to log in at an address, then for what that way needs. Returns undefined if it is cancelled. */
export async function askLogin(
  title: string,
  url: string,
  before?: Login,
): Promise<Login | undefined> {
  const now = before === undefined ? undefined : (before.authentication ?? 'auto');
  const ways = waysFor(url).map((value) => ({
    label: value.label(),
    detail: value.detail(),
    ...(value.name === now ? { description: t('as now') } : {}),
    icon: value.icon,
    value,
  }));
  const placeHolder = t('How to log in');
  const way = await choose<LoginWay>(title, ways, { always: true, placeHolder });
  if (way === undefined) return undefined;
  const authentication = way.name === 'auto' ? {} : { authentication: way.name };
  if (way.name === 'certificate') {
    const files = await askCertificate(title, before ?? {});
    return files === undefined ? undefined : { ...authentication, ...files };
  }
  if (way.user === 'none') return authentication;
  const user = await askLoginUser(title, way, before?.user);
  if (user === undefined) return undefined;
  return user === '' ? authentication : { ...authentication, user };
}

/** The user for a way; '' if none is named. */
export const askLoginUser = (
  title: string,
  way: LoginWay,
  value?: string,
): Promise<string | undefined> =>
  askUser(
    way.user === 'optional'
      ? { title, value: value ?? '', empty: t('Empty: the user of this machine’s ticket') }
      : { title, ...(value === undefined ? {} : { value }) },
  );

async function askCertificate(
  title: string,
  { certificateFile = '', keyFile = '' }: Login,
): Promise<Login | undefined> {
  const certificate = await askPem(title, t('PEM file of the client certificate'), certificateFile);
  if (certificate === undefined) return undefined;
  const usual = keyFile === '' ? certificate.replace(/\.(?:crt|cer|pem)$/i, '.key') : keyFile;
  const key = await askPem(title, t('PEM file of its private key'), usual);
  return key === undefined ? undefined : { certificateFile: certificate, keyFile: key };
}

/** Asks for a PEM file of this machine. Returns undefined if it is cancelled. */
export async function askPem(
  title: string,
  prompt: string,
  value: string,
  mayBeEmpty = false,
): Promise<string | undefined> {
  const typed = await askFolder({
    title,
    prompt,
    value,
    placeHolder: process.platform === 'win32' ? 'D:\\keys\\backup.pem' : '/home/me/backup.pem',
    openLabel: t('Choose'),
    file: true,
    validate: (text) => (mayBeEmpty && text.trim() === '' ? undefined : fileProblem(text)),
  });
  return typed === undefined ? undefined : expandHome(typed);
}
