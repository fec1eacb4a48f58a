import { isEngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { SwitchMap } from '../../host/system-host.ts';
import { CONFIGURATION } from './import-checks.ts';
import type { ImportEdge } from './import-edges.ts';
import { switchMap, type ImportOptions } from './import-options.ts';
import type { ImportRecord } from './import-record.ts';
import { bootDevices } from './source/boot-order.ts';
import { isPlanned, type ImportDeps, type ImportWork } from './import-work.ts';

/** A VM to be made on the host, whose disks are written. */
interface Making {
  readonly deps: ImportDeps;
  readonly options: ImportOptions;
  readonly plan: ImportWork;
  /** Folder of the VM on the host. */
  readonly folder: string;
  /** Receives what the new VM does not have. */
  readonly warnings: { code: string; message: string }[];
  readonly pass: (edge: ImportEdge) => Promise<void>;
}

/** Makes the VM, from the call to the host until it is complete. Returns its ID. Throws `import.*`. */
export async function makeVm(
  making: Making,
  record: ImportRecord,
  signal: AbortSignal,
): Promise<Guid> {
  const { deps, plan, pass } = making;
  const { systems } = deps.host;
  const planned = isPlanned(plan);
  deps.progress.phase('Making the VM on the host', 0);
  await pass('import.asked');
  const id = planned
    ? await importSystem(making, record, signal)
    : await define(making, record, signal);
  await record.change({ system: id });
  await pass('import.made');
  if (planned) await changePlanned(making, id, signal);
  else await build(making, id, signal);
  await pass('import.changed');
  if (planned) {
    refuse(await validated(making, id, signal));
    await pass('import.validated');
  }
  await record.change({ complete: true });
  if (planned) await systems.realize(id, signal);
  await pass('import.realized');
  return id;
}

function importSystem(
  { deps, plan, folder }: Making,
  record: ImportRecord,
  signal: AbortSignal,
): Promise<Guid> {
  const [vmcx] = plan.source.configuration;
  const { name, existing } = record.own;
  const from = { file: `${folder}\\${CONFIGURATION}\\${vmcx?.name ?? ''}`, name, existing };
  return deps.host.systems.importSystem(from, signal, record);
}

function define(
  { deps, plan, folder }: Making,
  record: ImportRecord,
  signal: AbortSignal,
): Promise<Guid> {
  const system = plan.source.hardware?.system ?? {};
  const generation = String(system['VirtualSystemSubType']).endsWith('SubType:1') ? 1 : 2;
  const vm = { name: plan.name, generation, folder: folder };
  const { existing } = record.own;
  return deps.host.systems.defineSystem(vm, existing, signal, record);
}

async function changePlanned(making: Making, id: Guid, signal: AbortSignal): Promise<void> {
  const { deps, plan, folder, warnings, options } = making;
  const { systems } = deps.host;
  const removed = await systems.setDisks(id, plan.disks, signal);
  if (removed.length > 0) {
    warnings.push({
      code: 'import.disks',
      message: `The point does not contain the disks at ${removed.join(', ')}: the new VM does not have them`,
    });
  }
  await systems.nameSystem(id, plan.name, folder, signal);
  await systems.setNetworks(id, switchesOf(options), signal);
}

async function build(
  { deps, plan, options, warnings }: Making,
  id: Guid,
  signal: AbortSignal,
): Promise<void> {
  const { hardware = { system: {}, rows: [] } } = plan.source;
  const given = { disks: plan.disks, switches: switchesOf(options) };
  const definition = { ...hardware, ...given, bootOrder: bootDevices(hardware) };
  const why = await deps.host.systems.buildSystem(id, definition, signal);
  if (why === undefined) return;
  const message = `The boot order of the VM was not restored: ${why}`;
  warnings.push({ code: 'import.bootOrder', message });
}

const switchesOf = ({ connect, switches }: ImportOptions): SwitchMap | undefined =>
  connect ? switchMap(switches) : undefined;

/** Returns the findings of the host, whether its job failed or ended with warnings. */
async function validated(
  { deps }: Making,
  id: Guid,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return await deps.host.systems.validate(id, signal);
  } catch (error) {
    if (!isEngineError(error, 'host.job.failed')) throw error;
    const texts = error.data['texts'];
    const found = Array.isArray(texts) ? texts.filter((each) => each !== '').map(String) : [];
    return found.length > 0 ? found : [error.message];
  }
}

/** Throws `import.invalid` if the host found something. */
function refuse(findings: readonly string[]): void {
  if (findings.length === 0) return;
  throw backupError('import.invalid', `The host cannot realize the VM: ${findings.join('; ')}`, {
    data: { findings },
  });
}
