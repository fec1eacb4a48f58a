import * as vscode from 'vscode';
import type { BackupOptions, BackupPlan, PlanAnswer } from '../../../engine/api/backup.ts';
import type { HostTarget } from '../../../engine/api/host.ts';
import { requests } from '../../../engine/api/methods.ts';
import { EngineFailure } from '../../engine/engine-error.ts';
import { ownFailure } from '../../errors/own-failure.ts';
import { isCancelled, presentError } from '../../errors/present-error.ts';
import { currentHost, hostKey } from '../../settings/hosts.ts';
import type { Services } from '../../services/services.ts';
import type { SubjectNode } from '../../nodes/nodes.ts';
import { backupOptions } from '../../choices/backup-options.ts';

const { t } = vscode.l10n;

const KINDS = ['auto', 'full', 'incremental'] as const;

/** Plans of one kind of backup for every VM. */
export interface KindPlan {
  readonly kind: BackupOptions['kind'];
  readonly plans: readonly VmPlan[];
}

/** Plan of one kind of backup for one VM. */
export interface VmPlan {
  readonly vm: SubjectNode;
  /** null if there is not even a plan. */
  readonly plan: BackupPlan | null;
  /** Why it is not possible; null if it is. */
  readonly block: Block | null;
  /** File servers that have its disks, and that the person has not approved. */
  readonly unknownServers: readonly string[];
}

/** Problem that blocks a backup, with the facts to fix it. */
export interface Block {
  readonly error: unknown;
  /** One line without advice: what mends it is a row of its own. */
  readonly text: string;
  /** Folders of the host that have no place here. */
  readonly folders: readonly string[];
  /** Slots of disks that cannot be backed up. */
  readonly slots: readonly string[];
  /** IDs and names of VMs of the last point that the group does not have now. */
  readonly gone: readonly { readonly id: string; readonly name: string }[];
  /** A folder for exports would be another way. */
  readonly needsExportFolder: boolean;
  /** A disk that is left out is not there any more. */
  readonly lostDisk: boolean;
}

/** Maximum number of requests at once: of one host and one person who waits. */
const AT_ONCE = 4;

/** Plans every kind for every VM, in their order. Throws only what was cancelled. */
export async function planVms(
  services: Services,
  vms: readonly SubjectNode[],
  store: string,
  targets: ReadonlyMap<string, HostTarget>,
  token: vscode.CancellationToken,
): Promise<readonly KindPlan[]> {
  const { engine, choices } = services;
  const all: PlansOfVm[] = [];
  const queue = [...vms.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [at, vm] = next;
      const target = targets.get(hostKey(vm.host));
      if (target === undefined) throw new vscode.CancellationError();
      const { kind: _, ...options } = backupOptions(
        currentHost(vm.host),
        'auto',
        choices.of(vm.row.id),
      );
      const group = vm.kind === 'group' ? { group: true } : {};
      const params = { target, vm: vm.row.id, ...group, store, options };
      try {
        const plans = await engine.request(requests.planBackup, params, token);
        all[at] = (kind) => planOfKind(vm, plans[kind]);
      } catch (error) {
        if (isCancelled(error)) throw error;
        all[at] = () => ({ vm, plan: null, block: blockOfError(error), unknownServers: [] });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, vms.length) }, work));
  return KINDS.map((kind) => ({ kind, plans: all.map((plansOf) => plansOf(kind)) }));
}

type PlansOfVm = (kind: BackupOptions['kind']) => VmPlan;

function planOfKind(vm: SubjectNode, { plan, error }: PlanAnswer): VmPlan {
  return plan === null
    ? { vm, plan, block: blockOfError(new EngineFailure(error)), unknownServers: [] }
    : { vm, plan, block: blockOfPlan(plan, vm.kind), unknownServers: unknownServersOf(plan) };
}

/** Servers of the methods that come before the one that is chosen, or of all if it is not possible. */
function unknownServersOf({ method, methods }: BackupPlan): readonly string[] {
  const chosen = methods.findIndex((each) => each.method === method);
  const before = methods[chosen]?.possible === true ? methods.slice(0, chosen) : methods;
  return before.flatMap(({ unknownServer }) => unknownServer ?? []);
}

/** Returns what stands in the way of a plan whose method cannot read the disks. */
function blockOfPlan({ method, methods }: BackupPlan, kind: SubjectNode['kind']): Block | null {
  const own = methods.find((each) => each.method === method);
  if (own === undefined || own.possible) return null;
  const code = own.code ?? 'plan.method';
  return {
    error: ownFailure(code, own.reason, { folder: own.folders[0] ?? '' }),
    text: folderText(code, own.folders) ?? own.reason,
    folders: own.folders,
    slots: [],
    gone: [],
    // A group is not exported, with or without a folder.
    needsExportFolder:
      kind === 'vm' &&
      methods.some((each) => each.method === 'export' && each.code === 'plan.method'),
    lostDisk: false,
  };
}

/** Returns a sentence with the folder in it, which is what the person can do something about. */
export function folderText(code: string, folders: readonly string[]): string | undefined {
  const [folder] = folders;
  if (folder === undefined) return undefined;
  const name = shortPath(folder);
  if (code === 'path.unmapped') return t('{0} has no place on this machine yet.', name);
  if (code === 'path.missing') return t('{0} is mapped, but its disks are not there.', name);
  return undefined;
}

/** Returns a path that fits a row: both ends, since the name matters most and the drive tells hosts apart. */
export function shortPath(path: string, longest = 48): string {
  if (path.length <= longest) return path;
  const head = Math.floor(longest / 3);
  return `${path.slice(0, head)}…${path.slice(path.length - (longest - head - 1))}`;
}

function goneOf({ gone, names }: Readonly<Record<string, unknown>>): Block['gone'] {
  if (!Array.isArray(gone) || !Array.isArray(names)) return [];
  return gone.map((id, i) => ({ id: String(id), name: String(names[i] ?? id) }));
}

function blockOfError(error: unknown): Block {
  const { code = '', data = {} } = error instanceof EngineFailure ? error.info : {};
  const { folder, slots } = data;
  const folders = typeof folder === 'string' && folder !== '' ? [folder] : [];
  return {
    error,
    text: folderText(code, folders) ?? presentError(error).detail,
    folders,
    slots: code === 'plan.disk' && Array.isArray(slots) ? (slots as readonly string[]) : [],
    gone: goneOf(data),
    needsExportFolder: code === 'plan.method',
    lostDisk: code === 'plan.excluded',
  };
}
