import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CLI } from './places.ts';

/** Runs the command and answers its document; rejects where it fails. */
export async function runRefpoint<T>(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...words, '--json'], {
    env: { ...process.env, ...environment },
    maxBuffer: 2 ** 26,
    timeout: 60_000,
  });
  return JSON.parse(stdout) as T;
}
