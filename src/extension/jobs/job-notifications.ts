import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import { jobTitle, progressText } from '../tree/jobs-tree.ts';
import { nextStep } from '../present-error.ts';
import type { JobWatcher } from './job-watcher.ts';

const { t } = vscode.l10n;

/** One job that the person started: a notification that can cancel it, and one closing message. Several share the status bar. */
export async function followJob(
  engine: Engine,
  watcher: JobWatcher,
  id: string,
  title: string,
): Promise<JobInfo> {
  const alone =
    watcher.jobs.filter(({ state, elsewhere }) => state === 'running' && !elsewhere).length === 0;
  const location = alone ? vscode.ProgressLocation.Notification : vscode.ProgressLocation.Window;
  const job = await vscode.window.withProgress(
    { location, title, cancellable: alone },
    async (progress, token) => {
      token.onCancellationRequested(() => {
        progress.report({ message: t('cancelling…') });
        void engine.request(requests.cancelJob, { id }).catch(() => undefined);
      });
      let shown = 0;
      return watcher.watch(id, (now) => {
        const { progress: counts } = now;
        const percent =
          counts === null || counts.total <= 0
            ? 0
            : Math.min(100, (counts.done / counts.total) * 100);
        const increment = Math.max(0, percent - shown);
        shown = Math.max(shown, percent);
        if (!token.isCancellationRequested)
          progress.report({ message: progressText(now), increment });
      });
    },
  );
  // Not awaited: a message that nobody answers must not hold anything.
  void closingMessage(job);
  return job;
}

async function closingMessage(job: JobInfo): Promise<void> {
  const node = { kind: 'job', id: `job:${job.id}`, job } as const;
  const report = t('Show Report');
  const log = t('Show Log');
  const title = jobTitle(job);
  if (job.state === 'cancelled') {
    void vscode.window.showInformationMessage(t('{0}: cancelled. Nothing of it is left.', title));
    return;
  }
  if (job.state === 'done' && job.result?.damaged.length === 0) {
    const warnings = job.result.warnings.length;
    const more =
      warnings === 0 ? '' : ` ${warnings === 1 ? t('1 warning.') : t('{0} warnings.', warnings)}`;
    const text = `${title}: ${job.result.summary}.${more}`;
    const buttons =
      job.spec.kind === 'backup'
        ? [report]
        : job.spec.kind === 'restore'
          ? [t('Reveal Files')]
          : [];
    const chosen = await vscode.window.showInformationMessage(text, ...buttons);
    if (chosen === report) await vscode.commands.executeCommand('refpoint.showReport', node);
    else if (chosen !== undefined && job.spec.kind === 'restore') {
      await vscode.commands.executeCommand(
        'revealFileInOS',
        vscode.Uri.file(job.result.files[0] ?? job.spec.to),
      );
    }
    return;
  }
  const text =
    job.state === 'done'
      ? `${title}: ${job.result?.summary ?? ''}.`
      : job.state === 'interrupted'
        ? t('{0}: its process ended before it was done.', title)
        : `${title}: ${job.error?.message ?? t('failed')} (${job.error?.code ?? ''})`;
  const again = t('Run Again');
  const step = nextStep(job.error?.code ?? '');
  const buttons = [...new Set([again, step.title, log])];
  const chosen = await vscode.window.showErrorMessage(text, ...buttons);
  if (chosen === again) await vscode.commands.executeCommand('refpoint.runAgain', node);
  else if (chosen === log) await vscode.commands.executeCommand('refpoint.showLog', node);
  else if (chosen === step.title)
    await vscode.commands.executeCommand(step.command, undefined, ...step.args);
}
