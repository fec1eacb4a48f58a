import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { DevTools } from './devtools.ts';

export interface Chromium {
  /** Address and port of its DevTools. */
  readonly origin: string;
  readonly browser: DevTools;
}

/** What a browser of a person does by itself; and a page is drawn whether or not its window is in front. */
const QUIET = [
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

const running = new Map<string, Promise<Chromium & { end(): Promise<void> }>>();

// The test file's own end; within a test it would be that test's.
after(async () => {
  for (const started of running.values()) {
    await started.then(
      (browser) => browser.end(),
      () => undefined,
    );
  }
});

/** The Chromium at `path` with these flags, headless; started when it is first asked for, and ended with the test file. */
export function runningChromium(path: string, flags: readonly string[]): Promise<Chromium> {
  const key = JSON.stringify([path, flags]);
  let started = running.get(key);
  if (started === undefined) {
    started = start(path, flags);
    running.set(key, started);
  }
  return started;
}

async function start(
  path: string,
  flags: readonly string[],
): Promise<Chromium & { end(): Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), 'refpoint-chromium-'));
  const child = spawn(
    path,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      ...QUIET,
      ...flags,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  // Of a test that ran out of time nothing is left either.
  process.once('exit', () => child.kill());
  const end = async (): Promise<void> => {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.signalCode === null && child.kill()) await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const [origin, rest] = await new Promise<readonly [string, string]>((resolve, reject) => {
      let text = '';
      child.stderr.on('data', (bytes: Buffer) => {
        text += bytes.toString();
        const match = /DevTools listening on ws:\/\/([^/]+)(\/\S+)/.exec(text);
        if (match?.[1] !== undefined && match[2] !== undefined) resolve([match[1], match[2]]);
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`Chromium ended: ${text.slice(-500)}`)));
    });
    return { origin, browser: await DevTools.connect(`ws://${origin}${rest}`), end };
  } catch (error) {
    await end();
    throw error;
  }
}
