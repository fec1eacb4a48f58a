import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { choose } from '../ask/choose.ts';
import { pointTime } from '../words/point-name.ts';

const { t } = vscode.l10n;

/** A point that a job made or read, as far as it is known. */
export interface PointOfJob {
  readonly vm: string;
  /** Name of the VM. */
  readonly name: string;
  readonly point: string | undefined;
}

/** Returns the point that a job made or read; of a backup of several VMs, the one that is asked for. Throws CancellationError. */
export async function pickPointOfJob({ spec, result, title }: JobInfo): Promise<PointOfJob> {
  const [first, ...more] = result?.points ?? [];
  if (first !== undefined && more.length > 0) {
    const chosen = await choose(
      t('Virtual machine'),
      [first, ...more].map((value) => ({
        label: value.name === '' ? value.vm : value.name,
        description: pointTime({ id: value.point }),
        detail: value.vm,
        icon: 'vm',
        value,
      })),
    );
    if (chosen === undefined) throw new vscode.CancellationError();
    return chosen;
  }
  const named = 'point' in spec ? spec.point : undefined;
  return first ?? { vm: spec.vm, name: title, point: result?.point ?? named };
}
