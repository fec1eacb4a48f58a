import * as vscode from 'vscode';
import type { HostSetting } from '../hosts.ts';
import type { CommandHandler } from '../services.ts';
import type { AnyNode } from '../tree/nodes.ts';

export const copyId: CommandHandler = async (_services, node) =>
  copy(node === undefined ? undefined : idOf(node));
export const copyJson: CommandHandler = async (_services, node) =>
  copy(node === undefined ? undefined : JSON.stringify(jsonOf(node), undefined, 2));
export const copyCommand: CommandHandler = async (_services, node) =>
  copy(node === undefined ? undefined : commandOf(node));

async function copy(text: string | undefined): Promise<void> {
  if (text === undefined) return;
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied'), 2000);
}

/** The id by which the field knows it. */
export function idOf(node: AnyNode): string {
  switch (node.kind) {
    case 'host':
      return node.host.url;
    case 'vm':
      return node.row.id;
    case 'vmDisk':
      return node.disk.diskId ?? node.disk.path;
    case 'checkpoint':
      return node.checkpoint.id;
    case 'referencePoint':
    case 'point':
      return node.point.id;
    case 'store':
      return node.path;
    case 'storeVm':
      return node.vm.id;
    case 'pointDisk':
      return node.disk.path;
    case 'job':
      return node.job.id;
    case 'message':
      return node.text;
  }
}

/** The facts behind a row, as the command's --json has them. */
export function jsonOf(node: AnyNode): unknown {
  switch (node.kind) {
    case 'host':
      return node.host;
    case 'vm':
      return node.row;
    case 'vmDisk':
      return node.disk;
    case 'checkpoint':
      return node.checkpoint;
    case 'referencePoint':
    case 'point':
      return node.point;
    case 'storeVm':
      return node.vm;
    case 'pointDisk':
      return node.disk;
    case 'job':
      return node.job;
    default:
      return node;
  }
}

/** The command line that shows the same; the password comes from REFPOINT_PASSWORD, never from here. */
export function commandOf(node: AnyNode): string | undefined {
  switch (node.kind) {
    case 'host':
      return line('vm', 'list', ...hostWords(node.host));
    case 'vm':
      return line('vm', 'show', node.row.id, ...hostWords(node.host));
    case 'storeVm':
      return line('store', 'show', '--store', node.store, '--vm', node.vm.id);
    case 'point':
      return line('verify', '--store', node.store, '--vm', node.vm.id, '--point', node.point.id);
    default:
      return undefined;
  }
}

function hostWords(host: HostSetting): readonly string[] {
  const { url, user, fingerprint } = host;
  return [
    '--host',
    url,
    ...(user === undefined ? [] : ['--user', user]),
    ...(fingerprint === undefined ? [] : ['--tls-fingerprint', fingerprint]),
  ];
}

/** Quoted for the shells that people paste into: double quotes hold spaces and backslashes in all of them. */
const line = (...words: readonly string[]): string =>
  ['refpoint', ...words]
    .map((word) => (/^[\w.:/@=-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`))
    .join(' ');
