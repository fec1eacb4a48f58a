import fs from 'node:fs/promises';
import { LAB_SCHEMES, type LabScheme } from '../../../lab/wsman/auth/lab-logins.ts';
import type { LabStart } from '../../../lab/host/lab-host.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { choice, localPath } from '../../options/option-values.ts';

/** Options of `lab start` for logging in. */
export const LAB_LOGIN_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  auth: {
    type: 'value',
    value: 'LIST',
    help: 'Offered schemes: negotiate,kerberos,ntlm,basic. Default negotiate,basic.',
  },
  keytab: { type: 'value', value: 'FILE', help: 'Keys of HTTP/HOST, for Kerberos.' },
  'kerberos-user': {
    type: 'values',
    value: 'NAME',
    help: 'A principal that may log in: name@REALM, or a name of any realm; default the account of the lab.',
  },
  unencrypted: {
    type: 'value',
    value: 'HOW',
    help: 'on or off: plain messages over HTTP. By default with Basic only.',
  },
  'client-ca': {
    type: 'value',
    value: 'FILE',
    help: 'PEM file of an authority whose client certificates log in over HTTPS.',
  },
  'windows-defaults': {
    type: 'flag',
    help: 'Like a host as installed: negotiate,kerberos over HTTP, nothing unencrypted.',
  },
};

export type LabLogin = Pick<
  LabStart,
  'offers' | 'keytab' | 'kerberosUsers' | 'unencrypted' | 'clientAuthority'
>;

export async function labLogin(context: Context): Promise<LabLogin> {
  const { options } = context;
  const keytab = options.text('keytab');
  const authority = options.text('client-ca');
  const own = ['auth', 'unencrypted', 'client-ca', 'https-port'].find(
    (name) => options.text(name) !== undefined,
  );
  const file = keytab === undefined ? undefined : localPath(context, keytab);
  const named = options.texts('kerberos-user');
  const kerberosUsers = named.length === 0 ? undefined : named;
  if (options.flag('windows-defaults')) {
    if (own !== undefined) throw usage(`Give either --windows-defaults or --${own}`);
    return { offers: ['negotiate', 'kerberos'], keytab: file, kerberosUsers, unencrypted: 'off' };
  }
  return {
    offers: offersOf(options.text('auth')),
    keytab: file,
    kerberosUsers,
    unencrypted:
      options.text('unencrypted') === undefined
        ? undefined
        : choice(context, 'unencrypted', ['on', 'off'] as const, 'off'),
    clientAuthority:
      authority === undefined
        ? undefined
        : await fs.readFile(localPath(context, authority), 'utf8'),
  };
}

function offersOf(text: string | undefined): readonly LabScheme[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const unknown = names.find((name) => !(LAB_SCHEMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw usage(`Invalid value “${unknown}” of --auth: expected ${LAB_SCHEMES.join(', ')}`);
  }
  return LAB_SCHEMES.filter((name) => names.includes(name));
}
