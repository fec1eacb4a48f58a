import * as vscode from 'vscode';
import type { HostTarget } from '../../engine/api/host.ts';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { requests } from '../../engine/api/methods.ts';
import type { Connections } from '../hosts/connection.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineFailure } from '../engine/engine-error.ts';
import { ownFailure } from '../errors/own-failure.ts';
import { presentError } from '../errors/present-error.ts';
import { serverOf } from '../settings/file-servers.ts';
import { hostKey, hostLabel, readHosts, type HostSetting } from '../settings/hosts.ts';
import type { JobWatcher } from '../jobs/job-watcher.ts';
import { readStores } from '../settings/stores.ts';
import type { HostsModel } from '../hosts/hosts-model.ts';
import { fileAccessPage } from './file-access-page.ts';
import { findingsPage } from './findings-page.ts';
import type { MadePage } from './page-parts.ts';
import type { Page, RenderedPage } from './page-uri.ts';
import { reportPage } from './report-page.ts';
import { shadowsPage } from './shadows-page.ts';

const { t } = vscode.l10n;

interface Parts {
  readonly engine: Engine;
  readonly connections: Connections;
  readonly hosts: HostsModel;
  readonly jobs: JobWatcher;
}

/** Makes a rendered page. */
export type PageMaker = (page: RenderedPage, token: vscode.CancellationToken) => Promise<MadePage>;

export function pageMaker(parts: Parts): PageMaker {
  return (page, token) => {
    switch (page.kind) {
      case 'report':
        return makeReport(parts, page, token);
      case 'files':
        return makeFileAccess(parts, page, token);
      case 'findings':
        return makeFindings(parts, page, token);
      case 'shadows':
        return makeShadows(parts, page, token);
    }
  };
}

type Of<Kind extends Page['kind']> = Extract<Page, { readonly kind: Kind }>;

async function makeReport(
  { engine, jobs }: Parts,
  page: Of<'report'>,
  token: vscode.CancellationToken,
): Promise<MadePage> {
  const { store: path, vm, point } = page;
  // Any document can contain the address, and on Windows opening a share sends credentials to its server.
  const known = readStores().includes(path) || (await jobs.look()).some(inStore(path));
  if (!known) throw ownFailure('view.unknownStore', path);
  const report = await engine.request(requests.pointReport, { path, vm, point }, token);
  return reportPage(report, page);
}

async function makeFindings(
  { engine, connections, hosts }: Parts,
  page: Of<'findings'>,
  token: vscode.CancellationToken,
): Promise<MadePage> {
  const { host, target } = await reachable(connections, page.host);
  const test = await engine.request(requests.testHost, { target }, token);
  const params = { target, vm: page.vm, stores: readStores() };
  const vm = page.vm === '' ? undefined : await engine.request(requests.showVm, params, token);
  return findingsPage({
    page,
    name: hostLabel(host),
    test,
    vm,
    hostNode: hosts.hostOf(host),
    vmNode: page.vm === '' ? undefined : hosts.vm(host, page.vm),
  });
}

async function makeShadows(
  { engine, connections, hosts }: Parts,
  page: Of<'shadows'>,
  token: vscode.CancellationToken,
): Promise<MadePage> {
  const { host, target } = await reachable(connections, page.host);
  const params = { target, stores: readStores() };
  const list = await engine.request(requests.listShadows, params, token);
  return shadowsPage({
    page,
    name: hostLabel(host),
    list,
    hostNode: hosts.hostOf(host),
    vmNode: (id) => hosts.vm(host, id),
  });
}

/** A host of the settings, with its target. Throws if it would have to be asked for: a window that comes back with a page asks nobody. */
async function reachable(
  connections: Connections,
  key: string,
): Promise<{ readonly host: HostSetting; readonly target: HostTarget }> {
  const host = readHosts().find((each) => hostKey(each) === key);
  if (host === undefined) throw ownFailure('http.url', t('The host is no longer in the list.'));
  const target = await connections.target(host, false);
  if (target === undefined) throw ownFailure('http.auth.missing', t('Connect to the host first.'));
  return { host, target };
}

async function makeFileAccess(
  { engine, connections, hosts }: Parts,
  page: Of<'files'>,
  token: vscode.CancellationToken,
): Promise<MadePage> {
  // Any document can contain the address of a page: the engine contacts servers only that were approved.
  const { host, target } = await reachable(connections, page.host);
  const { place } = page;
  const facts = {
    page,
    name: hostLabel(host),
    place: place === '' ? serverOf(host) : place,
    hostNode: hosts.hostOf(host),
  };
  try {
    const found = await engine.request(requests.testFileAccess, { target, place }, token);
    hosts.setFiles(host, found);
    return fileAccessPage({ ...facts, found });
  } catch (error) {
    if (!(error instanceof EngineFailure)) throw error;
    return fileAccessPage({ ...facts, found: presentError(error, facts.hostNode) });
  }
}

/** Whether a job is about that store: its report is shown also where the store is in no list. */
const inStore =
  (path: string) =>
  ({ spec }: JobInfo): boolean =>
    spec.kind === 'backup' && spec.store === path;
