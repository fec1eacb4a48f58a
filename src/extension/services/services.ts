import type * as vscode from 'vscode';
import type { HostTarget } from '../../engine/api/host.ts';
import type { JobSpec } from '../../engine/api/jobs.ts';
import type { RememberedChoices } from '../choices/remembered-choices.ts';
import type { Connections } from '../hosts/connection.ts';
import type { Engine } from '../engine/engine.ts';
import type { JobFollower } from '../jobs/job-follower.ts';
import type { JobWatcher } from '../jobs/job-watcher.ts';
import type { Output } from '../output/output.ts';
import type { Pages } from '../panels/page/pages.ts';
import type { Seen } from '../panels/change-map/seen.ts';
import type { Passwords } from '../hosts/secrets.ts';
import type { HostsModel } from '../hosts/hosts-model.ts';
import type { HostsTree } from '../tree/hosts-tree.ts';
import type { JobsTree } from '../tree/jobs-tree.ts';
import type { AnyNode, HostTreeNode, JobNode, StoreTreeNode } from '../nodes/nodes.ts';
import type { StoresTree } from '../tree/stores-tree.ts';

export type StartJob = (title: string, spec: JobSpec, target: HostTarget | null) => Promise<string>;

/** What exists while the extension is active. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  /** Environment of the processes that the extension starts, beside its own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly output: Output;
  readonly engine: Engine;
  readonly passwords: Passwords;
  readonly connections: Connections;
  readonly hosts: HostsModel;
  /** Options of backups, by VM. */
  readonly choices: RememberedChoices;
  readonly jobs: JobWatcher;
  /** Starts a job in a process of its own; answers its id. */
  readonly startJob: StartJob;
  /** Tells the person of the jobs of this window. */
  readonly follower: JobFollower;
  readonly seen: Seen;
  /** Read-only documents: reports, findings, logs. */
  readonly pages: Pages;
  readonly trees: {
    readonly hosts: HostsTree;
    readonly stores: StoresTree;
    readonly jobs: JobsTree;
  };
  readonly views: {
    readonly hosts: vscode.TreeView<HostTreeNode>;
    readonly stores: vscode.TreeView<StoreTreeNode>;
    readonly jobs: vscode.TreeView<JobNode>;
  };
}

/** A command: the node it was called on, and all that are selected, where it came from a tree. */
export type CommandHandler = (
  services: Services,
  node: AnyNode | undefined,
  selected: readonly AnyNode[],
  ...rest: readonly unknown[]
) => Promise<unknown>;
