import * as vscode from 'vscode';
import { byName } from '../words/by-name.ts';

/** Paths of `refpoint.stores`, each once, of the person's or the machine's settings: no workspace adds one. */
export function readStores(): readonly string[] {
  const found = vscode.workspace.getConfiguration('refpoint').inspect<unknown>('stores');
  const value = found?.globalValue;
  if (!Array.isArray(value)) return [];
  return [
    ...new Set(value.filter((each): each is string => typeof each === 'string' && each !== '')),
  ];
}

/** The same by name. */
export const sortedStores = (): readonly string[] =>
  byName(readStores(), storeLabel, (path) => path);

export async function addStore(path: string): Promise<void> {
  const stores = readStores();
  if (!stores.includes(path)) await write([...stores, path]);
}

export async function removeStoreSetting(path: string): Promise<void> {
  await write(readStores().filter((each) => each !== path));
}

/** The last folder of its path. */
export const storeLabel = (path: string): string => path.split(/[\\/]/).findLast(Boolean) ?? path;

async function write(stores: readonly string[]): Promise<void> {
  await vscode.workspace
    .getConfiguration('refpoint')
    .update('stores', stores, vscode.ConfigurationTarget.Global);
}
