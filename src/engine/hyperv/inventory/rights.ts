import type { FeatureRight, MissingRight, RightFeature } from '../../api/windows/rights.ts';
import { isAnswer, isCimError } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { CLUSTER } from '../../cim/model.ts';
import { invoke } from '../calls/invoke.ts';
import { OPERATION } from '../calls/operations.ts';
import { CLASS } from '../wmi-classes.ts';
import { classOutcome, numberOf, type ClassOutcome } from './class-outcome.ts';

/** Answers of a host about the classes of its services. */
export interface ServiceOutcomes {
  readonly management: ClassOutcome;
  readonly snapshot: ClassOutcome;
  readonly referencePoint: ClassOutcome;
  readonly imageManagement: ClassOutcome;
}

/** Asks for each service of Hyper-V. */
export async function serviceOutcomes(
  client: CimClient,
  signal: AbortSignal,
): Promise<ServiceOutcomes> {
  const of = (name: string): Promise<ClassOutcome> => classOutcome(client, name, signal);
  return {
    snapshot: await of(CLASS.snapshotService),
    referencePoint: await of(CLASS.referencePointService),
    imageManagement: await of(CLASS.imageService),
    management: await of(CLASS.managementService),
  };
}

/**
 * Returns the rights of the account for each feature, from answers to questions that change nothing:
 * whether it sees the services, and whether it may call a method that reads. Hyper-V gives all
 * rights to its administrators and shows others nothing, without an error.
 */
export async function featureRights(
  client: CimClient,
  services: ServiceOutcomes,
  signal: AbortSignal,
): Promise<FeatureRight[]> {
  const calls =
    services.imageManagement.state === 'visible' ? await missingForCalls(client, signal) : [];
  const right = (feature: RightFeature, ...missing: readonly MissingRight[]): FeatureRight => {
    const all = [...new Set(missing)];
    return { feature, ok: all.length === 0, missing: all };
  };
  const { management, snapshot, referencePoint, imageManagement } = services;
  const seen = missingToSee(management, 'hyperVRole');
  const points = missingToSee(referencePoint, seen.length > 0 ? 'hyperVRole' : 'server2016');
  return [
    right('inventory', ...seen),
    right('checkpoints', ...seen, ...missingToSee(snapshot, 'hyperVRole'), ...calls),
    right('referencePoints', ...seen, ...points, ...calls),
    right('changeTracking', ...seen, ...missingToSee(imageManagement, 'hyperVRole'), ...calls),
    right('export', ...seen, ...calls),
    ...(await clusterRight(client, signal)),
  ];
}

/** WMI refuses the account; other numbers come from WinRM itself. */
const WMI_REFUSES: ReadonlySet<number> = new Set([0x80041003, 0x80041062, 0x80338105, 0x80338106]);

function missingToSee(outcome: ClassOutcome, ifNoClass: MissingRight): readonly MissingRight[] {
  switch (outcome.state) {
    case 'visible':
      return [];
    case 'empty':
      return ['hyperVAdministrators', 'tokenFilter', 'vmms'];
    case 'noClass':
      return [ifNoClass];
    case 'noNamespace':
      return ['hyperVRole'];
    case 'denied':
      return WMI_REFUSES.has(outcome.number)
        ? ['wmiNamespace', 'hyperVAdministrators']
        : ['winrm', 'tokenFilter'];
  }
}

/** A file that no host has: the answer is “not found”, unless the account may not ask. */
const NO_FILE = String.raw`C:\refpoint-rights-check.vhdx`;
const ACCESS_DENIED = 32769;

/** Calls a method that reads, about a file that does not exist. */
async function missingForCalls(
  client: CimClient,
  signal: AbortSignal,
): Promise<readonly MissingRight[]> {
  try {
    const operation = OPERATION.getVirtualHardDiskSettingData;
    const { returnValue } = await invoke(client, operation, { Path: NO_FILE }, signal);
    return returnValue === ACCESS_DENIED ? ['hyperVAdministrators', 'tokenFilter'] : [];
  } catch (error) {
    if (isCimError(error, 'denied')) {
      return WMI_REFUSES.has(numberOf(error)) ? ['wmiNamespace'] : ['winrmExecute'];
    }
    // Any other answer came from the method or its provider, so that the account may call it.
    if (isAnswer(error)) return [];
    throw error;
  }
}

/** Returns no row if the host is not a node of a cluster. */
async function clusterRight(client: CimClient, signal: AbortSignal): Promise<FeatureRight[]> {
  const cluster = { namespace: CLUSTER, className: 'MSCluster_Cluster' };
  const { state } = await classOutcome(client, cluster, signal);
  if (state === 'visible') return [{ feature: 'cluster', ok: true, missing: [] }];
  if (state !== 'denied') return [];
  return [{ feature: 'cluster', ok: false, missing: ['clusterNamespace'] }];
}
