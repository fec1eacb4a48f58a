import * as vscode from 'vscode';
import type { HostTarget } from '../../engine/api/host.ts';
import { requests } from '../../engine/api/methods.ts';
import { askText } from '../ask/ask-text.ts';
import { Certificates } from './certificates.ts';
import { codeOf } from '../errors/own-failure.ts';
import type { Engine } from '../engine/engine.ts';
import { currentHost, hostKey, hostLabel, type HostSetting } from '../settings/hosts.ts';
import { SETTINGS } from '../contributions/setting-table.ts';
import { needsSecret, readAuthority } from './login/host-files.ts';
import { smbSettings } from '../settings/file-servers.ts';
import { wayOf } from './login/login-ways.ts';
import type { Passwords } from './secrets.ts';
import { boundedNumber } from '../settings/setting-values.ts';

const { t } = vscode.l10n;

/** Turns a host of the settings into a target: certificate first, then the password; nothing secret is sent before that. */
export class Connections {
  readonly #engine: Engine;
  readonly #passwords: Passwords;
  readonly certificates: Certificates;
  /** Hosts with an open prompt: at most one prompt for each host at a time. */
  readonly #asking = new Map<string, Promise<HostTarget | undefined>>();

  constructor(engine: Engine, passwords: Passwords) {
    this.#engine = engine;
    this.#passwords = passwords;
    this.certificates = new Certificates(engine);
  }

  /** Returns undefined if the user cancelled, or if `ask` is false and a prompt would be needed. */
  async target(host: HostSetting, ask: boolean): Promise<HostTarget | undefined> {
    // Nodes may hold a host as it was before its certificate was trusted or its folders were mapped.
    const now = currentHost(host);
    const password = await this.#known(now);
    if (!ask) return password === undefined ? undefined : this.#complete(now, password, false);
    const key = hostKey(now);
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      const work = password === undefined ? this.#login(now) : this.#complete(now, password, true);
      asking = work.finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking;
  }

  /** The host refused a password: it is not sent again by itself, which could lock the account. A newer one is kept. */
  async refused(host: HostSetting, password: string): Promise<void> {
    const now = currentHost(host);
    if ((await this.#known(now)) === password) await this.#passwords.forget(now);
  }

  /** Asks for the password even if one is stored. Returns undefined if it is cancelled. */
  async login(host: HostSetting): Promise<HostTarget | undefined> {
    return this.#login(currentHost(host));
  }

  /** The password or passphrase that is kept; '' if none is needed. */
  async #known(host: HostSetting): Promise<string | undefined> {
    return (await needsSecret(host)) ? this.#passwords.get(host) : '';
  }

  async #complete(
    host: HostSetting,
    password: string,
    ask: boolean,
  ): Promise<HostTarget | undefined> {
    const timeoutSeconds = requestTimeout();
    const fingerprint = await this.certificates.pin(host, timeoutSeconds, ask);
    if (fingerprint === undefined) return undefined;
    const { certificateFile = '', keyFile = '' } = host;
    return {
      url: host.url,
      authentication: host.authentication ?? 'auto',
      user: host.user ?? '',
      password,
      ntlmFallback: allowsNtlmFallback(),
      clientCertificate:
        host.authentication === 'certificate' ? { certificateFile, keyFile } : null,
      fingerprint,
      ca: host.caFile === undefined ? null : await readAuthority(host.caFile),
      timeoutSeconds,
      smb: smbSettings(host),
    };
  }

  /** Asks until the host accepts the password or the user cancels; stores only an accepted one. */
  async #login(host: HostSetting): Promise<HostTarget | undefined> {
    // Report a host that is not trusted or not reachable before the user types a password for it.
    const probe = await this.#complete(host, '', true);
    if (probe === undefined) return undefined;
    await this.#reach(probe);
    for (let refused = false; ; refused = true) {
      const password = await askPassword(host, refused);
      if (password === undefined) return undefined;
      this.#passwords.learn(host, password);
      const target = { ...probe, password };
      try {
        await this.#engine.request(requests.testHost, { target });
      } catch (error) {
        if (codeOf(error) === 'http.auth.failed') continue;
        // An error above HTTP means that the password was accepted; the next request reports what else fails.
        if (!isAboveHttp(error)) throw error;
      }
      await this.#passwords.store(host, password);
      return target;
    }
  }

  /** Asks the host which logins it offers, without a user: nothing secret is sent. Throws if it is not reached, or does not speak WinRM. */
  async #reach(probe: HostTarget): Promise<void> {
    const nobody = {
      authentication: 'ntlm',
      user: '',
      password: '',
      clientCertificate: null,
    } as const;
    try {
      await this.#engine.request(requests.testHost, { target: { ...probe, ...nobody } });
    } catch (error) {
      const asksForLogin = codeOf(error)?.startsWith('http.auth.') === true;
      if (!asksForLogin && !isAboveHttp(error)) throw error;
    }
  }
}

const isAboveHttp = (error: unknown): boolean => /^(?:wsman|xml|host)\./.test(codeOf(error) ?? '');

/** Seconds. */
export const requestTimeout = (): number =>
  boundedNumber(
    vscode.workspace.getConfiguration('refpoint').get<unknown>('requestTimeout'),
    SETTINGS['refpoint.requestTimeout'],
  );

/** A workspace cannot allow what the person forbids: the setting is the application's. */
const allowsNtlmFallback = (): boolean =>
  vscode.workspace.getConfiguration('refpoint').get<unknown>('ntlmFallback') !== false;

function askPassword(host: HostSetting, refused: boolean): Promise<string | undefined> {
  const { secret, name } = wayOf(host);
  const certificate = name === 'certificate';
  const optional = certificate
    ? t('Empty: the key has no passphrase.')
    : t('Empty: the ticket of this machine.');
  const kept = t('It is kept in the secret storage of the editor.');
  const prompt = refused ? t('The host refused user or password. Try again.') : kept;
  return askText({
    title: certificate
      ? t('Passphrase of {0}', host.keyFile ?? '')
      : t('Password of {0} on {1}', host.user ?? '', hostLabel(host)),
    prompt: secret === 'optional' ? `${prompt} ${optional}` : prompt,
    password: true,
    validate: (text) =>
      text === '' && secret !== 'optional' ? t('A password is needed') : undefined,
  });
}
