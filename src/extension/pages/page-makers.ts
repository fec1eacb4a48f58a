import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { requests } from '../../engine/api/methods.ts';
import type { Connections } from '../hosts/connection.ts';
import type { Engine } from '../engine/engine.ts';
import { ownFailure } from '../errors/own-failure.ts';
import { hostKey, hostLabel, readHosts } from '../settings/hosts.ts';
import type { JobWatcher } from '../jobs/job-watcher.ts';
import { readStores } from '../settings/stores.ts';
import type { HostsModel } from '../hosts/hosts-model.ts';
import { findingsPage } from './findings-page.ts';
import type { MadePage } from './page-parts.ts';
import type { Page, RenderedPage } from './page-uri.ts';
import { reportPage } from './report-page.ts';

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
  return (page, token) =>
    page.kind === 'report' ? makeReport(parts, page, token) : makeFindings(parts, page, token);
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
  const host = readHosts().find((each) => hostKey(each) === page.host);
  if (host === undefined) throw ownFailure('http.url', t('The host is no longer in the list.'));
  // A window that comes back with this page open asks nobody for a password.
  const target = await connections.target(host, false);
  if (target === undefined) throw ownFailure('http.auth.missing', t('Connect to the host first.'));
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

/** Whether a job is about that store: its report is shown also where the store is in no list. */
const inStore =
  (path: string) =>
  ({ spec }: JobInfo): boolean =>
    spec.kind === 'backup' && spec.store === path;
