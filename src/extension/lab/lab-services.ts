import type * as vscode from 'vscode';
import type { HostsModel } from '../hosts/hosts-model.ts';
import type { Passwords } from '../hosts/secrets.ts';
import type { Output } from '../output/output.ts';

/** Parts of the extension that the lab's process needs. */
export interface LabProcessServices {
  readonly context: Pick<vscode.ExtensionContext, 'extensionPath' | 'globalStorageUri'>;
  /** Environment of the processes that the extension starts, beside its own. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Parts of the extension that start the lab and keep its password. */
export interface LabServices extends LabProcessServices {
  readonly hosts: HostsModel;
  readonly output: Output;
  readonly passwords: Passwords;
}
