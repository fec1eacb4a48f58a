import type { Page } from './playwright.ts';

const LINES = 25;
/** Code of the workbench's own: nothing that anybody sees. */
const UNSEEN = /webWorkerExtensionHostIframe/;

/** The end of a log, without the stacks in it. */
export function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => !/^\s*(?:at |$)/.test(line));
  return lines.slice(-LINES).join('\n');
}

/** The text that a person sees in a window and in the frames within it; a frame that cannot be asked is named all the same. */
export async function seenIn(page: Page): Promise<string> {
  const frames = page.frames().filter((frame) => !UNSEEN.test(frame.url()));
  const parts = frames.map(async (frame) => {
    const text = await frame
      .locator('body')
      .innerText({ timeout: 2000 })
      .catch((error: unknown) => `(not readable: ${String(error).split('\n')[0]})`);
    return `[${frame.url().slice(0, 80)}]\n${text.replaceAll(/\n\s*\n+/g, '\n').slice(0, 3000)}`;
  });
  return (await Promise.all(parts)).join('\n');
}
