import * as vscode from 'vscode';
import { SETTINGS } from './contributions/setting-table.ts';
import type { Services } from './services/services.ts';
import { boundedNumber } from './settings/setting-values.ts';

/** Connected hosts are asked again while their view is visible, jobs are looked at while theirs is; nothing otherwise. */
export function refreshWhileVisible({
  hosts,
  jobs,
  trees,
  views,
}: Pick<Services, 'hosts' | 'jobs' | 'trees' | 'views'>): vscode.Disposable {
  const clock = refreshTimes(trees, views);
  let timer: NodeJS.Timeout | undefined;
  const milliseconds = (): number =>
    1000 *
    boundedNumber(
      vscode.workspace.getConfiguration('refpoint').get<unknown>('refreshSeconds'),
      SETTINGS['refpoint.refreshSeconds'],
    );
  const again = (): void => {
    clearTimeout(timer);
    if (!views.hosts.visible || milliseconds() <= 0) return;
    timer = setTimeout(refresh, milliseconds());
  };
  const refresh = (): void => {
    void hosts.refresh().finally(again);
  };
  jobs.visible = views.jobs.visible;
  again();
  return vscode.Disposable.from(
    clock,
    views.hosts.onDidChangeVisibility(({ visible }) => {
      // Going back and forth between views asks no more often than looking at one.
      if (visible && milliseconds() > 0 && Date.now() - hosts.listedAt >= milliseconds()) refresh();
      else again();
    }),
    views.jobs.onDidChangeVisibility(({ visible }) => {
      jobs.visible = visible;
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('refpoint.refreshSeconds')) again();
    }),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}

const MINUTE_MS = 60_000;

/** Rows tell how long ago something was: they are drawn again each minute while they are in sight. Nothing is asked for that. */
function refreshTimes(trees: Services['trees'], views: Services['views']): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    clearTimeout(timer);
    if (Object.values(views).some(({ visible }) => visible)) timer = setTimeout(tick, MINUTE_MS);
  };
  const tick = (): void => {
    if (views.hosts.visible) trees.hosts.refreshTimes();
    if (views.stores.visible) trees.stores.refreshTimes();
    if (views.jobs.visible) trees.jobs.refreshTimes();
    again();
  };
  again();
  return vscode.Disposable.from(
    ...Object.values(views).map((view) => view.onDidChangeVisibility(again)),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}
