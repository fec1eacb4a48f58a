import * as vscode from 'vscode';
import { choose } from '../../ask/choose.ts';
import { TRACE_EDITOR } from '../../contributions/view-types.ts';
import { nodeOf } from '../../nodes/nodes.ts';
import { askForTrace } from '../../panels/trace/trace-panel.ts';
import type { CommandHandler } from '../../services/services.ts';

const { t } = vscode.l10n;

/** The recording of a job, a file from the explorer, or one that the user chooses: this window's own, or any file. */
export const openTrace: CommandHandler = async ({ recording, trees }, node, _selected, given) => {
  const job = nodeOf(node, 'job');
  const path = job === undefined ? null : trees.jobs.current(job).job.trace;
  const file =
    path !== null
      ? vscode.Uri.file(path)
      : given instanceof vscode.Uri
        ? given
        : await asked(recording.path);
  if (file !== undefined)
    await vscode.commands.executeCommand('vscode.openWith', file, TRACE_EDITOR);
};

async function asked(session: string | null): Promise<vscode.Uri | undefined> {
  const title = t('Open Trace');
  if (session === null) return askForTrace(title);
  const own = { label: t('This Window'), description: session, value: true };
  const other = { label: t('Choose File…'), value: false };
  const chosen = await choose(title, [own, other]);
  if (chosen === undefined) return undefined;
  return chosen ? vscode.Uri.file(session) : askForTrace(title);
}
