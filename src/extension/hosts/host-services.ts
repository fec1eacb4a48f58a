import type * as vscode from 'vscode';
import type { HostTreeNode } from '../nodes/nodes.ts';
import type { Output } from '../output/output.ts';
import type { Connections } from './connection.ts';
import type { GroupsModel } from './groups-model.ts';
import type { HostsModel } from './hosts-model.ts';

/** Parts of the extension that choose a host or a VM and connect to it. */
export interface HostServices {
  readonly connections: Connections;
  readonly hosts: HostsModel;
  readonly groups: GroupsModel;
  readonly output: Output;
  readonly views: { readonly hosts: Pick<vscode.TreeView<HostTreeNode>, 'reveal'> };
}
