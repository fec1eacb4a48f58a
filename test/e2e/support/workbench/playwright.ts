import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHROMIUM, TOOLS } from '../machine/places.ts';

/** What these tests use of Playwright, which is installed for them alone and so brings no types to `npm run check`. */
export interface Locator {
  locator(selector: string, options?: LocatorOptions): Locator;
  filter(options: LocatorOptions): Locator;
  getByRole(role: string, options?: { readonly name?: string | RegExp; exact?: boolean }): Locator;
  getByText(text: string | RegExp, options?: { readonly exact?: boolean }): Locator;
  first(): Locator;
  last(): Locator;
  nth(index: number): Locator;
  waitFor(options?: WaitOptions): Promise<void>;
  click(options?: {
    readonly button?: 'right';
    readonly modifiers?: readonly 'Control'[];
    readonly timeout?: number;
  }): Promise<void>;
  dblclick(): Promise<void>;
  hover(): Promise<void>;
  focus(): Promise<void>;
  fill(text: string): Promise<void>;
  press(key: string): Promise<void>;
  count(): Promise<number>;
  isVisible(): Promise<boolean>;
  textContent(): Promise<string | null>;
  innerText(options?: { readonly timeout: number }): Promise<string>;
  inputValue(): Promise<string>;
  allTextContents(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
  boundingBox(): Promise<Box | null>;
  screenshot(options: { readonly path: string }): Promise<Uint8Array>;
  /** Runs in the page: what it uses besides its parameters must be there. */
  evaluate<T, A = undefined>(
    work: (element: HTMLElement, value: A) => T | Promise<T>,
    value?: A,
  ): Promise<T>;
  /** The value of an expression. */
  evaluate<T>(expression: string): Promise<T>;
}

interface LocatorOptions {
  readonly hasText?: string | RegExp;
  readonly has?: Locator;
  readonly hasNot?: Locator;
  readonly hasNotText?: string | RegExp;
  readonly visible?: boolean;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface WaitOptions {
  readonly state?: 'attached' | 'detached' | 'visible' | 'hidden';
  readonly timeout?: number;
}

export interface FrameLocator {
  frameLocator(selector: string): FrameLocator;
  locator(selector: string, options?: LocatorOptions): Locator;
  getByRole: Locator['getByRole'];
  getByText: Locator['getByText'];
}

/** A document of a page: its own, or one of a frame within it. */
export interface Frame {
  url(): string;
  locator: Locator['locator'];
}

export interface Page {
  readonly keyboard: {
    press(key: string): Promise<void>;
    type(text: string): Promise<void>;
    insertText(text: string): Promise<void>;
  };
  readonly mouse: {
    move(x: number, y: number): Promise<void>;
    wheel(x: number, y: number): Promise<void>;
  };
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  locator: Locator['locator'];
  getByRole: Locator['getByRole'];
  getByText: Locator['getByText'];
  frameLocator(selector: string): FrameLocator;
  frames(): readonly Frame[];
  evaluate<T>(work: () => T | Promise<T>): Promise<T>;
  exposeFunction(name: string, work: (...values: never[]) => unknown): Promise<void>;
  on(event: 'console', listener: (message: ConsoleMessage) => void): void;
  on(event: 'requestfailed', listener: (request: { url(): string }) => void): void;
  screenshot(options: { readonly path: string; readonly clip?: Box }): Promise<Uint8Array>;
  setDefaultTimeout(milliseconds: number): void;
  waitForTimeout(milliseconds: number): Promise<void>;
  close(): Promise<void>;
  context(): Context;
}

export interface ConsoleMessage {
  type(): string;
  text(): string;
}

interface Context {
  newPage(): Promise<Page>;
  newCDPSession(page: Page): Promise<{ send(method: string, params: object): Promise<unknown> }>;
  grantPermissions(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface Browser {
  newContext(options: object): Promise<Context>;
  version(): string;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

/** Headless Chromium that reaches nothing but this machine. */
export async function launchBrowser(): Promise<Browser> {
  const path = join(TOOLS, 'node_modules', 'playwright-core', 'index.mjs');
  const { chromium } = (await import(pathToFileURL(path).href)) as Playwright;
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      // As root, as in .ci/run.
      '--no-sandbox',
      // There is no graphics card where tests run.
      '--enable-unsafe-swiftshader',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  });
}

/** Gives a page one part in so many of the processor's time. */
export async function slowDown(page: Page, rate: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate });
}
