import * as vscode from 'vscode';
import type { CertificateInfo } from '../../engine/api/host.ts';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import { formatTime } from '../words/format.ts';
import { canonicalUrl, usesTls } from '../settings/host-address.ts';
import { hostLabel, saveHost, type HostSetting } from '../settings/hosts.ts';
import { confirm } from '../ask/messages.ts';

const { t } = vscode.l10n;

/** Which certificates are trusted: those that the machine's authorities vouch for, and those that the person compared. */
export class Certificates {
  readonly #engine: Engine;
  /** Addresses that authorities vouch for, in this window: the engine checks each connection anyway. */
  readonly #vouched = new Set<string>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The fingerprint to hold the host to; null: its authorities decide. undefined: not trusted, or nobody may be asked. */
  async pin(
    host: HostSetting,
    timeoutSeconds: number,
    ask: boolean,
  ): Promise<string | null | undefined> {
    if (!usesTls(host.url)) return null;
    if (host.fingerprint !== undefined) return host.fingerprint;
    // The engine checks it against the person's own authority.
    if (host.caFile !== undefined) return null;
    const url = canonicalUrl(host.url);
    if (this.#vouched.has(url)) return null;
    const shown = await this.#engine.request(requests.certificate, { url, timeoutSeconds });
    if (shown.trusted) {
      this.#vouched.add(url);
      return null;
    }
    if (!ask) return undefined;
    const question = t('The certificate of {0} is not known to this machine.', hostLabel(host));
    return (await this.#trust(host, shown, question, [])) ? shown.fingerprint : undefined;
  }

  /** After a change was refused: shows the new certificate beside the one that was trusted, and trusts it where the person says so. */
  async review(host: HostSetting, timeoutSeconds: number): Promise<boolean> {
    const url = canonicalUrl(host.url);
    const shown = await this.#engine.request(requests.certificate, { url, timeoutSeconds });
    if (shown.fingerprint === host.fingerprint) return true;
    this.#vouched.delete(url);
    const before =
      host.fingerprint === undefined
        ? []
        : [t('Trusted until now: {0}', grouped(host.fingerprint))];
    const question =
      host.fingerprint === undefined
        ? t('The certificate of {0} is not known to this machine.', hostLabel(host))
        : t('The certificate of {0} is another one than before. Was it renewed?', hostLabel(host));
    return this.#trust(host, shown, question, before);
  }

  async #trust(
    host: HostSetting,
    shown: CertificateInfo,
    question: string,
    before: readonly string[],
  ): Promise<boolean> {
    const lines = [
      t('SHA-256 fingerprint: {0}', grouped(shown.fingerprint)),
      ...before,
      t('Subject: {0}', shown.subject),
      t('Issuer: {0}', shown.issuer),
      t('Valid: {0} to {1}', formatTime(shown.validFrom), formatTime(shown.validTo)),
      ...(shown.problem === null ? [] : [t('Why this is asked: {0}', shown.problem)]),
      t('Compare the fingerprint with the host’s before you trust it. Nothing has been sent yet.'),
    ];
    if (!(await confirm(question, lines, t('Trust This Certificate')))) return false;
    await saveHost({ ...host, fingerprint: shown.fingerprint }, host);
    return true;
  }
}

/** Groups of four are easier to compare. */
const grouped = (hex: string): string => hex.replaceAll(/(.{4})(?=.)/g, '$1 ');
