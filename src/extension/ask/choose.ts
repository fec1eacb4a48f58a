import * as vscode from 'vscode';
import { inertText } from '../words/inert-text.ts';

/** A row of a pick, with what it stands for. Its texts may come from hosts: they are shown as they are, icons are given apart. */
export interface Item<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly icon?: string;
  readonly value: T;
}

type Row<T> = vscode.QuickPickItem & { readonly value: T };

export function toRow<T>({ label, description, detail, icon, value }: Item<T>): Row<T> {
  return {
    label: inertText(label),
    ...(description === undefined ? {} : { description: inertText(description) }),
    ...(detail === undefined ? {} : { detail: inertText(detail) }),
    ...(icon === undefined ? {} : { iconPath: new vscode.ThemeIcon(icon) }),
    value,
  };
}

export interface ChooseOptions {
  /** Ask although there is only one. */
  readonly always?: boolean;
  readonly placeHolder?: string;
}

/** Asks for one of some; a single one is taken without a question. Returns undefined if it is cancelled. */
export async function choose<T>(
  title: string,
  items: readonly Item<T>[],
  { always = false, placeHolder = title }: ChooseOptions = {},
): Promise<T | undefined> {
  const [only] = items;
  if (!always && items.length === 1 && only !== undefined) return only.value;
  const options = {
    title: inertText(title),
    placeHolder: inertText(placeHolder),
    matchOnDescription: true,
    matchOnDetail: true,
  };
  return (await vscode.window.showQuickPick(items.map(toRow), options))?.value;
}

/**
 * Asks for any number of some, all of them taken at first unless an item says otherwise; never returns an empty list. Returns undefined if it is cancelled or nothing was selected.
 */
export async function chooseSeveral<T>(
  title: string,
  items: readonly (Item<T> & { readonly picked?: boolean })[],
  { always = false }: Pick<ChooseOptions, 'always'> = {},
): Promise<readonly T[] | undefined> {
  if (!always && items.length <= 1) return items.map(({ value }) => value);
  const rows = items.map((item) => ({ ...toRow(item), picked: item.picked ?? true }));
  const options = { title: inertText(title), canPickMany: true as const };
  const chosen = await vscode.window.showQuickPick(rows, options);
  return chosen === undefined || chosen.length === 0 ? undefined : chosen.map(({ value }) => value);
}
