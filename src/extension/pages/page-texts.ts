import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { requests } from '../../engine/api/methods.ts';
import type { Connections } from '../connection.ts';
import { ownFailure } from '../errors/own-failure.ts';
import type { Engine } from '../engine/engine.ts';
import { hostKey, hostLabel, readHosts } from '../hosts.ts';
import type { JobWatcher } from '../jobs/job-watcher.ts';
import { readStores } from '../stores.ts';
import { findingsText } from './findings-text.ts';
import { logText } from './log-text.ts';
import type { PageTexts } from './pages.ts';
import { reportText } from './report-text.ts';

const { t } = vscode.l10n;

interface Parts {
  readonly engine: Engine;
  readonly connections: Connections;
  readonly jobs: JobWatcher;
  readonly version: string;
}

/** How the contents of each kind of page are made. */
export function pageTexts({ engine, connections, jobs, version }: Parts): PageTexts {
  return {
    report: async ({ store: path, vm, point }, token) => {
      // The address may stand in anybody's text, and on Windows opening a share logs in to whoever wrote it.
      const known = readStores().includes(path) || (await jobs.look()).some(inStore(path));
      if (!known) throw ownFailure('view.unknownStore', path);
      return reportText(
        await engine.request(requests.pointReport, { path, vm, point }, token),
        path,
      );
    },
    findings: async ({ host: key, vm }, token) => {
      const host = readHosts().find((each) => hostKey(each) === key);
      if (host === undefined) throw ownFailure('http.url', t('The host is no longer in the list.'));
      // A window that comes back with this page open asks nobody for a password.
      const target = await connections.target(host, false);
      if (target === undefined)
        throw ownFailure('http.auth.missing', t('Connect to the host first.'));
      const test = await engine.request(requests.testHost, { target }, token);
      const params = { target, vm, stores: readStores() };
      const shown = vm === '' ? undefined : await engine.request(requests.showVm, params, token);
      return findingsText(hostLabel(host), test, shown);
    },
    environment: async (_page, token) => {
      const found = await engine.request(requests.environment, {}, token);
      const facts = {
        refpoint: version,
        editor: {
          name: vscode.env.appName,
          version: vscode.version,
          remote: vscode.env.remoteName ?? null,
        },
        engine: {
          version: found.version,
          node: found.node,
          platform: found.platform,
          arch: found.arch,
          pid: found.pid,
        },
        koffi: found.koffi,
        folder: found.home,
        stores: readStores(),
      };
      return `${JSON.stringify(facts, undefined, 2)}\n`;
    },
    log: async ({ job: id }) => {
      const job = (await jobs.look()).find((each) => each.id === id);
      const file = job?.log ?? null;
      if (file === null) throw ownFailure('job.notFound', t('The job has no log on this machine.'));
      return logText(await readFile(file, 'utf8'));
    },
  };
}

/** Whether a job is about that store: its report is shown also where the store is in no list. */
const inStore =
  (path: string) =>
  ({ spec }: JobInfo): boolean =>
    spec.kind === 'backup' && spec.store === path;
