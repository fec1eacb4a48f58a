import { isEngineError } from '../../base/errors.ts';
import { powershellError } from '../contract/powershell-errors.ts';
import { pipeName, writeSecret } from '../shell/secret-pipe.ts';
import type { ShellSession } from '../shell/shell-session.ts';
import { marked } from './encode.ts';
import type { Prepare } from './shell-pool.ts';

/** Protocol of a CIM session. */
export type CimProtocol = 'wsman' | 'dcom';

/** Another computer, reached by a CIM session. */
export interface Computer {
  readonly name: string;
  readonly protocol: CimProtocol;
  /** null: the user who runs this program. */
  readonly login: { readonly user: string; reveal(): string } | null;
}

/** Time in which the pipe of the password is made, in milliseconds. */
const PIPE_MS = 30_000;

/**
 * Returns what prepares each new shell: for this computer nothing, for another one a CIM session.
 * It throws `powershell.connect`.
 */
export function prepareShell(computer: Computer | null, seconds: number): Prepare {
  if (computer === null) return async () => undefined;
  return async (shell, signal) => {
    try {
      await connectShell(shell, computer, seconds, signal);
    } catch (error) {
      if (!isEngineError(error) || !error.code.startsWith('powershell.fault.')) throw error;
      throw powershellError(
        'powershell.connect',
        `PowerShell cannot open a CIM session (${computer.protocol}) with ${computer.name}: ${error.message}`,
        { data: { ...error.data, computer: computer.name }, cause: error },
      );
    }
  };
}

async function connectShell(
  shell: ShellSession,
  { name, protocol, login }: Computer,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const doing = `the connection with ${name}`;
  const data = { computer: marked(name), protocol, seconds };
  const limit = (seconds + 15) * 1000;
  if (login === null) {
    await shell.call('Connect-RpHost', { ...data, user: null }, limit, signal, doing);
    return;
  }
  const pipe = pipeName();
  await shell.call('Open-RpPipe', { pipe: marked(pipe) }, PIPE_MS, signal, doing);
  // If it cannot be written, the call reports that nobody opened the pipe in time.
  writeSecret(pipe, login.reveal()).catch(() => undefined);
  await shell.call('Connect-RpHost', { ...data, user: marked(login.user) }, limit, signal, doing);
}
