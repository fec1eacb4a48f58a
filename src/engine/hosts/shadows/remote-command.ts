import { spawn } from 'node:child_process';
import { connectWsman, type WsmanTarget } from '../../net/wsman/connect-wsman.ts';
import { RemoteShell } from '../../net/wsman/shell/remote-shell.ts';
import { shellEnvironment, shellExecutable } from '../../powershell/shell/executable.ts';
import type { RunCommand } from '../../vss/diskshadow/run-diskshadow.ts';

/** Maximum number of bytes that a command of this computer may write. */
const MAX_OUTPUT = 32 * 2 ** 20;

/** Returns how a command runs on another host: in a shell of its own over WS-Management. */
export const remoteCommand =
  (target: WsmanTarget): RunCommand =>
  async (command, args, signal) => {
    const client = connectWsman(target);
    try {
      const shell = await RemoteShell.open((request, until) => client.send(request, until), signal);
      try {
        return await shell.run({ command, args }, signal);
      } finally {
        await shell.close();
      }
    } finally {
      await client.close();
    }
  };

/**
 * Returns how PowerShell runs on this computer. It is ended if `signal` fires; what it has started
 * goes on.
 */
export const localCommand = (): RunCommand => (_, args, signal) =>
  new Promise((resolve, reject) => {
    const env = shellEnvironment();
    const child = spawn(shellExecutable(), [...args], { env, windowsHide: true, signal });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    let size = 0;
    const keep = (parts: Buffer[]) => (part: Buffer) => {
      size += part.length;
      if (size > MAX_OUTPUT) child.kill();
      else parts.push(part);
    };
    child.stdin.end();
    child.stdout.on('data', keep(stdout));
    child.stderr.on('data', keep(stderr));
    child.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error));
    child.on('close', (code) =>
      resolve({
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr),
        exitCode: code ?? 1,
      }),
    );
  });
