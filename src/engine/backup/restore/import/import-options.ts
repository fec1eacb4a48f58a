import type { ImportChoices, SwitchMapping } from '../../../api/jobs.ts';
import type { Guid } from '../../../base/guid.ts';
import type { SwitchMap } from '../../host/system-host.ts';

export interface ImportOptions extends ImportChoices {
  readonly vmId: Guid;
}

/** Result of a restore as a VM. */
export interface ImportedVm {
  readonly id: Guid;
  readonly name: string;
  readonly point: string;
  /** Source of the VM's settings. */
  readonly from: 'configuration' | 'settings';
  readonly folder: string;
  readonly disks: readonly {
    readonly number: number;
    /** Path on the host. */
    readonly path: string;
    readonly virtualSize: number;
    readonly hashRoot: string;
  }[];
  readonly started: boolean;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** Returns `NAME (restored 2026-11-29 08:00)`, in local time, without control characters. */
export function defaultName(name: string, now: number): string {
  const time = new Date(now);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const visible = name.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu, ' ').trim();
  return `${visible} (restored ${day} ${two(time.getHours())}:${two(time.getMinutes())})`;
}

/** Returns the switches by their names in the point. */
export const switchMap = (switches: readonly SwitchMapping[]): SwitchMap =>
  new Map(switches.map(({ from, to }) => [from, to]));
