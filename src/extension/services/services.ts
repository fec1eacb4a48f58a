import type * as vscode from 'vscode';
import type { RememberedChoices } from '../choices/remembered-choices.ts';
import type { Connections } from '../hosts/connection.ts';
import type { HostServices } from '../hosts/host-services.ts';
import type { HostsModel } from '../hosts/hosts-model.ts';
import type { JobServices } from '../jobs/job-services.ts';
import type { LabServices } from '../lab/lab-services.ts';
import type { AnyNode, HostTreeNode, JobNode, StoreTreeNode } from '../nodes/nodes.ts';
import type { AnatomyServices } from '../panels/anatomy/anatomy-panel.ts';
import type { CompareServices } from '../panels/compare/compare-panel.ts';
import type { MapServices } from '../panels/change-map/change-map-panel.ts';
import type { SessionRecording } from '../panels/trace/session-recording.ts';
import type { Pages } from '../panels/page/pages.ts';
import type { Attention } from '../polling/attention.ts';
import type { StoreServices } from '../stores/store-services.ts';
import type { HostsTree } from '../tree/hosts-tree.ts';
import type { JobsTree } from '../tree/jobs-tree.ts';
import type { StoresTree } from '../tree/stores-tree.ts';

/**
 * Objects that exist while the extension is active. Each room declares what it needs; `start.ts` makes all of it. Only commands, which may use
 * every room, take the whole.
 */
export interface Services
  extends
    HostServices,
    StoreServices,
    JobServices,
    LabServices,
    MapServices,
    AnatomyServices,
    CompareServices {
  readonly context: vscode.ExtensionContext;
  readonly connections: Connections;
  readonly hosts: HostsModel;
  /** Options of backups, by VM. */
  readonly choices: RememberedChoices;
  /** Tells what the person looks at, and when they act. */
  readonly attention: Attention;
  /** The recording of this window's exchanges with hosts. */
  readonly recording: SessionRecording;
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
