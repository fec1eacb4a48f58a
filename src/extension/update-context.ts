import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { JobInfo } from '../engine/api/jobs.ts';
import type { ContextKey } from './contributions/view-table.ts';
import { isLive } from './jobs/live-job.ts';
import type { Services } from './services/services.ts';
import { readStores } from './settings/stores.ts';

/** Whether this computer has Hyper-V, whose service is a program of Windows; a role that was removed takes it along. */
const HYPER_V_HERE =
  process.platform === 'win32' &&
  existsSync(path.join(process.env['windir'] ?? 'c:/windows', 'system32', 'vmms.exe'));

/** Answers a function that sets the keys that menus and welcome texts look at, those that changed only. */
export function contextUpdater({
  hosts,
  jobs,
  seen,
}: Pick<Services, 'hosts' | 'jobs' | 'seen'>): () => void {
  const last = new Map<ContextKey, boolean>();
  return () => {
    for (const [key, value] of Object.entries(keys(hosts, jobs, seen)) as [ContextKey, boolean][]) {
      if (last.get(key) === value) continue;
      last.set(key, value);
      void vscode.commands.executeCommand('setContext', key, value);
    }
  };
}

function keys(
  { hosts, connected }: Services['hosts'],
  { jobs, live }: Services['jobs'],
  seen: Services['seen'],
): Readonly<Record<ContextKey, boolean>> {
  // Steps of the walkthrough are ticked by what was done, not by what was begun.
  const did = (kind: JobInfo['spec']['kind']): readonly JobInfo[] =>
    jobs.filter(({ state, spec }) => state === 'done' && spec.kind === kind);
  return {
    'refpoint.hasHosts': hosts.length > 0,
    'refpoint.hyperVHere': HYPER_V_HERE,
    // The system of the engine. VS Code's key isWindows is that of the window.
    'refpoint.onWindows': process.platform === 'win32',
    'refpoint.connected': connected.length > 0,
    'refpoint.hasDisconnectedHosts': connected.length < hosts.length,
    'refpoint.hasStores': readStores().length > 0,
    'refpoint.hasLab': hosts.some(({ lab }) => lab),
    'refpoint.labRunning': connected.some(({ lab }) => lab),
    'refpoint.hasJobs': jobs.length > 0,
    'refpoint.hasRunningJobs': live.length > 0,
    'refpoint.hasQueuedJobs': live.some(({ state }) => state === 'queued'),
    'refpoint.hasEndedJobs': jobs.some((job) => !isLive(job)),
    'refpoint.backedUp': did('backup').length > 0,
    'refpoint.backedUpChanges': did('backup').some(({ result }) => result?.kind === 'incr'),
    'refpoint.mapSeen': seen.map,
    'refpoint.restored': did('restore').length > 0 || did('import').length > 0,
  };
}
