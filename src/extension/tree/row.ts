import * as vscode from 'vscode';

/** How a node looks; made by pure functions, turned into a TreeItem in one place. */
export interface Row {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Lines of the tooltip: facts as [name, value], or sentences. */
  readonly facts: readonly (readonly [string, string] | string)[];
  readonly icon: string;
  readonly color?: string;
  /** Words that menus match, without surrounding spaces. */
  readonly context: readonly string[];
  readonly children: 'none' | 'closed' | 'open';
  /** What a screen reader says; label and description where not given. */
  readonly spoken?: string;
  readonly command?: vscode.Command;
}

export function toTreeItem(row: Row): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const state = { none: None, closed: Collapsed, open: Expanded }[row.children];
  const item = new vscode.TreeItem(row.label, state);
  item.id = row.id;
  if (row.description !== undefined) item.description = row.description;
  item.iconPath = new vscode.ThemeIcon(
    row.icon,
    row.color === undefined ? undefined : new vscode.ThemeColor(row.color),
  );
  item.contextValue = ` ${row.context.join(' ')} `;
  item.tooltip = tooltip(row.facts);
  if (row.command !== undefined) item.command = row.command;
  const spoken = row.spoken ?? [row.label, row.description ?? ''].filter(Boolean).join(', ');
  item.accessibilityInformation = { label: spoken, role: 'treeitem' };
  return item;
}

/** Names come from hosts and stores: they are text, never markdown. */
function tooltip(facts: Row['facts']): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  for (const fact of facts) {
    if (typeof fact === 'string') markdown.appendText(fact);
    else {
      markdown.appendMarkdown('**');
      markdown.appendText(fact[0]);
      markdown.appendMarkdown('** ');
      markdown.appendText(fact[1]);
    }
    markdown.appendMarkdown('  \n');
  }
  return markdown;
}
