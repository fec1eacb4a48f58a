import * as vscode from 'vscode';
import type { JobInfo, JobSpec } from '../../engine/api/jobs.ts';
import { formatBytes, formatSeconds, formatTime } from '../format.ts';
import type { JobNode } from './nodes.ts';
import { toTreeItem, type Row } from './row.ts';

const { t } = vscode.l10n;

/** The view of jobs, the newest first. */
export class JobsTree implements vscode.TreeDataProvider<JobNode>, vscode.Disposable {
  readonly #fired = new vscode.EventEmitter<JobNode | undefined>();
  #nodes: readonly JobNode[] = [];

  readonly onDidChangeTreeData = this.#fired.event;

  /** Draws again what changed only. */
  show(jobs: readonly JobInfo[]): void {
    const before = new Map(this.#nodes.map((node) => [node.id, node]));
    const next = jobs.map((job): JobNode => ({ kind: 'job', id: `job:${job.id}`, job }));
    const same =
      next.length === before.size && next.every(({ id }, i) => this.#nodes[i]?.id === id);
    this.#nodes = same ? this.#nodes : next;
    if (!same) return this.#fired.fire(undefined);
    for (const [i, node] of this.#nodes.entries()) {
      const { job } = next[i] ?? node;
      if (JSON.stringify(job) === JSON.stringify(node.job)) continue;
      Object.assign(node, { job });
      this.#fired.fire(node);
    }
  }

  getTreeItem({ id, job }: JobNode): vscode.TreeItem {
    return toTreeItem(present(id, job));
  }

  getChildren(node?: JobNode): JobNode[] {
    return node === undefined ? [...this.#nodes] : [];
  }

  getParent(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#fired.dispose();
  }
}

const KINDS: Readonly<Record<JobSpec['kind'], () => string>> = {
  backup: () => t('Back up'),
  export: () => t('Export'),
  restore: () => t('Restore'),
  verify: () => t('Verify'),
};

/** `Back up web01`. */
export function jobTitle({ spec, title }: Pick<JobInfo, 'spec' | 'title'>): string {
  return `${KINDS[spec.kind]()} ${title}`;
}

const ICONS: Readonly<Record<JobInfo['state'], readonly [string, string?]>> = {
  running: ['sync~spin'],
  done: ['pass', 'charts.green'],
  failed: ['error', 'list.errorForeground'],
  cancelled: ['circle-slash'],
  interrupted: ['debug-disconnect', 'list.warningForeground'],
};

function present(id: string, job: JobInfo): Row {
  const [icon, color] = ICONS[job.state];
  const state = stateText(job);
  const again = job.state === 'failed' || job.state === 'cancelled' || job.state === 'interrupted';
  const backup = job.spec.kind === 'backup';
  return {
    id,
    label: jobTitle(job),
    description: state,
    facts: [
      state,
      [t('Started'), formatTime(job.started)],
      [t('Took'), formatSeconds((Date.parse(job.heartbeat) - Date.parse(job.started)) / 1000)],
      ...(job.spec.kind === 'export' ? [] : ([[t('Store'), job.spec.store]] as const)),
      [t('Process'), job.elsewhere ? t('elsewhere') : `${job.pid} (${job.machine})`],
      ...(job.result?.warnings ?? []).map(({ message }) => message),
    ],
    icon,
    ...(color === undefined ? {} : { color }),
    context: [
      'job',
      job.state === 'running' ? 'running' : 'ended',
      ...(job.elsewhere ? [] : ['here']),
      ...(again ? ['again'] : []),
      ...(again && backup ? ['cleanable'] : []),
      ...(backup && typeof job.result?.point === 'string' ? ['report'] : []),
      'id',
      'json',
    ],
    children: 'none',
    spoken: `${jobTitle(job)}, ${state}`,
  };
}

/** What goes on, or what came of it. */
export function stateText(job: JobInfo): string {
  switch (job.state) {
    case 'running':
      return job.elsewhere ? t('running elsewhere') : progressText(job);
    case 'done':
      return job.result?.damaged.length ? t('damage found') : t('done');
    case 'failed':
      return job.error?.message ?? t('failed');
    case 'cancelled':
      return t('cancelled');
    case 'interrupted':
      return t('interrupted: its process ended');
  }
}

export function progressText({ progress }: Pick<JobInfo, 'progress'>): string {
  if (progress === null) return t('running');
  const { phase, done, total, bytesPerSecond } = progress;
  if (total <= 0) return phase;
  const percent = Math.min(100, Math.floor((done / total) * 100));
  const speed = bytesPerSecond > 0 ? ` · ${t('{0}/s', formatBytes(bytesPerSecond))}` : '';
  return `${phase} · ${percent} %${speed}`;
}
