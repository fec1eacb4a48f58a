import * as vscode from 'vscode';
import { sayInfo } from '../../ask/messages.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import type { AnyNode } from '../../nodes/nodes.ts';
import { addCommandToTerminals } from './terminal-command.ts';
import { commandWords } from './command-words.ts';
import { nodeFacts, nodeId } from './node-facts.ts';
import { pickRow } from './pick-row.ts';
import { shellLine, shellOf } from './shell-line.ts';

const { t } = vscode.l10n;

/** Copies one line for each selected row. */
export const copyId: CommandHandler = async (services, node, selected) => {
  const title = t('Copy the id of');
  await copy((await nodesOf(services, title, node, selected)).map(nodeId).join('\n'));
};

/** One document, or a list of them. */
export const copyJson: CommandHandler = async (services, node, selected) => {
  const title = t('Copy as JSON');
  const all = (await nodesOf(services, title, node, selected)).map(nodeFacts);
  if (all.length > 0) await copy(JSON.stringify(all.length === 1 ? all[0] : all, undefined, 2));
};

/** A line for each row that has a command, ready to be pasted into a terminal of this window. */
export const copyCommand: CommandHandler = async (services, node, selected) => {
  const hostOf = (url: string) => services.hosts.at(url)?.host;
  const shell = shellOf(vscode.env.shell, process.platform);
  const nodes = await nodesOf(services, t('Copy the command for'), node, selected);
  if (nodes.length === 0) return;
  const lines = nodes.flatMap((each) => {
    const words = commandWords(each, hostOf);
    return words === undefined ? [] : (shellLine(words, shell) ?? []);
  });
  if (lines.length === 0) {
    void sayInfo(t('There is no command for this that is safe to paste.'));
    return;
  }
  await addCommandToTerminals(services.context);
  await copy(lines.join('\n'));
};

/** The rows of a command: those selected, the one it was called on, what the view in sight has selected, or one asked for. */
async function nodesOf(
  services: Services,
  title: string,
  node: AnyNode | undefined,
  selected: readonly AnyNode[],
): Promise<readonly AnyNode[]> {
  const { views, trees } = services;
  const shown = Object.values(views).find(
    ({ visible, selection }) => visible && selection.length > 0,
  );
  let nodes = selected.length > 1 ? selected : node === undefined ? shown?.selection : [node];
  if (nodes === undefined) {
    const picked = await pickRow(services, title);
    nodes = picked === undefined ? [] : [picked];
  }
  return nodes.map((each) => (each.kind === 'job' ? trees.jobs.current(each) : each));
}

async function copy(text: string): Promise<void> {
  if (text === '') return;
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(t('Copied'), 2000);
}
