import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A page of headless Chromium, spoken to over the DevTools protocol. */
export interface Page {
  goto(url: string): Promise<void>;
  /** The value of an expression, awaited. */
  evaluate<T>(expression: string): Promise<T>;
  send<T>(method: string, params?: object): Promise<T>;
  screenshot(): Promise<Buffer>;
  /** What the page complained of: errors, and policies that were broken. */
  readonly complaints: readonly string[];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly entry?: { readonly level: string; readonly text: string };
    readonly exceptionDetails?: {
      readonly text: string;
      readonly exception?: { readonly description?: string };
    };
  };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Runs `work` with a new browser (the Chromium at `path`), which is ended and forgotten afterwards. */
export async function withPage<T>(
  path: string,
  size: { readonly width: number; readonly height: number },
  flags: readonly string[],
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'refpoint-chromium-'));
  const child = spawn(
    path,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      `--window-size=${size.width},${size.height}`,
      ...flags,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    const origin = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stderr.on('data', (bytes: Buffer) => {
        text += bytes.toString();
        const match = /DevTools listening on ws:\/\/([^/]+)\//.exec(text);
        if (match?.[1] !== undefined) resolve(match[1]);
      });
      child.once('exit', () => reject(new Error(`Chromium ended: ${text.slice(-500)}`)));
    });
    const targets = (await (await fetch(`http://${origin}/json`)).json()) as {
      readonly type: string;
      readonly webSocketDebuggerUrl: string;
    }[];
    const target = targets.find(({ type }) => type === 'page');
    if (target === undefined) throw new Error('Chromium has no page');
    const page = await attach(target.webSocketDebuggerUrl, size);
    return await work(page);
  } finally {
    const ended = new Promise((done) => child.once('exit', done));
    if (child.exitCode === null && child.kill()) await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function attach(
  url: string,
  size: { readonly width: number; readonly height: number },
): Promise<Page> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  const waiting = new Map<number, (message: Message) => void>();
  const complaints: string[] = [];
  let next = 1;
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    const { entry, exceptionDetails } = message.params ?? {};
    if (entry?.level === 'error') complaints.push(entry.text);
    if (exceptionDetails !== undefined) {
      complaints.push(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
  });
  const send = <T>(method: string, params: object = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(result as T);
        else reject(new Error(`${method}: ${error.message}`));
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`);
  await send('Emulation.setDeviceMetricsOverride', {
    ...size,
    deviceScaleFactor: 1,
    mobile: false,
  });
  return {
    complaints,
    send,
    goto: async (address) => {
      await send('Page.navigate', { url: address });
      await new Promise((done) => setTimeout(done, 300));
    },
    evaluate: async <T>(expression: string): Promise<T> => {
      const { result, exceptionDetails } = await send<{
        readonly result: { readonly value: T };
        readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
      }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails !== undefined) {
        throw new Error(exceptionDetails.exception?.description ?? 'The page threw');
      }
      return result.value;
    },
    screenshot: async () => {
      const { data } = await send<{ readonly data: string }>('Page.captureScreenshot');
      return Buffer.from(data, 'base64');
    },
  };
}
