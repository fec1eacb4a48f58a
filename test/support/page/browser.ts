import { DevTools } from './devtools.ts';
import { runningChromium } from './chromium.ts';

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

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Complaint {
  readonly entry?: { readonly level: string; readonly text: string };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

/**
 * Runs `work` with a page of its own (of the Chromium at `path`), which is closed and forgotten afterwards. The browser is started
 * once; a page shares neither storage nor cache with those before it.
 */
export async function withPage<T>(
  path: string,
  size: Size,
  flags: readonly string[],
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const { origin, browser } = await runningChromium(path, flags);
  const { browserContextId } = await browser.send<{ readonly browserContextId: string }>(
    'Target.createBrowserContext',
  );
  try {
    const { targetId } = await browser.send<{ readonly targetId: string }>('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
      ...size,
    });
    const tools = await DevTools.connect(`ws://${origin}/devtools/page/${targetId}`);
    try {
      return await work(await attach(tools, size));
    } finally {
      tools.close();
    }
  } finally {
    await browser.send('Target.disposeBrowserContext', { browserContextId });
  }
}

async function attach(tools: DevTools, size: Size): Promise<Page> {
  const complaints: string[] = [];
  /** By the id that Chromium gives each loading of a document. */
  const loaded = new Set<string>();
  let onLoaded = (): void => undefined;
  tools.onEvent = (method, params) => {
    const { entry, exceptionDetails } = params as Complaint;
    if (entry?.level === 'error') complaints.push(entry.text);
    if (exceptionDetails !== undefined) {
      complaints.push(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    const { name, loaderId } = params as { readonly name?: string; readonly loaderId?: string };
    if (method === 'Page.lifecycleEvent' && name === 'load' && loaderId !== undefined) {
      loaded.add(loaderId);
      onLoaded();
    }
  };
  for (const domain of ['Page', 'Runtime', 'Log']) await tools.send(`${domain}.enable`);
  await tools.send('Page.setLifecycleEventsEnabled', { enabled: true });
  await tools.send('Emulation.setDeviceMetricsOverride', {
    ...size,
    deviceScaleFactor: 1,
    mobile: false,
  });
  return {
    complaints,
    send: (method, params) => tools.send(method, params),
    goto: async (url) => {
      const { loaderId, errorText } = await tools.send<{
        readonly loaderId: string;
        readonly errorText?: string;
      }>('Page.navigate', { url });
      if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
      while (!loaded.has(loaderId)) await new Promise<void>((done) => (onLoaded = done));
    },
    evaluate: async <T>(expression: string): Promise<T> => {
      const { result, exceptionDetails } = await tools.send<{
        readonly result: { readonly value: T };
        readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
      }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails !== undefined) {
        throw new Error(exceptionDetails.exception?.description ?? 'The page threw');
      }
      return result.value;
    },
    screenshot: async () => {
      const { data } = await tools.send<{ readonly data: string }>('Page.captureScreenshot');
      return Buffer.from(data, 'base64');
    },
  };
}
