import { appendFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { OUT } from '../machine/places.ts';
import { launchBrowser, type Browser } from './playwright.ts';
import { lastLines, seenIn } from './seen.ts';
import { Server, type ServerOptions } from './server.ts';
import { Workbench, type WindowOptions } from './workbench.ts';

/** Five times what the longest takes with a computer to itself. */
const STORY_MS = 580_000;

/**
 * One person's way through the workbench, step by step. A step that fails ends the way: it leaves a screenshot and the logs in
 * build/e2e/<name>, and the steps after it are skipped.
 */
export class Story {
  readonly #t: TestContext;
  readonly #folder: string;
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #windows: Workbench[] = [];
  #servers: Server[] = [];
  #browser: Browser | undefined;
  #failed: string | undefined;

  constructor(t: TestContext, folder: string) {
    this.#t = t;
    this.#folder = folder;
  }

  async step(name: string, work: () => Promise<void>): Promise<void> {
    const after = this.#failed;
    const skip = after === undefined ? false : `“${after}” failed before`;
    await this.#t.test(name, { skip }, async () => {
      try {
        await work();
      } catch (error) {
        this.#failed = name;
        await this.#keepEvidence(error);
        throw error;
      }
    });
  }

  /** A step on which no other depends. */
  async alone(name: string, work: () => Promise<void>): Promise<void> {
    await this.#t.test(name, async () => {
      try {
        await work();
      } catch (error) {
        await this.#keepEvidence(error);
        throw error;
      }
    });
  }

  /** A figure that the end of the run prints. */
  async figure(text: string): Promise<void> {
    await mkdir(OUT, { recursive: true });
    await appendFile(join(OUT, 'figures.txt'), `${text}\n`);
  }

  async server(options: ServerOptions = {}): Promise<Server> {
    const server = await Server.start(options);
    this.#servers.push(server);
    this.#closers.push(() => server.stop());
    return server;
  }

  async browser(): Promise<Browser> {
    if (this.#browser !== undefined) return this.#browser;
    const browser = await launchBrowser();
    this.#browser = browser;
    this.#closers.push(() => browser.close());
    return browser;
  }

  async window(server: Server, options: WindowOptions = {}): Promise<Workbench> {
    const workbench = await Workbench.open(await this.browser(), server, options);
    this.#windows.push(workbench);
    return workbench;
  }

  /** Something to undo at the end, whatever happened. */
  finally(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async end(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }

  #tell(what: string, text: string): void {
    this.#t.diagnostic(`${what}:\n${text === '' ? '(nothing)' : text}`);
  }

  async #keepEvidence(error: unknown): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(join(this.#folder, 'error.txt'), String((error as Error).stack ?? error));
    for (const [i, { page, said }] of this.#windows.entries()) {
      // A window that is gone cannot be seen.
      await page.screenshot({ path: join(this.#folder, `window-${i}.png`) }).catch(() => undefined);
      await writeFile(join(this.#folder, `window-${i}-console.txt`), said.join('\n'));
      // Where only the run's output is kept, it must tell enough.
      this.#tell(`window ${i} shows`, await seenIn(page));
      this.#tell(`window ${i} said`, lastLines(said.join('\n')));
    }
    for (const [i, server] of this.#servers.entries()) {
      const { home, logs, userFolder } = server;
      this.#tell(`Refpoint on server ${i} logged`, lastLines(await server.channel('Refpoint')));
      this.#tell(`server ${i} logged`, lastLines(await server.log()));
      const to = join(this.#folder, `server-${i}`);
      for (const from of [logs, userFolder, join(home, 'server.log')]) {
        const name = from === logs ? 'logs' : from === userFolder ? 'user' : 'server.log';
        await cp(from, join(to, name), { recursive: true }).catch(() => undefined);
      }
    }
  }
}

/** A test that is a story. */
export function story(name: string, tell: (story: Story) => Promise<void>): void {
  const folder = join(OUT, name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase());
  test(name, { timeout: STORY_MS }, async (t) => {
    await rm(folder, { recursive: true, force: true });
    const told = new Story(t, folder);
    try {
      await tell(told);
    } finally {
      await told.end();
    }
  });
}
