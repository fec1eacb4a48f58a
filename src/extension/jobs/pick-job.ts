import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { formatTime } from '../words/format.ts';
import { sayInfo } from '../ask/messages.ts';
import type { JobServices } from './job-services.ts';
import { nodeOf, type AnyNode } from '../nodes/nodes.ts';
import { jobTitle, stateText } from './job-text.ts';
import { choose } from '../ask/choose.ts';

const { t } = vscode.l10n;

/** The job of the node, or one that is asked for among those that fit now. */
export async function pickJob(
  { jobs, trees }: JobServices,
  node: AnyNode | undefined,
  fits: (job: JobInfo) => boolean,
  none: string,
): Promise<JobInfo | undefined> {
  const given = nodeOf(node, 'job');
  if (given !== undefined) return trees.jobs.current(given).job;
  const all = (await jobs.look()).filter(fits);
  if (all.length === 0) {
    void sayInfo(none);
    return undefined;
  }
  return choose(
    t('Job'),
    all.map((value) => ({
      label: jobTitle(value),
      description: stateText(value),
      detail: t('started {0}', formatTime(value.started)),
      value,
    })),
  );
}
