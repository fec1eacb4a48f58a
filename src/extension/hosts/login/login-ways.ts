import * as vscode from 'vscode';
import { isLoopback, isThisComputer, usesTls } from '../../settings/host-address.ts';
import type { Authentication, HostSetting } from '../../settings/hosts.ts';

const { t } = vscode.l10n;

/** A way to log in, as people choose it. */
export interface LoginWay {
  readonly name: Authentication;
  readonly label: () => string;
  readonly detail: () => string;
  readonly icon: string;
  /** `optional`: the system knows a user, whose ticket it has. */
  readonly user: 'needed' | 'optional' | 'none';
  /** `optional`: an empty one is an answer. */
  readonly secret: 'needed' | 'optional' | 'none';
  /** Returns the reason why the way cannot be used with an address, or undefined. */
  readonly objection: (url: string) => string | undefined;
}

const anywhere = (): undefined => undefined;
const overTls = (url: string): string | undefined =>
  usesTls(url) ? undefined : t('A client certificate needs https');
const basicObjection = (url: string): string | undefined =>
  usesTls(url) || isLoopback(url)
    ? undefined
    : t('Basic sends the password itself: it needs https, except on this machine');

const USUAL: LoginWay = {
  name: 'auto',
  label: () => t('User and Password'),
  detail: () => t('The strongest way that the host offers: Kerberos, then NTLM'),
  icon: 'account',
  user: 'needed',
  secret: 'needed',
  objection: anywhere,
};

/** The way of this computer, which PowerShell asks as the user who started the editor. */
const HERE: LoginWay = {
  name: 'auto',
  label: () => t('The User Who Runs the Editor'),
  detail: () => t('Windows decides by the rights of that user'),
  icon: 'person',
  user: 'none',
  secret: 'none',
  objection: anywhere,
};

/** Every way, the usual first. */
const LOGIN_WAYS: readonly LoginWay[] = [
  USUAL,
  {
    name: 'sspi',
    label: () => t('The User Who Is Logged On'),
    detail: () => t('Logs in as the current Windows user, without a user name and a password'),
    icon: 'person',
    user: 'none',
    secret: 'none',
    objection: anywhere,
  },
  {
    name: 'kerberos',
    label: () => t('Kerberos Only'),
    detail: () => t('With a password or the ticket of this machine, never with NTLM; for a domain'),
    icon: 'shield',
    user: 'optional',
    secret: 'optional',
    objection: anywhere,
  },
  {
    name: 'ntlm',
    label: () => t('NTLM Only'),
    detail: () => t('For a host that is in no domain, or that is known by an address only'),
    icon: 'account',
    user: 'needed',
    secret: 'needed',
    objection: anywhere,
  },
  {
    name: 'basic',
    label: () => t('Basic'),
    detail: () =>
      t('The password itself is sent, over HTTPS or to this machine; Windows has it off'),
    icon: 'unlock',
    user: 'needed',
    secret: 'needed',
    objection: basicObjection,
  },
  {
    name: 'certificate',
    label: () => t('Client Certificate'),
    detail: () => t('PEM files of a certificate, which the host maps to a local user, and its key'),
    icon: 'file-code',
    user: 'none',
    secret: 'optional',
    objection: overTls,
  },
];

/** The ways that can be used with an address from this machine. */
export const waysFor = (
  url: string,
  platform: NodeJS.Platform = process.platform,
): readonly LoginWay[] =>
  LOGIN_WAYS.filter(
    ({ name, objection }) =>
      objection(url) === undefined && (name !== 'sspi' || platform === 'win32'),
  );

/** The way of a host's settings. */
export function wayOf({ url, authentication = 'auto' }: HostSetting): LoginWay {
  if (isThisComputer(url)) return HERE;
  return LOGIN_WAYS.find(({ name }) => name === authentication) ?? USUAL;
}
