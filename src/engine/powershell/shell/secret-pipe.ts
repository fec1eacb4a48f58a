import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A new name of a pipe, which nobody can guess. */
export const pipeName = (): string => `refpoint-${randomBytes(16).toString('hex')}`;

/**
 * Returns where a pipe of .NET is: on Windows in the name space of pipes, elsewhere a socket in the
 * folder of temporary files.
 */
const pipePath = (name: string): string =>
  process.platform === 'win32'
    ? String.raw`\\.\pipe` + `\\${name}`
    : path.join(tmpdir(), `CoreFxPipe_${name}`);

/** Writes a secret into a pipe that the shell has made, and closes it. */
export function writeSecret(name: string, secret: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const pipe = connect(pipePath(name));
    pipe.once('error', reject);
    pipe.once('connect', () => {
      pipe.end(secret, 'utf8');
    });
    pipe.once('close', () => {
      resolve();
    });
    pipe.resume();
  });
}
