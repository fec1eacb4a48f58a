import type * as vscode from 'vscode';
import type { Services } from '../../../src/extension/services.ts';
import type { HostNode, VmNode } from '../../../src/extension/tree/nodes.ts';
import type { Suite } from './suite.ts';

export interface Surroundings {
  readonly suite: Suite;
  readonly services: Services;
  readonly extension: vscode.Extension<unknown>;
  /** A folder that is not there yet. */
  readonly store: string;
}

/** The lab host, connected. */
export function labNode({ hosts }: Services): HostNode {
  const lab = hosts.connected.find((host) => host.lab);
  if (lab === undefined) throw new Error('the lab host is not connected');
  return lab;
}

/** The only VM of the lab. */
export function sampleVm(services: Services): VmNode {
  const [vm] = services.hosts.vms(labNode(services).id);
  if (vm === undefined) throw new Error('the lab host has no VM');
  return vm;
}
