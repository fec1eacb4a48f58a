import * as vscode from 'vscode';
import { ANATOMY_EDITOR, ANATOMY_OPTION } from '../contributions/view-types.ts';

/** Returns the image that the active editor shows; undefined if it shows something else. */
export function activeImage(): vscode.Uri | undefined {
  const group = vscode.window.tabGroups.all.find(({ isActive }) => isActive);
  const input = group?.activeTab?.input as
    { readonly viewType?: unknown; readonly uri?: unknown } | undefined;
  const { viewType, uri } = input ?? {};
  const ours = viewType === ANATOMY_EDITOR || viewType === ANATOMY_OPTION;
  return ours && uri instanceof vscode.Uri && uri.scheme === 'file' ? uri : undefined;
}
