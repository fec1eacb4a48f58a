import * as vscode from 'vscode';
import type { ContextKey } from './contributions/view-table.ts';
import type { Services } from './services.ts';
import { readStores } from './stores.ts';

const last = new Map<ContextKey, boolean>();

/** Sets the keys that menus and welcome texts look at; only those that changed. */
export function updateContext({ hosts, jobs }: Services): void {
  const all = hosts.hosts;
  set('refpoint.hasHosts', all.length > 0);
  set('refpoint.connected', hosts.connected.length > 0);
  set('refpoint.hasDisconnectedHosts', hosts.connected.length < all.length);
  set('refpoint.hasStores', readStores().length > 0);
  set(
    'refpoint.labRunning',
    hosts.connected.some(({ lab }) => lab),
  );
  const running = jobs.jobs.filter(({ state, elsewhere }) => state === 'running' && !elsewhere);
  set('refpoint.hasJobs', jobs.jobs.length > 0);
  set('refpoint.hasRunningJobs', running.length > 0);
  set(
    'refpoint.hasEndedJobs',
    jobs.jobs.some(({ state }) => state !== 'running'),
  );
}

function set(key: ContextKey, value: boolean): void {
  if (last.get(key) === value) return;
  last.set(key, value);
  void vscode.commands.executeCommand('setContext', key, value);
}
