import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type * as vscode from 'vscode';
import type { Exported } from '../../../src/extension/extension.ts';
import type { Services } from '../../../src/extension/services/services.ts';
import type { HostNode, VmNode } from '../../../src/extension/nodes/nodes.ts';
import type { ProcessWatch } from './process-watch.ts';
import type { Suite } from './suite.ts';
import type { WindowWatch } from './window-watch.ts';

export interface Surroundings {
  readonly suite: Suite;
  readonly services: Services;
  readonly extension: vscode.Extension<Exported>;
  /** A folder that is not there yet. */
  readonly store: string;
  readonly window: WindowWatch;
  readonly processes: ProcessWatch;
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

/** A command of the lab, given as in a terminal. */
export async function lab({ context }: Services, ...words: readonly string[]): Promise<void> {
  const cli = path.join(context.extensionPath, 'dist', 'cli.cjs');
  const dir = path.join(context.globalStorageUri.fsPath, 'lab');
  await promisify(execFile)(process.execPath, [cli, 'lab', ...words, '--dir', dir], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
