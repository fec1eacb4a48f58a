import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import type { JobNode } from '../nodes/nodes.ts';
import { presentJob } from './present-job.ts';
import { toTreeItem } from './row.ts';
import { jobNode } from '../nodes/node-names.ts';

/** The view of jobs, the newest first. */
export class JobsTree implements vscode.TreeDataProvider<JobNode>, vscode.Disposable {
  readonly #fired = new vscode.EventEmitter<JobNode | undefined>();
  #jobs = new Map<string, JobInfo>();
  /** The objects that the view holds. */
  readonly #shown = new Map<string, JobNode>();

  readonly onDidChangeTreeData = this.#fired.event;

  /** Draws again what changed only. */
  show(jobs: readonly JobInfo[]): void {
    const before = this.#jobs;
    this.#jobs = new Map(jobs.map((job) => [job.id, job]));
    const ids = [...before.keys()];
    const same = before.size === this.#jobs.size && jobs.every(({ id }, i) => ids[i] === id);
    if (!same) {
      this.#fired.fire(undefined);
      return;
    }
    for (const job of jobs) {
      const node = this.#shown.get(job.id);
      if (node !== undefined && !sameJob(job, before.get(job.id))) this.#fired.fire(node);
    }
  }

  /** Time has passed: rows that tell how long ago something was are drawn again. */
  refreshTimes(): void {
    if (this.#shown.size > 0) this.#fired.fire(undefined);
  }

  getTreeItem(node: JobNode): vscode.TreeItem {
    return toTreeItem(presentJob(this.current(node)));
  }

  /** The newest state of a row that the view may hold in an older one. */
  current(node: JobNode): JobNode {
    return { ...node, job: this.#jobs.get(node.job.id) ?? node.job };
  }

  getChildren(node?: JobNode): JobNode[] {
    if (node !== undefined) return [];
    this.#shown.clear();
    for (const job of this.#jobs.values()) this.#shown.set(job.id, jobNode(job));
    return [...this.#shown.values()];
  }

  getParent(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#fired.dispose();
  }
}

/** The heartbeat alone changes nothing that is seen. */
function sameJob(a: JobInfo, b: JobInfo | undefined): boolean {
  const seen = (job: JobInfo | undefined): string => JSON.stringify({ ...job, heartbeat: '' });
  return seen(a) === seen(b);
}
