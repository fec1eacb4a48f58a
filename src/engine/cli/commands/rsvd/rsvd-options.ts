import { parseGuid, type Guid } from '../../../base/guid.ts';
import type { SharedDisk } from '../../../net/rsvd/client/shared-disk.ts';
import { withSharedDisk } from '../../../operations/rsvd/with-shared-disk.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { HOST_OPTIONS, loginOf } from '../../options/host-options.ts';
import { SMB_OPTIONS, smbOptionsOf } from '../../options/smb-options.ts';
import { TRACE_OPTION } from '../../options/trace-option.ts';

const LOGIN = ['user', 'auth', 'timeout', 'no-ntlm-fallback', 'password-stdin', 'credential-file'];

/** Options of all commands that log in to a file server. */
export const RSVD_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...Object.fromEntries(
    LOGIN.flatMap((name) => {
      const option = HOST_OPTIONS[name];
      return option === undefined ? [] : [[name, option] as const];
    }),
  ),
  ...SMB_OPTIONS,
  ...TRACE_OPTION,
};

export const UNC = { name: 'UNC', help: 'the shared disk, \\\\hv01\\shared\\disk.vhds' };
export const SNAPSHOT = { name: 'ID', help: 'the snapshot' };
export const YES: OptionSpec = { type: 'flag', help: 'Confirms the change.' };
export const FOREIGN: OptionSpec = {
  type: 'flag',
  help: 'Use a snapshot that is in no known ledger, although another product may need it.',
};

/** Opens the disk of the first argument and runs work on it. */
export async function withDisk<T>(
  context: Context,
  work: (disk: SharedDisk) => Promise<T>,
  { alone = false } = {},
): Promise<T> {
  const target = {
    path: context.args[0] ?? '',
    ...(await loginOf(context)),
    ...smbOptionsOf(context),
  };
  return withSharedDisk(target, { alone, recorder: context.trace }, work, context.signal);
}

/** Returns the snapshot of the second argument. Throws `guid.syntax`. */
export const snapshotOf = (context: Context): Guid => parseGuid(context.args[1] ?? '');

/** Throws a usage error that says what the command will do, unless it was confirmed. */
export function requireYes(context: Context, what: string): void {
  if (context.options.flag('yes')) return;
  throw usage(`${what} Confirm with --yes`);
}

/** Shows the progress of an operation of the server. */
export function progressOf(
  { progress }: Context,
  what: string,
): (current: number, complete: number) => void {
  let done = -1;
  return (current, complete) => {
    if (done < 0) {
      progress.phase(what, complete);
      done = 0;
    }
    if (current > done) progress.advance(current - done);
    done = Math.max(done, current);
  };
}
