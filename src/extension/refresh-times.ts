import * as vscode from 'vscode';
import type { Services } from './services/services.ts';

const MINUTE_MS = 60_000;

/** Rows tell how long ago something was: they are drawn again each minute while they are in sight. Nothing is asked for that. */
export function refreshTimes({
  trees,
  views,
}: Pick<Services, 'trees' | 'views'>): vscode.Disposable {
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
