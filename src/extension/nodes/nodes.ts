import type {
  FileProtection,
  FoundVm,
  GroupDisk,
  GroupRow,
  GroupShow,
  VmCheckpoint,
  VmDisk,
  VmReferencePoint,
  VmRow,
  VmShow,
} from '../../engine/api/host.ts';
import type { JobInfo } from '../../engine/api/jobs.ts';
import type { StoreDisk, StorePoint, StoreVm } from '../../engine/api/store.ts';
import type { HostSetting } from '../settings/hosts.ts';
import type { LoginFacts } from '../words/login-text.ts';

/** Rows of the trees. Ids are stable over refreshes and restarts. */
export type HostState = 'disconnected' | 'connected' | 'failed';

export interface HostNode {
  readonly kind: 'host';
  readonly id: string;
  readonly host: HostSetting;
  readonly state: HostState;
  readonly lab: boolean;
  readonly vms: number;
  /** The host is being asked for its VMs, and the first ones have arrived. */
  readonly arriving?: boolean;
  /** Last error of a failed connection. */
  readonly failure: unknown;
  /** Facts about the login; null while they are not known. */
  readonly login: LoginFacts | null;
  /** Protection of the file server that was used last; null if it is not known. */
  readonly files: FileProtection | null;
}

export interface VmNode {
  readonly kind: 'vm';
  readonly id: string;
  readonly host: HostSetting;
  readonly lab: boolean;
  /** Without counts while the host is being asked for them. */
  readonly row: FoundVm | VmRow;
  /** Another VM of the host has the same name. */
  readonly twin: boolean;
}

interface OfVm {
  readonly id: string;
  readonly host: HostSetting;
  readonly vm: VmShow;
}
export interface VmDiskNode extends OfVm {
  readonly kind: 'vmDisk';
  readonly disk: VmDisk;
  /** The person left it out of backups. */
  readonly leftOut?: boolean;
}
export interface CheckpointNode extends OfVm {
  readonly kind: 'checkpoint';
  readonly checkpoint: VmCheckpoint;
}
export interface ReferencePointNode extends OfVm {
  readonly kind: 'referencePoint';
  readonly point: VmReferencePoint;
}

/** VMs that are frozen at one instant, since they share disks. */
export interface GroupNode {
  readonly kind: 'group';
  readonly id: string;
  readonly host: HostSetting;
  readonly lab: boolean;
  readonly row: GroupRow;
  /** Another group of the host has the same name. */
  readonly twin: boolean;
}

/** VMs and groups can be backed up. */
export type SubjectNode = VmNode | GroupNode;

interface OfGroup {
  readonly id: string;
  readonly host: HostSetting;
  readonly group: GroupShow;
}
export interface GroupMemberNode extends OfGroup {
  readonly kind: 'groupMember';
  readonly member: GroupShow['members'][number];
}
export interface GroupDiskNode extends OfGroup {
  readonly kind: 'groupDisk';
  readonly disk: GroupDisk;
}

/** A sentence in the place of rows, or above them. */
export interface MessageNode<Parent = unknown> {
  readonly kind: 'message';
  readonly id: string;
  /** The row that it lies below; undefined: the root. */
  readonly parent: Parent | undefined;
  readonly text: string;
  /** All that is known, for the tooltip. */
  readonly detail: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** Command of a click. */
  readonly next: {
    readonly title: string;
    readonly command: string;
    readonly args: readonly unknown[];
  } | null;
}

export type HostTreeNode =
  | HostNode
  | VmNode
  | VmDiskNode
  | CheckpointNode
  | ReferencePointNode
  | GroupNode
  | GroupMemberNode
  | GroupDiskNode
  | MessageNode<HostNode | VmNode | GroupNode>;

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
  /** Another VM of the store has the same name. */
  readonly twin: boolean;
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
export type StoreTreeNode =
  | StoreNode
  | StoreVmNode
  | PointNode
  | PointDiskNode
  | MessageNode<StoreNode | StoreVmNode | PointNode>;

export interface JobNode {
  readonly kind: 'job';
  readonly id: string;
  readonly job: JobInfo;
}

export type AnyNode = HostTreeNode | StoreTreeNode | JobNode;

const KINDS: readonly string[] = [
  'host',
  'vm',
  'vmDisk',
  'checkpoint',
  'referencePoint',
  'group',
  'groupMember',
  'groupDisk',
  'message',
  'store',
  'storeVm',
  'point',
  'pointDisk',
  'job',
] satisfies readonly AnyNode['kind'][];

/** Whether a command was given a row of a tree; keybindings and other extensions may give anything. */
export function isNode(value: unknown): value is AnyNode {
  const { kind, id } = (value ?? {}) as { readonly kind?: unknown; readonly id?: unknown };
  return typeof kind === 'string' && KINDS.includes(kind) && typeof id === 'string';
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

/** Rows whose ids come from outside: a view refuses a tree in which two rows have one id, so the later ones get another. */
export function withOwnIds<Node extends { readonly id: string }>(nodes: readonly Node[]): Node[] {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return nodes.map((node) => {
    let { id } = node;
    while (taken.has(id)) {
      const count = (counts.get(node.id) ?? 0) + 1;
      counts.set(node.id, count);
      id = `${node.id}~${count}`;
    }
    taken.add(id);
    return id === node.id ? node : { ...node, id };
  });
}
