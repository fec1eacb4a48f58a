import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { STEPS, type NextStep } from '../errors/areas/next-step.ts';
import { presentCode, takeStep } from '../errors/present-error.ts';
import { sayError, sayInfo, sayWarning } from '../ask/messages.ts';
import { jobNode } from '../nodes/node-names.ts';
import type { AnyNode } from '../nodes/nodes.ts';
import { resultText } from './job-result-text.ts';
import { isDamaged, jobTitle } from './job-text.ts';

const { t } = vscode.l10n;

/** The host or the store whose trouble a code of a job’s failure tells. */
export type SubjectOf = (job: JobInfo, code: string) => AnyNode | undefined;

/** A button with what it does. */
interface Offer {
  readonly title: string;
  readonly take: () => Thenable<unknown>;
}

const run = (title: string, command: string, job: JobInfo): Offer => ({
  title,
  take: () => vscode.commands.executeCommand(command, jobNode(job)),
});

const runAgain = (job: JobInfo): Offer => run(t('Run Again'), 'refpoint.runAgain', job);
const cleanUp = (job: JobInfo): Offer[] =>
  ['backup', 'export', 'over', 'writer'].includes(job.spec.kind)
    ? [run(t('Clean Up…'), 'refpoint.cleanUp', job)]
    : [];
const showLog = (job: JobInfo): Offer => run(t('Show Log'), 'refpoint.showLog', job);
const showJobs = (): Offer => ({
  title: t('Show Jobs'),
  take: () => vscode.commands.executeCommand('refpoint.jobs.focus'),
});

/** Says how a job ended, with what to do next. */
export async function sayEnd(job: JobInfo, subjectOf: SubjectOf): Promise<void> {
  const title = jobTitle(job);
  switch (job.state) {
    case 'queued':
    case 'running':
      return;
    case 'done':
      await sayDone(job, title);
      return;
    case 'cancelled':
      await sayCancelled(job, title);
      return;
    case 'interrupted':
      await offer(sayError, interruptedText(job, title), [
        runAgain(job),
        ...cleanUp(job),
        showLog(job),
      ]);
      return;
    case 'failed':
      await sayFailed(job, title, subjectOf);
  }
}

const interruptedText = ({ spec }: JobInfo, title: string): string =>
  spec.kind === 'writer'
    ? t('{0}: interrupted. The VM may be deleted; its files stay. Run it again to go on.', title)
    : t('{0}: interrupted, its process ended before it was done.', title);

/** Reports what could not be removed, with the action that removes it. */
async function sayCancelled(job: JobInfo, title: string): Promise<void> {
  if (job.error === null && job.spec.kind === 'attach') {
    await offer(sayInfo, t('{0}: the disk is detached.', title), [runAgain(job)]);
    return;
  }
  if (job.error === null) {
    await offer(sayInfo, t('{0}: cancelled. Nothing is left of it.', title), [runAgain(job)]);
    return;
  }
  const { text } = presentCode(job.error.code, job.error.message);
  await offer(sayWarning, `${title}: ${text}`, [...cleanUp(job), runAgain(job)]);
}

async function sayDone(job: JobInfo, title: string): Promise<void> {
  const { result, spec } = job;
  const summary = `${title}: ${resultText(job)}.`;
  if (isDamaged(job)) {
    await offer(sayError, summary, [showJobs(), showLog(job)]);
    return;
  }
  const warnings = result?.warnings.length ?? 0;
  const more = warnings === 1 ? t('1 warning.') : t('{0} warnings.', warnings);
  const file = result?.files[0];
  const offers = [
    ...(spec.kind === 'backup' ? afterBackup(job) : []),
    ...(result?.vm === undefined ? [] : [run(t('Show VM'), 'refpoint.findVm', job)]),
    ...(spec.kind === 'over' && spec.action === 'restore' ? afterOver(job) : []),
    ...(spec.kind === 'restore' && file !== undefined ? [reveal(file)] : []),
    ...(spec.kind === 'backup' ? [] : [showLog(job)]),
  ];
  if (warnings === 0) await offer(sayInfo, summary, offers);
  else await offer(sayWarning, `${summary} ${more}`, offers);
}

/** Actions for a new point: its changes, a restore, and its report. */
const afterBackup = (job: JobInfo): readonly Offer[] => [
  run(t('Open Change Map'), 'refpoint.openChangeMap', job),
  run(t('Restore…'), 'refpoint.restore', job),
  run(t('Show Report'), 'refpoint.showReport', job),
];

/** Returns the commands that settle a restore over a VM. */
const afterOver = (job: JobInfo): readonly Offer[] => [
  run(t('Undo Restore…'), 'refpoint.undoRestore', job),
  run(t('Accept Restore…'), 'refpoint.acceptRestore', job),
];

/** Only a window on this very machine can show the file in the system’s own view of folders. */
function reveal(file: string): Offer {
  const here = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  return here
    ? {
        title: t('Reveal Files'),
        take: () => vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(file)),
      }
    : { title: t('Copy Path'), take: () => vscode.env.clipboard.writeText(file) };
}

/** Whether a step is about the job itself: it knows the VM, and the folder of the host that it could not read. */
const ofJob = ({ command }: NextStep, code: string): boolean =>
  command === STEPS.cleanUp().command ||
  command === STEPS.leaveDiskOut().command ||
  command === STEPS.verify().command ||
  command === STEPS.restore().command ||
  (command === STEPS.editHost().command && /^path\b/.test(code));

async function sayFailed(job: JobInfo, title: string, subjectOf: SubjectOf): Promise<void> {
  const { code, message } = job.error ?? { code: 'internal', message: '' };
  const subject = subjectOf(job, code);
  const { text, next } = presentCode(code, message, subject);
  const step = (each: NextStep): Offer => ({
    title: each.title,
    take: () => takeStep(each, ofJob(each, code) ? jobNode(job) : subject),
  });
  const [best] = next;
  await offer(sayError, `${title}: ${text}`, [
    ...(best === undefined || best.title === STEPS.showLog().title ? [] : [step(best)]),
    runAgain(job),
    showLog(job),
  ]);
}

/** One message for jobs that were started together. */
export async function sayEnds(jobs: readonly JobInfo[], subjectOf: SubjectOf): Promise<void> {
  const good = jobs.filter((job) => job.state === 'done' && !isDamaged(job));
  const bad = jobs.filter((job) => !good.includes(job) && job.state !== 'cancelled');
  const [first] = bad;
  if (first === undefined) {
    const cancelled = jobs.length - good.length;
    const text =
      cancelled === 0
        ? t('{0} of {1} jobs are done.', good.length, jobs.length)
        : t('{0} of {1} jobs are done, {2} were cancelled.', good.length, jobs.length, cancelled);
    await offer(sayInfo, text, [showJobs()]);
    return;
  }
  if (bad.length === 1) {
    await sayEnd(first, subjectOf);
    return;
  }
  const names = bad.map(jobTitle).slice(0, 5).join(', ');
  await offer(sayError, t('{0} of {1} jobs did not succeed: {2}', bad.length, jobs.length, names), [
    showJobs(),
    showLog(first),
  ]);
}

async function offer(
  say: (text: string, ...buttons: readonly string[]) => Thenable<string | undefined>,
  text: string,
  offers: readonly Offer[],
): Promise<void> {
  const chosen = await say(text, ...new Set(offers.map(({ title }) => title)));
  await offers.find(({ title }) => title === chosen)?.take();
}
