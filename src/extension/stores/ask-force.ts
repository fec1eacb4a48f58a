import { access } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { JobSpec } from '../../engine/api/jobs.ts';
import { requests } from '../../engine/api/methods.ts';
import type { StoreDisk } from '../../engine/api/store.ts';
import { confirm } from '../ask/messages.ts';
import type { StoreServices } from './store-services.ts';

const { t } = vscode.l10n;

/** Asks whether existing files are replaced by a restore. Returns undefined if it is cancelled. Names every file that would be lost. */
export async function askForce(
  to: string,
  disks: readonly StoreDisk[],
  format: string,
): Promise<boolean | undefined> {
  const lost: string[] = [];
  for (const { number, name } of disks) {
    const file = `${number}-${name}.${format}`;
    const there = await access(path.join(to, file)).then(
      () => true,
      () => false,
    );
    if (there) lost.push(file);
  }
  if (lost.length === 0) return false;
  const lines = [t('These files will be lost:'), ...lost];
  const yes = await confirm(t('Replace files in {0}?', to), lines, t('Replace'));
  return yes ? true : undefined;
}

type RestoreSpec = Extract<JobSpec, { readonly kind: 'restore' }>;

/** Asks again for a repeated restore: the earlier answer was about other files. Returns undefined if it is cancelled. */
export async function askForceAgain(
  { engine }: StoreServices,
  spec: RestoreSpec,
): Promise<RestoreSpec | undefined> {
  const points = await engine.request(requests.storePoints, { path: spec.store, vm: spec.vm });
  const disks = points.find(({ id }) => id === spec.point)?.disks ?? [];
  const wanted = disks.filter(
    ({ number }) => spec.disks.length === 0 || spec.disks.includes(String(number)),
  );
  const force = await askForce(spec.to, wanted, spec.format);
  return force === undefined ? undefined : { ...spec, force };
}
