import type { Page } from './browser.ts';

const CODES: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ' ': 32,
  PageUp: 33,
  PageDown: 34,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
};
const SHIFT = 8;
const CONTROL = 2;

/** What a key's handler asked to be drawn comes first in the next frame. */
const DRAWN = `new Promise((done) => requestAnimationFrame(() => done(0)))`;

/** Presses a key as a person does: the browser itself moves the focus and clicks buttons by it. `Shift+Tab`, `Control+c`. */
export async function press(page: Page, combination: string): Promise<void> {
  const parts = combination.split(/(?<=.)\+/);
  const key = parts.at(-1) ?? '';
  const held = parts.slice(0, -1);
  const modifiers = (held.includes('Shift') ? SHIFT : 0) | (held.includes('Control') ? CONTROL : 0);
  const code = CODES[key] ?? key.toUpperCase().charCodeAt(0);
  const typed =
    key === 'Enter' ? '\r' : key.length === 1 && modifiers !== CONTROL ? key : undefined;
  const event = { key, code: key, windowsVirtualKeyCode: code, modifiers };
  const text = typed === undefined ? {} : { text: typed };
  await page.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, ...text });
  await page.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  // A person sees what one key did before they press the next.
  await page.evaluate(DRAWN);
}

/** Presses keys one after another; a text of several letters that is no key's name is typed. */
export async function pressAll(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await press(page, key);
}

export async function typeText(page: Page, text: string): Promise<void> {
  await page.send('Input.insertText', { text });
}

/** Clicks the middle of the element, wherever it is, with the pointer. */
export async function clickOn(page: Page, selector: string, shiftX = 0.5): Promise<void> {
  const { x, y } = await page.evaluate<{ x: number; y: number }>(`(() => {
    const box = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
    return { x: box.left + box.width * ${shiftX}, y: box.top + box.height / 2 };
  })()`);
  const at = { x, y, button: 'left', clickCount: 1 };
  await page.send('Input.dispatchMouseEvent', { type: 'mousePressed', buttons: 1, ...at });
  await page.send('Input.dispatchMouseEvent', { type: 'mouseReleased', buttons: 0, ...at });
}
