import type {
  BackupOptions,
  BackupPlan,
  BackupPlans,
  KindlessOptions,
  PlanAnswer,
} from '../../api/backup.ts';
import { emptyLedger } from '../../backup/ledger/ledger.ts';
import { storeLedger } from '../../backup/ledger/ledger-file.ts';
import type { BackupHost, HostDisk, HostVm } from '../../backup/host/host.ts';
import { mappedFiles } from '../../backup/host/mapped-files.ts';
import { checkMembers } from '../../backup/plan/group-members.ts';
import { forSubject, ownDisks, requireShared } from '../../backup/plan/check-subject.ts';
import { planOff } from '../../backup/offline/point-off.ts';
import { planBackup, type PlanInput } from '../../backup/plan/plan-backup.ts';
import type { MethodCheck } from '../../backup/read/contract/method.ts';
import { checkForRun, readMethod } from '../../backup/read/methods.ts';
import { selectDisks } from '../../backup/select/select-disks.ts';
import { lastVerdicts } from '../../backup/plan/last-verdicts.ts';
import { listPoints } from '../../backup/points/catalog.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { EngineError } from '../../base/errors.ts';

type Warning = BackupPlan['warnings'][number];

/** Facts for a plan, read from host and store once for all kinds. */
interface PlanFacts extends Omit<PlanInput, 'options'> {
  readonly options: KindlessOptions;
}

/**
 * Plans a backup and explains the choice. Creates nothing. @param store undefined if it does not
 * exist yet: it holds no points.
 */
export async function planDocument(
  host: BackupHost,
  vmName: string,
  store: Store | undefined,
  { kind, ...options }: BackupOptions,
  signal: AbortSignal,
): Promise<BackupPlan> {
  return documentOf(await planFacts(host, vmName, store, options, signal), kind);
}

/** Plans every kind of backup from the same facts. An impossible kind is an error in the result. */
export async function planEveryKind(
  host: BackupHost,
  vmName: string,
  store: Store | undefined,
  options: KindlessOptions,
  signal: AbortSignal,
): Promise<BackupPlans> {
  const facts = await planFacts(host, vmName, store, options, signal);
  const answer = (kind: BackupOptions['kind']): PlanAnswer => {
    try {
      return { plan: documentOf(facts, kind), error: null };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { plan: null, error: error.toJSON() };
    }
  };
  return { auto: answer('auto'), full: answer('full'), incremental: answer('incremental') };
}

async function planFacts(
  host: BackupHost,
  vmName: string,
  store: Store | undefined,
  options: KindlessOptions,
  signal: AbortSignal,
): Promise<PlanFacts> {
  const vm = await host.findVm(vmName, signal);
  const { disks } = selectDisks(vm, options.excludeDisks);
  const points = store === undefined ? [] : await listPoints(store, vm.id, signal);
  const { withoutMembers = [] } = options;
  return {
    vm,
    memberWarnings: await checkMembers(host, vm, points, withoutMembers, signal),
    methods: forSubject(vm, await methodsFor(host, vm, disks, options, signal)),
    capabilities: await host.capabilities(signal),
    points,
    verdicts: store === undefined ? new Map() : await lastVerdicts(store, vm.id, points, signal),
    ledger: store === undefined ? emptyLedger(vm.id) : await storeLedger(store, vm.id).load(signal),
    computerName: await host.computerName(signal),
    options,
  };
}

/** Checks the methods as a run does, and that shared disks can be opened. */
async function methodsFor(
  host: BackupHost,
  vm: HostVm,
  disks: readonly HostDisk[],
  options: KindlessOptions,
  signal: AbortSignal,
): Promise<readonly MethodCheck[]> {
  const mapped = mappedFiles(options.pathMap, (inner) => host.isThisComputer(inner));
  const remote = host.remoteFiles(options.pathMap);
  try {
    const around = { options, local: host.localDisks(), mapped, remote };
    await requireShared(disks, remote, signal);
    return await checkForRun(ownDisks(disks), methodOf(vm, options), around, signal);
  } finally {
    await remote.close();
  }
}

/** Returns the method that is asked for; VMs that are off together are read by `file` or `smb`. */
const methodOf = ({ offline }: HostVm, { method }: KindlessOptions): KindlessOptions['method'] =>
  offline === undefined || method === 'file' ? method : 'smb';

function documentOf(facts: PlanFacts, kind: BackupOptions['kind']): BackupPlan {
  const { vm, methods } = facts;
  const plan =
    vm.offline === undefined
      ? planBackup({ ...facts, options: { ...facts.options, kind } })
      : planOff(
          { vm, options: { ...facts.options, kind } },
          methodOf(vm, facts.options) === 'file' ? 'file' : 'smb',
        );
  return {
    vm: { id: vm.id, name: vm.name },
    kind: plan.kind,
    reason: plan.reason,
    method: plan.method,
    methodReason: plan.methodReason,
    parent: plan.parent?.id ?? null,
    disks: plan.disks.map(({ disk, kind, reason }) => ({
      number: vm.disks.indexOf(disk),
      slot: disk.slot,
      path: disk.path,
      virtualSize: disk.virtualSize,
      kind,
      reason,
    })),
    excluded: plan.excluded,
    methods: methods.map(methodDocument),
    warnings: [
      ...plan.warnings,
      ...(vm.offline === undefined ? [] : (facts.memberWarnings ?? [])),
      ...methods.filter(({ method }) => method === plan.method).flatMap(pathWarnings),
    ],
  };
}

const methodDocument = ({
  method,
  problem,
  folders,
  untried,
}: MethodCheck): BackupPlan['methods'][number] => ({
  method,
  possible: problem === null,
  code: problem?.code ?? null,
  reason: problem?.message ?? readMethod(method).possible,
  folders,
  ...(untried === undefined ? {} : { untried }),
  ...unknownServer(problem),
});

/** Names the file server that nobody approved, if that is the problem. */
function unknownServer(problem: EngineError | null): { readonly unknownServer?: string } {
  const server = problem?.code === 'smb.server.unknown' ? problem.data['server'] : undefined;
  return typeof server === 'string' ? { unknownServer: server } : {};
}

/** Converts a problem that would end the run to a warning of the plan. */
const pathWarnings = ({ problem }: MethodCheck): readonly Warning[] =>
  problem === null ? [] : [{ code: problem.code, message: problem.message }];
