import * as vscode from 'vscode';

/** Paths of `refpoint.stores`, of the person's or the machine's settings: no workspace adds one. */
export function readStores(): readonly string[] {
  const found = vscode.workspace.getConfiguration('refpoint').inspect<unknown>('stores');
  const value = found?.globalValue;
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export async function writeStores(stores: readonly string[]): Promise<void> {
  await vscode.workspace
    .getConfiguration('refpoint')
    .update('stores', stores, vscode.ConfigurationTarget.Global);
}

export async function addStore(path: string): Promise<void> {
  const stores = readStores();
  if (!stores.includes(path)) await writeStores([...stores, path]);
}
