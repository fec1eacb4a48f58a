import * as vscode from 'vscode';
import type { Services } from '../../services/services.ts';
import { readStores } from '../../settings/stores.ts';
import { jobNode } from '../../nodes/node-names.ts';
import type { AnyNode } from '../../nodes/nodes.ts';
import { choose, type Item } from '../../ask/choose.ts';
import { pickJob } from '../../jobs/pick-job.ts';
import { pickReferencePoint } from '../../hosts/pick-reference-point.ts';
import { pickHost, pickVm } from '../../hosts/pick-host.ts';
import { pickPoint, pickStore, pickStoreVm } from '../../stores/pick-store.ts';

const { t } = vscode.l10n;

type Pick = () => Promise<AnyNode | undefined>;

/** Asks for the row of a command that was called without one: first its kind, then the row. Returns undefined if it is cancelled. */
export async function pickRow(services: Services, title: string): Promise<AnyNode | undefined> {
  const pick = await choose(title, kindsOf(services));
  return pick?.();
}

/** The kinds of which there may be some now. */
function kindsOf(services: Services): readonly Item<Pick>[] {
  const { hosts, jobs } = services;
  const items: Item<Pick>[] = [];
  if (hosts.hosts.length > 0) {
    items.push(
      { label: t('Virtual machine'), icon: 'vm', value: () => pickVm(services, undefined) },
      {
        label: t('Reference point'),
        icon: 'bookmark',
        value: async () => {
          const found = await pickReferencePoint(services);
          return found && { kind: 'referencePoint', id: found.point.id, ...found };
        },
      },
    );
  }
  if (hosts.hosts.length > 0) {
    const value: Pick = () => pickHost(services, undefined);
    items.push({ label: t('Host'), icon: 'server-environment', value });
  }
  if (readStores().length > 0) {
    items.push(
      {
        label: t('Backup point'),
        icon: 'circle-large-filled',
        value: async () => {
          const found = await pickPoint(services, undefined, t('Backup point'));
          return found && { kind: 'point', id: found.point.id, ...found };
        },
      },
      {
        label: t('Virtual machine of a store'),
        icon: 'vm',
        value: async () => {
          const found = await pickStoreVm(services, undefined);
          return found && { kind: 'storeVm', id: found.vm.id, twin: false, ...found };
        },
      },
      {
        label: t('Store'),
        icon: 'archive',
        value: async () => {
          const path = await pickStore(t('Store'));
          return path === undefined ? undefined : { kind: 'store', id: path, path };
        },
      },
    );
  }
  if (jobs.jobs.length > 0) {
    items.push({
      label: t('Job'),
      icon: 'play-circle',
      value: async () => {
        const job = await pickJob(services, undefined, () => true, t('There is no job.'));
        return job && jobNode(job);
      },
    });
  }
  return items;
}
