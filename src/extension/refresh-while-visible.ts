import * as vscode from 'vscode';
import { SETTINGS } from './contributions/setting-table.ts';
import type { Services } from './services.ts';
import { boundedNumber } from './setting-values.ts';

/** Connected hosts are asked again while their view is visible, jobs are looked at while theirs is; nothing otherwise. */
export function refreshWhileVisible({
  hosts,
  jobs,
  views,
}: Pick<Services, 'hosts' | 'jobs' | 'views'>): vscode.Disposable {
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
