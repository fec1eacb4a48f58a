import type {
  VmCheckpoint,
  VmDisk,
  VmReferencePoint,
  VmRow,
  VmShow,
} from '../../engine/api/host.ts';
import type { JobInfo } from '../../engine/api/jobs.ts';
import type { StoreDisk, StorePoint, StoreVm } from '../../engine/api/store.ts';
import type { HostSetting } from '../hosts.ts';

/** Rows of the trees. Ids are stable over refreshes and restarts. */
export type HostState = 'disconnected' | 'connected' | 'failed';

export interface HostNode {
  readonly kind: 'host';
  readonly id: string;
  readonly host: HostSetting;
  readonly state: HostState;
  readonly lab: boolean;
  readonly vms: number;
  /** Of a failed one. */
  readonly problem: string | null;
}

export interface VmNode {
  readonly kind: 'vm';
  readonly id: string;
  readonly host: HostSetting;
  readonly lab: boolean;
  readonly row: VmRow;
}

interface OfVm {
  readonly id: string;
  readonly host: HostSetting;
  readonly vm: VmShow;
}
export interface VmDiskNode extends OfVm {
  readonly kind: 'vmDisk';
  readonly disk: VmDisk;
}
export interface CheckpointNode extends OfVm {
  readonly kind: 'checkpoint';
  readonly checkpoint: VmCheckpoint;
}
export interface ReferencePointNode extends OfVm {
  readonly kind: 'referencePoint';
  readonly point: VmReferencePoint;
}
export interface MessageNode {
  readonly kind: 'message';
  readonly id: string;
  readonly text: string;
  readonly severity: 'info' | 'warning' | 'error';
}
export type HostTreeNode =
  HostNode | VmNode | VmDiskNode | CheckpointNode | ReferencePointNode | MessageNode;

export interface StoreNode {
  readonly kind: 'store';
  readonly id: string;
  readonly path: string;
}
export interface StoreVmNode {
  readonly kind: 'storeVm';
  readonly id: string;
  readonly store: string;
  readonly vm: StoreVm;
}
export interface PointNode {
  readonly kind: 'point';
  readonly id: string;
  readonly store: string;
  readonly vm: StoreVm;
  readonly point: StorePoint;
}
export interface PointDiskNode {
  readonly kind: 'pointDisk';
  readonly id: string;
  readonly store: string;
  readonly vm: StoreVm;
  readonly point: StorePoint;
  readonly disk: StoreDisk;
}
export type StoreTreeNode = StoreNode | StoreVmNode | PointNode | PointDiskNode | MessageNode;

export interface JobNode {
  readonly kind: 'job';
  readonly id: string;
  readonly job: JobInfo;
}

export type AnyNode = HostTreeNode | StoreTreeNode | JobNode;

/** What the commands Copy Id, Copy as JSON and Copy as Command are about. */
export function isNode(value: unknown): value is AnyNode {
  return typeof (value as AnyNode | undefined)?.kind === 'string';
}

/** A node of some kind, or undefined. */
export function nodeOf<Kind extends AnyNode['kind']>(
  value: unknown,
  ...kinds: readonly Kind[]
): Extract<AnyNode, { readonly kind: Kind }> | undefined {
  return isNode(value) && (kinds as readonly string[]).includes(value.kind)
    ? (value as Extract<AnyNode, { readonly kind: Kind }>)
    : undefined;
}
