import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServedFiles } from './served-files.ts';

export interface PeerOutcome {
  readonly status: number | null;
  readonly text: string;
}

/** Runs a program that speaks with a server of this process. Its output comes as one text. */
export async function runPeer(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<PeerOutcome> {
  const child = spawn(program, args, {
    ...options,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr.on('data', (piece: Buffer) => pieces.push(piece));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, text: Buffer.concat(pieces).toString() };
}

/** Runs smbclient's commands on a share of the lab. */
export function smbclient(
  program: string,
  { port, user, password }: Pick<ServedFiles, 'port' | 'user' | 'password'>,
  share: string,
  commands: string,
  options: { readonly cwd: string; readonly more?: readonly string[] },
): Promise<PeerOutcome> {
  const target = ['-p', String(port), `//127.0.0.1/${share}`, '-U', `${user}%${password}`];
  const args = [...target, ...(options.more ?? ['-m', 'SMB3']), '-c', commands];
  return runPeer(program, args, { cwd: options.cwd });
}
