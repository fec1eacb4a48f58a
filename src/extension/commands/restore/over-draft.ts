import type { OverPlan } from '../../../engine/api/backup.ts';
import type { Item } from '../../ask/choose.ts';
import type { VmNode } from '../../nodes/nodes.ts';
import type { Services } from '../../services/services.ts';

/** Choices of the person for a restore over the disks of a VM. */
export interface OverDraft {
  readonly vm: VmNode;
  /** Numbers of disks of the point; empty: all of them. */
  readonly disks: readonly number[];
}

export type OverAnswer =
  | { readonly do: 'start'; readonly plan: OverPlan }
  /** Changes a choice, the VM or the settings, after which the plan is made anew. */
  | {
      readonly do: 'change';
      readonly change: (services: Services) => Promise<OverDraft | undefined>;
    };

/** null: a row that only tells. */
export type OverItem = Item<OverAnswer | null>;
