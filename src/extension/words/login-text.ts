import * as vscode from 'vscode';
import type { HostTest } from '../../engine/api/host.ts';

const { t } = vscode.l10n;

/** The part of a test that tells how the engine logged in, and with which rights it runs on the host itself. */
export type LoginFacts = Pick<
  HostTest,
  'host' | 'mechanism' | 'sealed' | 'fallback' | 'elevated' | 'findings'
>;

/** Names of the mechanisms of a login. */
export const MECHANISMS: Readonly<Record<NonNullable<HostTest['mechanism']>, () => string>> = {
  kerberos: () => t('Kerberos'),
  ntlm: () => t('NTLM'),
  basic: () => t('Basic'),
  certificate: () => t('client certificate'),
};

/** Mechanism and protection of a login; '' if the engine does not tell. */
export function loginText({
  host,
  mechanism,
  sealed,
  fallback,
}: Omit<LoginFacts, 'elevated' | 'findings'>): string {
  if (mechanism === null) return '';
  const name = MECHANISMS[mechanism]();
  const protection = sealed
    ? t('messages sealed')
    : host.toLowerCase().startsWith('https:')
      ? t('over TLS')
      : t('messages readable, on this machine only');
  const text = `${name}, ${protection}`;
  return fallback === null ? text : `${text}. ${t('Kerberos was not possible: {0}', fallback)}`;
}
