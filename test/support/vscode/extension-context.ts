import { join } from 'node:path';
import type * as vscode from 'vscode';
import { FakeEnvironmentVariables, FakeMemento, FakeSecrets } from './storage.ts';
import { Uri } from './uri.ts';

export interface FakeContext {
  readonly context: vscode.ExtensionContext;
  readonly secrets: FakeSecrets;
  readonly workspaceState: FakeMemento;
  readonly globalState: FakeMemento;
  readonly terminals: FakeEnvironmentVariables;
}

/**
 * What `activate` is given: the extension is this repository, its storage a folder of the test. What `before` kept is there again,
 * as after a reload of the window.
 */
export function fakeContext(folder: string, before?: FakeContext): FakeContext {
  const secrets = before?.secrets ?? new FakeSecrets();
  const workspaceState = before?.workspaceState ?? new FakeMemento();
  const globalState = before?.globalState ?? new FakeMemento();
  const terminals = new FakeEnvironmentVariables();
  const context = {
    subscriptions: [],
    extensionPath: process.cwd(),
    extensionUri: Uri.file(process.cwd()),
    globalStorageUri: Uri.file(join(folder, 'storage')),
    logUri: Uri.file(join(folder, 'logs')),
    extension: { id: 'refpoint.refpoint', packageJSON: { version: '0.1.0' } },
    extensionMode: 3,
    secrets,
    workspaceState,
    globalState,
    environmentVariableCollection: terminals,
    asAbsolutePath: (path: string) => join(process.cwd(), path),
  };
  return {
    context: context as unknown as vscode.ExtensionContext,
    secrets,
    workspaceState,
    globalState,
    terminals,
  };
}
