import { until, type Workbench } from './workbench.ts';

/** The workbench's own themes by the endings of pictures, their rows in its list, and the class by which it shows that it wears one. */
export const THEMES = {
  dark: { row: 'Dark Modern', worn: 'vs-dark' },
  light: { row: 'Light Modern', worn: 'vs' },
  hc: { row: 'Dark High Contrast', worn: 'hc-black' },
  'hc-light': { row: 'Light High Contrast', worn: 'hc-light' },
} as const;

export type Theme = keyof typeof THEMES;
export const THEME_NAMES = Object.keys(THEMES) as Theme[];

/** Puts a theme on as a person does, from the list of themes: what is open changes its colours as it stands. */
export async function wear(window: Workbench, theme: Theme): Promise<void> {
  const { row, worn } = THEMES[theme];
  const workbench = window.page.locator('.monaco-workbench').first();
  const isWorn = async (): Promise<boolean> =>
    ((await workbench.getAttribute('class')) ?? '').split(' ').includes(worn);
  if (await isWorn()) return;
  const question = window.page.locator('.quick-input-box input[placeholder*="Color Theme"]:focus');
  let asked = 0;
  await until('the list of themes is open', async () => {
    if ((await question.count()) > 0) return true;
    if (Date.now() - asked > 2000) {
      await window.page.keyboard.press('Control+K');
      await window.page.keyboard.press('Control+T');
      asked = Date.now();
    }
    return false;
  });
  await window.page.keyboard.insertText(row);
  const focused = window.page.locator('.quick-input-list .monaco-list-row.focused');
  await until(`“${row}” is the row that Enter takes`, async () => {
    return (await focused.count()) === 1 && (await focused.innerText()).trim().startsWith(row);
  });
  await window.page.keyboard.press('Enter');
  await window.quickInput.waitFor({ state: 'hidden' });
  await until(`the workbench wears ${row}`, isWorn);
}
