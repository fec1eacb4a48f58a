import * as vscode from 'vscode';
import type { Services } from './services.ts';

/** Connected hosts are asked again while their view is visible, jobs are looked at while theirs is; nothing otherwise. */
export function refreshWhileVisible({ hosts, jobs, views }: Services): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    clearTimeout(timer);
    const seconds = vscode.workspace.getConfiguration('refpoint').get<number>('refreshSeconds', 30);
    if (!views.hosts.visible || seconds <= 0) return;
    timer = setTimeout(() => void hosts.refresh().finally(again), seconds * 1000);
  };
  jobs.visible = views.jobs.visible;
  again();
  return vscode.Disposable.from(
    views.hosts.onDidChangeVisibility(({ visible }) => {
      if (visible && hosts.connected.length > 0) void hosts.refresh();
      again();
    }),
    views.jobs.onDidChangeVisibility(({ visible }) => {
      jobs.visible = visible;
    }),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}
