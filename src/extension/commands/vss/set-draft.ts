import type { SetPlanDocument } from '../../../engine/api/vss.ts';
import type { Item } from '../../ask/choose.ts';
import type { VmNode } from '../../nodes/nodes.ts';
import type { Services } from '../../services/services.ts';
import type { HostSetting } from '../../settings/hosts.ts';

/** Choices of the person for a backup of several VMs by VSS. */
export interface SetDraft {
  readonly host: HostSetting;
  readonly store: string;
  readonly vms: readonly VmNode[];
  /** IDs of VMs that may be frozen though they are not backed up. */
  readonly allowed: readonly string[];
}

export type SetAnswer =
  | { readonly do: 'start'; readonly plan: SetPlanDocument }
  /** Changes a choice or the settings, after which the plan is made anew. */
  | {
      readonly do: 'change';
      readonly change: (services: Services) => Promise<SetDraft | undefined>;
    };

/** null: a row that only tells. */
export type SetItem = Item<SetAnswer | null>;
