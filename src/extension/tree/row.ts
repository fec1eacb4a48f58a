import * as vscode from 'vscode';
import { plainText } from '../../views/common/words/plain-text.ts';
import { badgeUri, type PointBadge } from './point-badges.ts';
import { inertText } from '../words/inert-text.ts';

/** Appearance of a node; made by pure functions and converted to a TreeItem in one place. Its texts may come from hosts and stores. */
export interface Row {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Lines of the tooltip: facts as [name, value], those without a value left out, or sentences. */
  readonly facts: readonly (readonly [string, string] | string)[];
  readonly icon: string;
  readonly color?: string;
  /** At the right edge of the row. */
  readonly badge?: PointBadge;
  /** Words that menus match, without surrounding spaces. */
  readonly context: readonly string[];
  readonly children: 'none' | 'closed' | 'open';
  /** Text for screen readers; label and description if absent. */
  readonly spoken?: string;
  readonly command?: vscode.Command;
}

export function toTreeItem(row: Row): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const state = { none: None, closed: Collapsed, open: Expanded }[row.children];
  const item = new vscode.TreeItem(inertText(row.label), state);
  item.id = row.id;
  if (row.description !== undefined) item.description = inertText(row.description);
  item.iconPath = new vscode.ThemeIcon(
    row.icon,
    row.color === undefined ? undefined : new vscode.ThemeColor(row.color),
  );
  if (row.badge !== undefined) item.resourceUri = badgeUri(row.id, row.badge);
  item.contextValue = ` ${row.context.join(' ')} `;
  item.tooltip = tooltip(row.facts);
  if (row.command !== undefined) item.command = row.command;
  const spoken = row.spoken ?? [row.label, row.description ?? ''].filter(Boolean).join(', ');
  item.accessibilityInformation = { label: plainText(spoken), role: 'treeitem' };
  return item;
}

/** Returns the lines of a tooltip. Plain text, not markdown: names in it can be neither links nor pictures. */
export function tooltip(facts: Row['facts']): string {
  return facts
    .flatMap((fact) => {
      if (typeof fact === 'string') return fact === '' ? [] : plainText(fact);
      const [name, value] = fact;
      return value === '' ? [] : `${name}: ${plainText(value)}`;
    })
    .join('\n');
}
