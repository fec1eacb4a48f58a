import * as vscode from 'vscode';
import { STEPS } from './next-step.ts';
import { means, type ErrorMeaning } from './error-meaning.ts';

const { t } = vscode.l10n;

const strangeAnswer = means(
  () => t('The host answered something that is not understood.'),
  STEPS.showFindings,
);

/** Meanings of the codes about connections to hosts. */
export const CONNECTION_ERRORS = {
  'http.unreachable': means(() => t('The host cannot be reached.'), STEPS.connect, STEPS.editHost),
  'http.lost': means(() => t('The connection to the host was lost.'), STEPS.connect),
  'http.timeout': means(() => t('The host did not answer in time.'), STEPS.connect, STEPS.editHost),
  'http.tls.unknownCertificate': means(
    () => t('The certificate of the host is not trusted. Nothing was sent to it.'),
    STEPS.reviewCertificate,
  ),
  'http.tls.fingerprint': means(
    () =>
      t(
        'The certificate of the host is not the one that was trusted. Nothing was sent to it: somebody may stand in between, or the host was given a new one.',
      ),
    STEPS.reviewCertificate,
  ),
  'http.tls.plain': means(
    () => t('Plain HTTP is spoken at that port: use an http address, or the port of HTTPS.'),
    STEPS.editHost,
  ),
  'http.tls.expected': means(
    () => t('TLS is spoken at that port: use an https address, or the port of plain HTTP.'),
    STEPS.editHost,
  ),
  'http.auth.missing': means(() => t('The host wants a user and a password.'), STEPS.editHost),
  'http.auth.failed': means(
    () => t('The host refused the user or the password.'),
    STEPS.enterPassword,
    STEPS.editHost,
  ),
  'http.auth.scheme': means(
    () => t('The host offers no way of logging in that Refpoint speaks yet.'),
    STEPS.editHost,
  ),
  'http.auth.plain': means(
    () => t('A password would cross the network readable. Use an https address.'),
    STEPS.editHost,
  ),
  'http.auth.clock': means(
    () =>
      t(
        'The clocks of this computer and of the domain differ too much for Kerberos. Set the time.',
      ),
    STEPS.connect,
  ),
  'http.auth.downgrade': means(
    () =>
      t(
        'The login was rejected because a protection is missing: the host does not support it, or somebody in between removed it.',
      ),
    STEPS.editHost,
  ),
  'http.auth.expired': means(
    () => t('The password or the account has expired. Set a new password, or use another account.'),
    STEPS.enterPassword,
    STEPS.editHost,
  ),
  'http.auth.kdc': means(
    () =>
      t(
        'No domain controller answers for Kerberos. Check the network, the name of the domain and /etc/krb5.conf.',
      ),
    STEPS.connect,
    STEPS.editHost,
  ),
  'http.auth.library': means(
    () => t('A library of the system that this login needs is missing.'),
    STEPS.showFindings,
    STEPS.editHost,
  ),
  'http.auth.locked': means(
    () => t('The account is locked or disabled. An administrator of the domain can enable it.'),
    STEPS.editHost,
  ),
  'http.auth.mechanism': means(
    () =>
      t('The host wants another login mechanism than the chosen one. The password was not sent.'),
    STEPS.editHost,
  ),
  'http.auth.noTicket': means(
    () => t('No valid Kerberos ticket. Run kinit, or enter a password.'),
    STEPS.enterPassword,
    STEPS.editHost,
  ),
  'http.auth.peer': means(
    () => t('The host could not prove its identity. No request was sent to it.'),
    STEPS.editHost,
  ),
  'http.auth.sealed': means(
    () => t('A message of the host was altered on its way, or is not sealed. It was discarded.'),
    STEPS.connect,
  ),
  'http.auth.spn': means(
    () =>
      t('The domain has no service with the name of this host. Use the full DNS name of the host.'),
    STEPS.editHost,
  ),
  'http.auth.system': means(
    () => t('The security library of this system cannot log in.'),
    STEPS.showFindings,
    STEPS.editHost,
  ),
  'http.auth.token': means(
    () => t('The host’s answer to the login is invalid.'),
    STEPS.showFindings,
    STEPS.editHost,
  ),
  'http.auth.unprotected': means(
    () => t('The login offers no sealed messages, which plain HTTP needs. Use an https address.'),
    STEPS.editHost,
  ),
  'http.unavailable': means(
    () => t('The service of the host does not take requests now. Try again later.'),
    STEPS.connect,
  ),
  'http.url': means(() => t('This is not the address of a host.'), STEPS.editHost),
  http: means(() => t('The host’s answer is not WS-Management.'), STEPS.editHost),

  'wsman.fault.accessDenied': means(
    () => t('The user may not do this on the host. Administrators and Hyper-V Administrators may.'),
    STEPS.editHost,
  ),
  'wsman.fault.noNamespace': means(() => t('The host has no Hyper-V role.'), STEPS.editHost),
  'wsman.fault.timedOut': means(() => t('The host took too long.'), STEPS.connect),
  'wsman.fault.busy': means(() => t('The host is busy.'), STEPS.connect),
  'wsman.fault.quota': means(() => t('The host is busy.'), STEPS.connect),
  'wsman.fault': means(() => t('The host refused the request.'), STEPS.showFindings),
  wsman: strangeAnswer,
  'powershell.connect': means(
    () => t('PowerShell cannot open a session with the host.'),
    STEPS.editHost,
  ),
  'powershell.locked': means(
    () => t('A policy of this computer does not let Refpoint use PowerShell.'),
    STEPS.editHost,
  ),
  'powershell.missing': means(
    () => t('PowerShell reaches Hyper-V only from Windows.'),
    STEPS.editHost,
  ),
  'powershell.fault.accessDenied': means(
    () => t('You may not do this on this host. Administrators and Hyper-V Administrators may.'),
    STEPS.editHost,
  ),
  'powershell.fault.noNamespace': means(() => t('The host has no Hyper-V role.'), STEPS.editHost),
  'powershell.fault.busy': means(() => t('The host is busy.'), STEPS.connect),
  'powershell.fault.timedOut': means(() => t('The host took too long.'), STEPS.connect),
  'powershell.timedOut': means(() => t('The host took too long.'), STEPS.connect),
  'powershell.fault': means(() => t('The host refused the request.'), STEPS.showFindings),
  powershell: means(() => t('PowerShell gave no answer.'), STEPS.connect, STEPS.showLog),
  xml: strangeAnswer,
  'nbd.address': means(() => t('This is not the address of an NBD export on this computer.')),
  nbd: means(() => t('The disk cannot be exchanged over NBD.'), STEPS.showLog),
} satisfies Readonly<Record<string, ErrorMeaning>>;
