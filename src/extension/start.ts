import * as vscode from 'vscode';
import { RememberedChoices } from './choices/remembered-choices.ts';
import { learnFiles } from './hosts/files/learn-files.ts';
import { learnLogins } from './hosts/learn-logins.ts';
import { connectTo } from './hosts/connect-host.ts';
import { registerCommands } from './commands/register.ts';
import { Connections } from './hosts/connection.ts';
import type { Engine } from './engine/engine.ts';
import { FollowedJobs } from './jobs/followed-jobs.ts';
import { JobFollower } from './jobs/job-follower.ts';
import { subjectOfJob } from './jobs/job-subject.ts';
import { JobStarter } from './jobs/job-starter.ts';
import { JobWatcher } from './jobs/job-watcher.ts';
import { parallelJobs } from './settings/parallel-jobs.ts';
import { recordExchanges } from './settings/record-exchanges.ts';
import type { Output } from './output/output.ts';
import { pageMaker } from './pages/page-makers.ts';
import { pageTexts } from './pages/page-texts.ts';
import { Pages } from './panels/page/pages.ts';
import { registerAnatomyEditor } from './panels/anatomy/anatomy-editor.ts';
import { registerComparisons } from './panels/compare/compare-panel.ts';
import { registerChangeMaps } from './panels/change-map/change-map-panel.ts';
import { SessionRecording } from './panels/trace/session-recording.ts';
import { registerTraceEditor } from './panels/trace/trace-panel.ts';
import { Seen } from './panels/change-map/seen.ts';
import { Passwords } from './hosts/secrets.ts';
import { hostKey } from './settings/hosts.ts';
import type { Services } from './services/services.ts';
import { GroupsModel } from './hosts/groups-model.ts';
import { HostsModel } from './hosts/hosts-model.ts';
import { HostsTree } from './tree/hosts-tree.ts';
import { JobsTree } from './tree/jobs-tree.ts';
import { registerPointBadges } from './tree/point-badges.ts';
import { StoresTree } from './tree/stores-tree.ts';
import { contextUpdater } from './update-context.ts';
import { Attention } from './polling/attention.ts';
import { pollHosts } from './polling/host-polling.ts';
import { refreshTimes } from './refresh-times.ts';

/** Makes what the extension consists of, and ties it together; what it makes goes with the context. */
export function startExtension(
  context: vscode.ExtensionContext,
  environment: Readonly<Record<string, string>>,
  output: Output,
  engine: Engine,
): Services {
  const services = makeServices(context, environment, output, engine);
  const {
    hosts,
    groups,
    choices,
    jobs,
    follower,
    pages,
    seen,
    recording,
    trees,
    views,
    attention,
  } = services;
  const updateContext = contextUpdater(services);
  context.subscriptions.push(
    output,
    engine,
    hosts,
    groups,
    choices,
    jobs,
    follower,
    pages,
    ...Object.values(trees),
    ...Object.values(views),
    registerCommands(services),
    registerPointBadges(),
    registerChangeMaps(services),
    registerAnatomyEditor(services),
    registerComparisons(services),
    registerTraceEditor(services),
    recording,
    attention,
    pollHosts({ hosts, attention, view: views.hosts }),
    watchJobsWhileSeen(services),
    refreshTimes(services),
    learnLogins(services),
    seen,
    seen.onChanged(updateContext),
    hosts.onChanged(updateContext),
    views.hosts.onDidCollapseElement(({ element }) => {
      if (element.kind === 'host') hosts.close(element.id);
    }),
    views.hosts.onDidExpandElement(({ element }) => {
      // Opened by the person, not by a window that starts: they may be asked for a password.
      const host = element.kind === 'host' ? hosts.host(element.id) : undefined;
      if (host?.state === 'disconnected') void connectTo(services, host.host, 'row');
    }),
    jobs.onChanged((all) => {
      trees.jobs.show(all);
      updateContext();
    }),
    jobs.onEnded(({ spec, result }) => {
      if (spec.kind === 'export') return;
      trees.stores.refreshStore(spec.store);
      if (spec.kind === 'backup') {
        for (const id of spec.vms ?? [spec.vm]) {
          const of = hosts.hosts.flatMap(({ host }) => hosts.vm(host, id) ?? []);
          for (const vm of of) void hosts.refreshVm(vm.host, id);
        }
        if (spec.group === true) {
          for (const { host } of hosts.hosts) groups.refresh(host, spec.vm);
        }
        learnFiles(hosts, spec.host, result);
      }
      if (spec.kind === 'over' || spec.kind === 'writer') {
        const host = hosts.at(spec.host);
        const vm = spec.kind === 'over' ? spec.over : spec.vm;
        if (host?.state === 'connected') void hosts.refreshVm(host.host, vm);
      }
      if (spec.kind === 'import' && result?.vm !== undefined) {
        const host = hosts.at(spec.host);
        if (host?.state === 'connected') void hosts.refreshVm(host.host, result.vm.id);
      }
      const byVss = spec.kind === 'backup' && spec.options.method === 'vss';
      const host = byVss ? hosts.at(spec.host)?.host : undefined;
      const key = host && hostKey(host);
      pages.refresh(
        (page) =>
          (page.kind === 'report' && page.store === spec.store) ||
          (page.kind === 'shadows' && page.host === key),
      );
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('refpoint.hosts')) hosts.readSettings();
      if (event.affectsConfiguration('refpoint.stores')) trees.stores.refresh();
      updateContext();
    }),
  );
  updateContext();
  void follower.resume();
  return services;
}

/** Jobs are looked at while their view can be seen. */
function watchJobsWhileSeen({
  jobs,
  views,
  attention,
}: Pick<Services, 'jobs' | 'views' | 'attention'>): vscode.Disposable {
  const update = (): void => {
    jobs.seen = { visible: views.jobs.visible, focused: vscode.window.state.focused };
  };
  update();
  return vscode.Disposable.from(
    views.jobs.onDidChangeVisibility(update),
    vscode.window.onDidChangeWindowState(update),
    attention.onActed(() => jobs.hasten()),
  );
}

/** Everything that commands work with; nothing of it asks anybody anything yet. */
function makeServices(
  context: vscode.ExtensionContext,
  environment: Readonly<Record<string, string>>,
  output: Output,
  engine: Engine,
): Services {
  const passwords = new Passwords(context.secrets, output.redactor);
  const connections = new Connections(engine, passwords);
  const hosts = new HostsModel(engine, connections);
  const groups = new GroupsModel(engine, connections, hosts);
  const choices = new RememberedChoices(context.globalState);
  const jobs = new JobWatcher(engine);
  const starter = new JobStarter(context.extensionPath, environment, parallelJobs, recordExchanges);
  context.subscriptions.push(starter);
  const follower = new JobFollower({
    engine,
    watcher: jobs,
    output,
    followed: new FollowedJobs(context.workspaceState),
    subjectOf: subjectOfJob(hosts),
  });
  const { version = '' } = context.extension.packageJSON as { readonly version?: string };
  const make = pageMaker({ engine, connections, hosts, jobs });
  const texts = pageTexts({ engine, jobs, version, make });
  const pages = new Pages(context.extensionUri, texts, make);
  const trees = {
    hosts: new HostsTree(hosts, groups, choices),
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
    jobs: vscode.window.createTreeView('refpoint.jobs', {
      treeDataProvider: trees.jobs,
      canSelectMany: true,
    }),
  };
  return {
    context,
    environment,
    output,
    engine,
    passwords,
    connections,
    hosts,
    groups,
    choices,
    jobs,
    startJob: (title, spec, target) => starter.start(title, spec, target),
    follower,
    pages,
    seen: new Seen(),
    recording: new SessionRecording(engine, output),
    attention: new Attention(),
    trees,
    views,
  };
}
