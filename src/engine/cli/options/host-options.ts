import fs from 'node:fs/promises';
import {
  AUTHENTICATION_CHOICES,
  CIM_PROTOCOLS,
  LOCAL_HOST,
  TRANSPORT_CHOICES,
  type HostTarget,
} from '../../api/host.ts';
import { connectTarget } from '../../hosts/connect-target.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { cliError, usage } from '../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../contract/command.ts';
import { trustOf } from './certificate-options.ts';
import { choice, localPath, wholeNumber } from './option-values.ts';
import { HOST_SMB_OPTIONS, smbOptionsOf } from './smb-options.ts';
import { TRACE_OPTION } from './trace-option.ts';

export const HOST_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  host: {
    type: 'value',
    value: 'HOST',
    help: 'hv01 (encrypted messages on port 5985), https://hv01:5986, or local; or REFPOINT_HOST.',
  },
  user: {
    type: 'value',
    value: 'NAME',
    help: 'DOMAIN\\user, user@domain or user; or REFPOINT_USER.',
  },
  auth: {
    type: 'value',
    value: 'HOW',
    help: 'auto (the strongest possible), kerberos, ntlm, sspi, certificate or basic.',
  },
  'no-ntlm-fallback': { type: 'flag', help: 'With --auth auto: never log in with NTLM.' },
  cert: { type: 'value', value: 'FILE', help: 'PEM file of a client certificate, for HTTPS.' },
  key: { type: 'value', value: 'FILE', help: 'PEM file of its key.' },
  ca: { type: 'value', value: 'FILE', help: 'PEM file of the authority or certificate to trust.' },
  'tls-fingerprint': {
    type: 'value',
    value: 'SHA256',
    help: 'Trust only this certificate.',
  },
  transport: {
    type: 'value',
    value: 'HOW',
    help: 'wsman, or powershell from Windows; default: wsman, but powershell for local.',
  },
  'cim-protocol': {
    type: 'value',
    value: 'HOW',
    help: 'With --transport powershell: wsman (the default), or dcom for hosts without WinRM.',
  },
  timeout: { type: 'value', value: 'SECONDS', help: 'Time limit of one request; default 60.' },
  'password-stdin': { type: 'flag', help: 'Read the password from the first line of stdin.' },
  'credential-file': {
    type: 'value',
    value: 'FILE',
    help: 'A file with the password that only you can read.',
  },
  ...HOST_SMB_OPTIONS,
  ...TRACE_OPTION,
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

const hostOf = async (context: Context): Promise<HypervBackupHost> =>
  connectTarget(await targetOf(context), context.log, context.trace);

/** The host of the options, for a request or a job. */
export async function targetOf(context: Context): Promise<HostTarget> {
  const { options, io } = context;
  const url = options.text('host') ?? io.env['REFPOINT_HOST'];
  if (url === undefined || url === '')
    throw usage('--host (or REFPOINT_HOST) is required, such as hv01');
  const transport = transportOf(context, url);
  return {
    url,
    ...transport,
    ...(url === LOCAL_HOST ? nobody(context) : await loginOf(context)),
    clientCertificate: certificateOf(context),
    ...(await trustOf(context)),
    smb: { ...smbOptionsOf(context), servers: options.texts('smb-server') },
  };
}

/** Transport and protocol. Throws `usage` for a choice that the host contradicts. */
function transportOf(context: Context, url: string): Pick<HostTarget, 'transport' | 'cimProtocol'> {
  const transport = choice(context, 'transport', TRANSPORT_CHOICES, 'auto');
  const cimProtocol = choice(context, 'cim-protocol', CIM_PROTOCOLS, 'wsman');
  const local = url === LOCAL_HOST;
  if (local && transport === 'wsman') {
    throw usage(
      '--host local takes PowerShell; for WS-Management name the host http://localhost:5985',
    );
  }
  if (local && context.options.text('user') !== undefined) {
    throw usage('--host local asks as the user who runs the command: leave out --user');
  }
  if (cimProtocol === 'dcom' && (local || transport !== 'powershell')) {
    throw usage('--cim-protocol is for another computer with --transport powershell');
  }
  return { transport, cimProtocol };
}

/** The part of the options that every protocol of a host has: account, scheme and time limit. */
export async function loginOf(
  context: Context,
): Promise<
  Pick<HostTarget, 'authentication' | 'user' | 'password' | 'ntlmFallback' | 'timeoutSeconds'>
> {
  const authentication = choice(context, 'auth', AUTHENTICATION_CHOICES, 'auto');
  return {
    authentication,
    ...(await credentialOf(context, authentication)),
    ntlmFallback: !context.options.flag('no-ntlm-fallback'),
    timeoutSeconds: wholeNumber(context, 'timeout', 1, 3600) ?? 60,
  };
}

/** This computer is asked as the user who runs the command, whatever the environment names. */
const nobody = (context: Context): Awaited<ReturnType<typeof loginOf>> => ({
  authentication: 'auto',
  user: '',
  password: '',
  ntlmFallback: true,
  timeoutSeconds: wholeNumber(context, 'timeout', 1, 3600) ?? 60,
});

function certificateOf(context: Context): HostTarget['clientCertificate'] {
  const [cert, key] = [context.options.text('cert'), context.options.text('key')];
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) throw usage('Give both --cert and --key');
  return { certificateFile: localPath(context, cert), keyFile: localPath(context, key) };
}

/**
 * Returns user and password, both empty if no user is named. The password never comes from the
 * command line.
 */
async function credentialOf(
  context: Context,
  authentication: HostTarget['authentication'],
): Promise<Pick<HostTarget, 'user' | 'password'>> {
  const { options, io } = context;
  const user = options.text('user') ?? io.env['REFPOINT_USER'] ?? '';
  if (user === '' && options.text('cert') === undefined) return { user, password: '' };
  const password = await passwordOf(context);
  // An empty one means a ticket for Kerberos. Elsewhere it is a variable that was not set: the host
  // would count it as a wrong password.
  const given = password !== '' || authentication === 'kerberos';
  if (password !== undefined && given) return { user, password };
  // The key of a client certificate need not have a passphrase.
  if (user === '') return { user, password: '' };
  throw usage(
    'A password is required: use REFPOINT_PASSWORD, --password-stdin or --credential-file. Without --user, the login is the one of the Kerberos ticket, or of the Windows session',
  );
}

async function passwordOf(context: Context): Promise<string | undefined> {
  const { options, io } = context;
  const file = options.text('credential-file');
  if (options.flag('password-stdin')) {
    const [password = ''] = (await io.readStdin()).split(/\r?\n/);
    return password;
  }
  if (file !== undefined) return readCredentialFile(localPath(context, file));
  return io.env['REFPOINT_PASSWORD'];
}

/**
 * Reads a credential file. Rejects a file that other users can read, except on Windows, where Node
 * does not report the permissions.
 */
async function readCredentialFile(file: string): Promise<string> {
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
  return line;
}
