import * as vscode from 'vscode';
import { registerCommands } from './commands/register.ts';
import { Connections } from './connection.ts';
import { Engine } from './engine/engine.ts';
import { JobWatcher } from './jobs/job-watcher.ts';
import { Output } from './output.ts';
import { registerAnatomyEditor } from './panels/anatomy-editor.ts';
import { registerChangeMaps } from './panels/change-map-panel.ts';
import { registerReports } from './report/report-documents.ts';
import { Passwords } from './secrets.ts';
import type { Services } from './services.ts';
import { HostsModel } from './tree/hosts-model.ts';
import { HostsTree } from './tree/hosts-tree.ts';
import { JobsTree } from './tree/jobs-tree.ts';
import { StoresTree } from './tree/stores-tree.ts';
import { updateContext } from './update-context.ts';
import { refreshWhileVisible } from './refresh-while-visible.ts';

/** What tests see of the extension. */
export interface Exported {
  readonly services: Services;
}

let engine: Engine | undefined;

/** The order of what is made here is the order of what depends on what. The engine is started by its first request, not here. */
export function activate(context: vscode.ExtensionContext): Exported {
  const environment: Record<string, string> = {};
  const output = new Output();
  engine = new Engine(output, context.extensionPath, environment);
  const passwords = new Passwords(context.secrets, output.redactor);
  const connections = new Connections(engine, passwords);
  const hosts = new HostsModel(engine, (host, ask) => connections.target(host, ask));
  const jobs = new JobWatcher(engine);
  const trees = {
    hosts: new HostsTree(hosts),
    stores: new StoresTree(engine),
    jobs: new JobsTree(),
  };
  const views = {
    hosts: vscode.window.createTreeView('refpoint.hosts', {
      treeDataProvider: trees.hosts,
      canSelectMany: true,
    }),
    stores: vscode.window.createTreeView('refpoint.stores', {
      treeDataProvider: trees.stores,
      canSelectMany: true,
    }),
    jobs: vscode.window.createTreeView('refpoint.jobs', { treeDataProvider: trees.jobs }),
  };
  const services: Services = {
    context,
    environment,
    output,
    engine,
    passwords,
    connections,
    hosts,
    jobs,
    trees,
    views,
    updateContext: () => updateContext(services),
  };
  context.subscriptions.push(
    output,
    engine,
    hosts,
    jobs,
    ...Object.values(trees),
    ...Object.values(views),
    registerCommands(services),
    registerReports(engine),
    registerChangeMaps(services),
    registerAnatomyEditor(services),
    refreshWhileVisible(services),
    hosts.onChanged(() => services.updateContext()),
    jobs.onChanged((all) => {
      trees.jobs.show(all);
      services.updateContext();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('refpoint.hosts')) hosts.readSettings();
      if (event.affectsConfiguration('refpoint.stores')) trees.stores.refresh();
      services.updateContext();
    }),
  );
  services.updateContext();
  return { services };
}

/** Detached jobs and the lab go on; the engine ends. */
export async function deactivate(): Promise<void> {
  await engine?.stop();
}
