import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { HostTarget } from '../../../src/engine/api/host.ts';
import type { JobSpec } from '../../../src/engine/api/jobs.ts';
import type { Engine } from '../../../src/extension/engine/engine.ts';
import { Output } from '../../../src/extension/output/output.ts';
import type { Services } from '../../../src/extension/services/services.ts';
import { startExtension } from '../../../src/extension/start.ts';
import { afterwards } from '../checks/afterwards.ts';
import { FakeEngine } from './fake-engine.ts';
import { hostTest } from './samples.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import { fakeContext, type FakeContext } from '../vscode/extension-context.ts';
import type { FakeTreeView } from '../vscode/tree-view.ts';
import { workbench } from '../vscode/workbench.ts';
import type { HostTreeNode, JobNode, StoreTreeNode } from '../../../src/extension/nodes/nodes.ts';

/** The extension in a window: wired as it is when it is activated, with an engine of the test’s. */
export interface ExtensionWindow extends FakeContext {
  readonly services: Services;
  readonly folder: string;
  /** Jobs that were started, where they are only kept; they end at once. */
  readonly started: StartedJob[];
  readonly hosts: FakeTreeView<HostTreeNode>;
  readonly stores: FakeTreeView<StoreTreeNode>;
  readonly jobs: FakeTreeView<JobNode>;
  /** Runs a command as the palette does, or with what a tree gives it. */
  readonly run: (id: string, ...args: readonly unknown[]) => Promise<unknown>;
  readonly close: () => void;
}

export interface StartedJob {
  readonly title: string;
  readonly spec: JobSpec;
  readonly target: HostTarget | null;
}

export interface WindowOptions {
  readonly engine?: Engine;
  readonly environment?: Readonly<Record<string, string>>;
  /** Jobs are started for real; else only kept in `started`. */
  readonly realJobs?: boolean;
  /** What a window before this one left. */
  readonly before?: FakeContext & { readonly folder: string };
}

/** A window with an engine of answers. */
export async function fakeWindow(
  t: TestContext,
  options: Omit<WindowOptions, 'engine'> = {},
): Promise<ExtensionWindow & { readonly engine: FakeEngine }> {
  const engine = new FakeEngine()
    .on(requests.testHost, () => hostTest())
    .on(requests.listGroups, () => []);
  return { ...(await openWindow(t, { ...options, engine: engine.asEngine })), engine };
}

export async function openWindow(
  t: TestContext,
  { engine, environment = {}, before, realJobs = false }: WindowOptions,
): Promise<ExtensionWindow> {
  const folder = before?.folder ?? (await mkdtemp(join(tmpdir(), 'refpoint-window-')));
  if (before === undefined)
    afterwards(t, () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const fake = fakeContext(folder, before);
  const output = new Output();
  const used = engine ?? new FakeEngine().asEngine;
  const home = { REFPOINT_HOME: join(folder, 'home'), ...environment };
  const services = startExtension(fake.context, home, output, used);
  const started: StartedJob[] = [];
  if (!realJobs) {
    Object.assign(services, {
      startJob: async (title: string, spec: JobSpec, target: HostTarget | null) => {
        started.push({ title, spec, target });
        return `job-${started.length}`;
      },
    });
  }
  const close = (): void => {
    for (const each of fake.context.subscriptions.splice(0).reverse()) each.dispose();
  };
  afterwards(t, close);
  return {
    ...fake,
    services,
    folder,
    started,
    hosts: workbench.treeView('refpoint.hosts'),
    stores: workbench.treeView('refpoint.stores'),
    jobs: workbench.treeView('refpoint.jobs'),
    run: async (id, ...args) => {
      const handler = workbench.commands.get(id);
      if (handler === undefined) throw new Error(`there is no command ${id}`);
      const result: unknown = await handler(...args);
      await settled();
      return result;
    },
    close,
  };
}

/** Lets everything that is ready go on: messages are shown and answered without anybody waiting for them. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
