import type { ImportPlan } from '../../../engine/api/backup.ts';
import type { Item } from '../../ask/choose.ts';
import type { Services } from '../../services/services.ts';
import type { HostSetting } from '../../settings/hosts.ts';

/** Choices of the person for the new VM. */
export interface RestoreDraft {
  readonly host: HostSetting;
  /** null: the name that the plan suggests. */
  readonly name: string | null;
  readonly hostFolder: string;
  /** Switches of the host by those of the point; null: its adapters stay disconnected. Empty: all of them do. */
  readonly networks: ReadonlyMap<string, string | null>;
  readonly start: boolean;
  /** Findings of the host about the VM of a restore that failed. */
  readonly found: readonly string[];
}

/** Changes a choice, or the settings of the host. Returns undefined if nothing was changed. */
export type Change = (services: Services) => Promise<RestoreDraft | undefined>;

export type RestoreAnswer =
  | { readonly do: 'start'; readonly plan: ImportPlan }
  | { readonly do: 'change'; readonly change: Change }
  | { readonly do: 'files' };

/** null: a row that only tells. */
export type PlanItem = Item<RestoreAnswer | null>;
