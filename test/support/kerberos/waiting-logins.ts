/**
 * Starts logins with a KDC that never answers and reports what the rest of the process notices: how
 * late timers are, and whether files can still be read, for which libuv's threads are needed.
 */
import { readFile } from 'node:fs/promises';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { kerberosInitiator } from '../../../src/engine/net/auth/gss/gss-initiator.ts';

const LOGINS = 5;
const timeout = 1500;
const credential = { user: 'olga', password: new Secret('x') };
const input = { credential, service: 'HTTP', host: 'localhost', channelBinding: undefined };

const aborted = new AbortController();
setTimeout(() => aborted.abort(new Error('cancelled by the user')), 300);

let latest = 0;
let last = performance.now();
const ticking = setInterval(() => {
  latest = Math.max(latest, performance.now() - last - 10);
  last = performance.now();
}, 10);

const started = performance.now();
const logins = Array.from({ length: LOGINS }, async (_, at) => {
  const options = at === 0 ? { timeout, signal: aborted.signal } : { timeout };
  const context = kerberosInitiator(input, options);
  try {
    await context.step(undefined);
    return 'complete';
  } catch (error) {
    return isEngineError(error) ? error.code : String(error);
  } finally {
    context.close();
  }
});
const reading = performance.now();
await readFile(import.meta.filename);
const read = performance.now() - reading;
const results = await Promise.all(logins);
clearInterval(ticking);
const report = { results, latest, read, took: performance.now() - started };
process.stdout.write(`${JSON.stringify(report)}\n`, () => {
  // The native calls still wait; a normal exit would wait for them.
  process.kill(process.pid, 'SIGKILL');
});
