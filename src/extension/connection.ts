import * as vscode from 'vscode';
import type { HostTarget } from '../engine/api/host.ts';
import { requests } from '../engine/api/methods.ts';
import type { Engine } from './engine/engine.ts';
import { hostLabel, saveHost, type HostSetting } from './hosts.ts';
import type { Passwords } from './secrets.ts';

const { t } = vscode.l10n;

/** Turns a host of the settings into a target: certificate first, then the password; nothing secret is sent before that. */
export class Connections {
  readonly #engine: Engine;
  readonly #passwords: Passwords;

  constructor(engine: Engine, passwords: Passwords) {
    this.#engine = engine;
    this.#passwords = passwords;
  }

  /**
   * undefined where the person was asked and gave up, or where `ask` is false and something would have to be asked.
   * The host may come back with a fingerprint that was just trusted.
   */
  async target(host: HostSetting, ask: boolean): Promise<HostTarget | undefined> {
    const timeoutSeconds = vscode.workspace
      .getConfiguration('refpoint')
      .get<number>('requestTimeout', 60);
    const fingerprint = await this.#fingerprint(host, timeoutSeconds, ask);
    if (fingerprint === undefined) return undefined;
    const password = await this.#password(host, ask);
    if (password === undefined) return undefined;
    return {
      url: host.url,
      authentication: host.authentication ?? 'auto',
      user: host.user ?? '',
      password,
      fingerprint,
      ca: null,
      timeoutSeconds,
    };
  }

  /** Asks for the password, proves it, and keeps it. */
  async login(host: HostSetting): Promise<boolean> {
    const password = await this.#askPassword(host);
    if (password === undefined) return false;
    await this.#passwords.store(host, password);
    return true;
  }

  async #password(host: HostSetting, ask: boolean): Promise<string | undefined> {
    if (host.user === undefined || host.user === '') return '';
    const known = await this.#passwords.get(host);
    if (known !== undefined || !ask) return known;
    return (await this.login(host)) ? this.#passwords.get(host) : undefined;
  }

  #askPassword(host: HostSetting): Thenable<string | undefined> {
    return vscode.window.showInputBox({
      title: t('Password of {0} on {1}', host.user ?? '', hostLabel(host)),
      prompt: t('It is kept in the secret storage of the editor.'),
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) => (text === '' ? t('A password is needed') : undefined),
    });
  }

  /** null: nothing to pin. undefined: not trusted. */
  async #fingerprint(
    host: HostSetting,
    timeoutSeconds: number,
    ask: boolean,
  ): Promise<string | null | undefined> {
    if (!host.url.toLowerCase().startsWith('https:')) return null;
    if (host.fingerprint !== undefined) return host.fingerprint;
    const shown = await this.#engine.request(requests.certificate, {
      url: host.url,
      timeoutSeconds,
    });
    if (shown.trusted) return null;
    if (!ask) return undefined;
    const trust = t('Trust This Certificate');
    const detail = [
      t('SHA-256 fingerprint: {0}', grouped(shown.fingerprint)),
      t('Subject: {0}', shown.subject),
      t('Issuer: {0}', shown.issuer),
      t('Valid to: {0}', shown.validTo),
      t('Why it is asked: {0}', shown.problem ?? ''),
      t('Compare the fingerprint with the host’s before you trust it. Nothing has been sent yet.'),
    ].join('\n');
    const chosen = await vscode.window.showWarningMessage(
      t('The certificate of {0} is not known to this machine.', hostLabel(host)),
      { modal: true, detail },
      trust,
    );
    if (chosen !== trust) return undefined;
    await saveHost({ ...host, fingerprint: shown.fingerprint }, host);
    return shown.fingerprint;
  }
}

/** Groups of four are easier to compare. */
const grouped = (hex: string): string => hex.replaceAll(/(.{4})(?=.)/g, '$1 ');
