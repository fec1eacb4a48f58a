import { readFile, writeFile } from 'node:fs/promises';
import type { Server } from './server.ts';
import { until, type Workbench } from './workbench.ts';

/** The workbench's own themes by the endings of pictures, and the class by which the workbench shows that it wears one. */
export const THEMES = {
  dark: { name: 'Dark Modern', worn: 'vs-dark' },
  light: { name: 'Light Modern', worn: 'vs' },
  hc: { name: 'Default High Contrast', worn: 'hc-black' },
  'hc-light': { name: 'Default High Contrast Light', worn: 'hc-light' },
} as const;

export type Theme = keyof typeof THEMES;
export const THEME_NAMES = Object.keys(THEMES) as Theme[];

/** Puts a theme on and shows the window anew: the workbench heeds its settings when it starts. */
export async function wear(server: Server, window: Workbench, theme: Theme): Promise<void> {
  const { name, worn } = THEMES[theme];
  const settings = JSON.parse(await readFile(server.settingsFile, 'utf8')) as object;
  const changed = { ...settings, 'workbench.colorTheme': name };
  await writeFile(server.settingsFile, JSON.stringify(changed));
  await window.reload();
  const workbench = window.page.locator('.monaco-workbench').first();
  await until(`the workbench wears ${name}`, async () =>
    ((await workbench.getAttribute('class')) ?? '').split(' ').includes(worn),
  );
}
