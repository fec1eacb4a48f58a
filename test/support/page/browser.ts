import { DevTools } from './devtools.ts';
import { runningChromium } from './chromium.ts';

/** A page of headless Chromium, spoken to over the DevTools protocol. */
export interface Page {
  goto(url: string): Promise<void>;
  /** The value of an expression, awaited. */
  evaluate<T>(expression: string): Promise<T>;
  send<T>(method: string, params?: object): Promise<T>;
  screenshot(): Promise<Buffer>;
  /** Whether a pointer was moved over it, where it stays. */
  readonly pointed: boolean;
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
 * Runs `work` with a page (of the Chromium at `path`) that shares neither storage nor pointer with those before it. The browser is
 * started once. The next page may be the same tab: its process has compiled axe-core, which takes longer than most tests.
 */
export async function withPage<T>(
  path: string,
  size: Size,
  flags: readonly string[],
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const { origin, browser } = await runningChromium(path, flags);
  const tab = (idle.get(browser) ?? []).pop() ?? (await newTab(browser, size));
  let clean = false;
  try {
    const tools = await DevTools.connect(`ws://${origin}/devtools/page/${tab.targetId}`);
    try {
      const page = await attach(tools, size);
      const result = await work(page);
      clean = !page.pointed && (await forget(page));
      return result;
    } finally {
      // The end of the session ends what it emulates.
      tools.close();
    }
  } finally {
    if (clean) idle.set(browser, [...(idle.get(browser) ?? []), tab]);
    else {
      const { browserContextId } = tab;
      await browser.send('Target.disposeBrowserContext', { browserContextId });
    }
  }
}

interface Tab {
  readonly browserContextId: string;
  readonly targetId: string;
}

/** Tabs that a page has left. */
const idle = new WeakMap<DevTools, Tab[]>();

async function newTab(browser: DevTools, size: Size): Promise<Tab> {
  const { browserContextId } = await browser.send<{ readonly browserContextId: string }>(
    'Target.createBrowserContext',
  );
  const { targetId } = await browser.send<{ readonly targetId: string }>('Target.createTarget', {
    url: 'about:blank',
    browserContextId,
    ...size,
  });
  return { browserContextId, targetId };
}

/** Ends the document and what it stored; answers whether that was possible. */
async function forget(page: Page): Promise<boolean> {
  return page
    .evaluate<boolean>(
      `(async () => {
    sessionStorage.clear();
    localStorage.clear();
    location.replace('about:blank');
    return true;
  })()`,
    )
    .catch(() => false);
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
  let pointed = false;
  return {
    complaints,
    get pointed() {
      return pointed;
    },
    send: (method, params) => {
      pointed ||= method === 'Input.dispatchMouseEvent';
      return tools.send(method, params);
    },
    goto: async (url) => {
      // Complaints of the document that the tab had before may arrive late.
      if (loaded.size === 0) complaints.length = 0;
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
