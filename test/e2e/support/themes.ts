import { readFile, writeFile } from 'node:fs/promises';
import type { Server } from './server.ts';
import { until, type Workbench } from './workbench.ts';

/** The workbench's own themes, by what webviews call their kind. */
export const THEMES = {
  'vscode-dark': 'Dark Modern',
  'vscode-light': 'Light Modern',
  'vscode-high-contrast': 'Default High Contrast',
  'vscode-high-contrast-light': 'Default High Contrast Light',
} as const;

type ThemeKind = keyof typeof THEMES;
export const THEME_KINDS = Object.keys(THEMES) as ThemeKind[];

/** Puts a theme on; the webview in front wears it too when this returns. The workbench heeds its settings when it starts. */
export async function wear(server: Server, window: Workbench, kind: ThemeKind): Promise<void> {
  const settings = JSON.parse(await readFile(server.settingsFile, 'utf8')) as object;
  const changed = { ...settings, 'workbench.colorTheme': THEMES[kind] };
  await writeFile(server.settingsFile, JSON.stringify(changed));
  await window.reload();
  const body = window.webview.locator('body');
  await until(`the page is ${kind}`, async () => {
    return (await body.getAttribute('data-vscode-theme-kind')) === kind;
  });
}
