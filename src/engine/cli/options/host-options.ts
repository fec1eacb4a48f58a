import fs from 'node:fs/promises';
import { Secret, type Credential } from '../../net/auth/contract/secret.ts';
import type { AuthenticationChoice } from '../../net/auth/contract/scheme.ts';
import { connectHost } from '../../hosts/connect-host.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { cliError, usage } from '../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../contract/command.ts';
import { choice, localPath, wholeNumber } from './option-values.ts';

export const HOST_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  host: { type: 'value', value: 'URL', help: 'https://hv01:5986; or REFPOINT_HOST.' },
  user: {
    type: 'value',
    value: 'NAME',
    help: 'DOMAIN\\user, user@domain or user; or REFPOINT_USER.',
  },
  auth: {
    type: 'value',
    value: 'HOW',
    help: 'auto or basic; ntlm, kerberos and certificate are not supported yet.',
  },
  ca: { type: 'value', value: 'FILE', help: 'PEM file of the authority or certificate to trust.' },
  'tls-fingerprint': {
    type: 'value',
    value: 'SHA256',
    help: 'Trust only this certificate.',
  },
  timeout: { type: 'value', value: 'SECONDS', help: 'Time limit of one request; default 60.' },
  'password-stdin': { type: 'flag', help: 'Read the password from the first line of stdin.' },
  'credential-file': {
    type: 'value',
    value: 'FILE',
    help: 'A file with the password that only you can read.',
  },
};

/** Connects to the host of the options, runs `work`, and disconnects. */
export async function withHost<T>(
  context: Context,
  work: (host: HypervBackupHost) => Promise<T>,
): Promise<T> {
  const host = await hostOf(context);
  try {
    return await work(host);
  } finally {
    await host.close();
  }
}

async function hostOf(context: Context): Promise<HypervBackupHost> {
  const { options, io } = context;
  const url = options.text('host') ?? io.env['REFPOINT_HOST'];
  if (url === undefined || url === '')
    throw usage('--host (or REFPOINT_HOST) is required, such as https://hv01:5986');
  if (url === 'local') {
    throw cliError(
      'not-yet',
      'The host “local” is not supported yet; use the address of its WinRM, http://localhost:5985',
    );
  }
  const authentication = choice<AuthenticationChoice>(
    context,
    'auth',
    ['auto', 'basic', 'ntlm', 'kerberos', 'certificate'],
    'auto',
  );
  const caFile = options.text('ca');
  const fingerprint = options.text('tls-fingerprint');
  return connectHost({
    url,
    credential: await credentialOf(context),
    authentication,
    tls: {
      ...(caFile === undefined
        ? {}
        : { ca: await fs.readFile(localPath(context, caFile), 'utf8') }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
    },
    timeoutSeconds: wholeNumber(context, 'timeout', 1, 3600) ?? 60,
    log: context.log,
  });
}

/**
 * Returns the credential; undefined if no user is named. The password never comes from the command
 * line.
 */
async function credentialOf(context: Context): Promise<Credential | undefined> {
  const { options, io } = context;
  const user = options.text('user') ?? io.env['REFPOINT_USER'];
  if (user === undefined || user === '') return undefined;
  const file = options.text('credential-file');
  if (options.flag('password-stdin')) {
    const [line = ''] = (await io.readStdin()).split(/\r?\n/);
    return { user, password: new Secret(line) };
  }
  if (file !== undefined)
    return { user, password: await readCredentialFile(localPath(context, file)) };
  const password = io.env['REFPOINT_PASSWORD'];
  if (password !== undefined) return { user, password: new Secret(password) };
  throw usage(
    'A password is required: use REFPOINT_PASSWORD, --password-stdin or --credential-file',
  );
}

/**
 * Reads a credential file. Rejects a file that other users can read, except on Windows, where Node
 * does not report the permissions.
 */
async function readCredentialFile(file: string): Promise<Secret> {
  const { mode } = await fs.stat(file).catch((error: unknown) => {
    throw cliError('credential.file', `${file} cannot be read: ${(error as Error).message}`, {
      data: { path: file },
    });
  });
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw cliError('credential.file', `${file} can be read by other users: run chmod 600 on it`, {
      data: { path: file, found: (mode & 0o777).toString(8), expected: '600' },
    });
  }
  const [line = ''] = (await fs.readFile(file, 'utf8')).split(/\r?\n/);
  return new Secret(line);
}
