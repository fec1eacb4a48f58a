import * as vscode from 'vscode';
import { SETTINGS } from '../contributions/setting-table.ts';
import type { HostsModel } from '../hosts/hosts-model.ts';
import type { HostTreeNode, VmNode } from '../nodes/nodes.ts';
import { boundedNumber } from '../settings/setting-values.ts';
import type { Attention } from './attention.ts';
import { Pace } from './pace.ts';
import { HostLook } from './poll-host.ts';
import { Poller } from './poller.ts';

/** Longest pause between two looks at a host, in milliseconds. */
const LONGEST_MS = 60_000;

/** Shortest pause between two looks, in milliseconds; 0: never. */
const shortest = (): number =>
  1000 *
  boundedNumber(
    vscode.workspace.getConfiguration('refpoint').get<unknown>('refreshSeconds'),
    SETTINGS['refpoint.refreshSeconds'],
  );

interface Parts {
  readonly hosts: HostsModel;
  readonly attention: Attention;
  readonly view: Pick<
    vscode.TreeView<HostTreeNode>,
    | 'visible'
    | 'onDidChangeVisibility'
    | 'onDidExpandElement'
    | 'onDidCollapseElement'
    | 'onDidChangeSelection'
  >;
}

/** Polls each host that is connected, or may answer again, while somebody looks at the view of hosts. */
export function pollHosts({ hosts, attention, view }: Parts): vscode.Disposable {
  const pollers = new Map<string, Poller>();
  const open = new Map<string, VmNode>();
  const watched = (): boolean => shortest() > 0 && attention.looksAt(view);
  const sync = (): void => {
    const ids = new Set(hosts.polled);
    for (const [id, poller] of pollers) {
      if (ids.has(id)) continue;
      poller.dispose();
      pollers.delete(id);
    }
    for (const id of ids) {
      if (pollers.has(id)) continue;
      const openHere = (): VmNode[] =>
        [...open.values()].filter((vm) => vm.id.startsWith(`${id}/`));
      const host = new HostLook(hosts, id, openHere);
      const pace = new Pace(shortest, LONGEST_MS);
      pollers.set(id, new Poller({ look: () => host.look(), pace, watched }));
    }
  };
  const all = (what: 'update' | 'hasten') => (): void => {
    for (const poller of pollers.values()) poller[what]();
  };
  sync();
  return vscode.Disposable.from(
    hosts.onChanged(sync),
    view.onDidChangeVisibility(all('update')),
    vscode.window.onDidChangeWindowState(all('update')),
    attention.onActed(all('hasten')),
    view.onDidChangeSelection(all('hasten')),
    view.onDidExpandElement(({ element }) => {
      if (element.kind === 'vm') open.set(element.id, element);
      all('hasten')();
    }),
    view.onDidCollapseElement(({ element }) => {
      if (element.kind === 'vm') open.delete(element.id);
      else if (element.kind === 'host') {
        for (const id of open.keys()) if (id.startsWith(`${element.id}/`)) open.delete(id);
      }
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('refpoint.refreshSeconds')) all('hasten')();
    }),
    new vscode.Disposable(() => {
      for (const poller of pollers.values()) poller.dispose();
    }),
  );
}
