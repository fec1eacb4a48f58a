import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient, Identity } from '../../cim/client.ts';
import type { Finding } from '../../api/host.ts';
import { CLASS } from '../wmi-classes.ts';

export interface HostServices {
  readonly snapshot: boolean;
  readonly referencePoint: boolean;
  readonly imageManagement: boolean;
  readonly management: boolean;
}

/** Which services answer with an instance. A class that is missing (before Server 2016) is simply not there. */
export async function hostServices(client: CimClient, signal: AbortSignal): Promise<HostServices> {
  const has = (name: string): Promise<boolean> => hasInstance(client, name, signal);
  return {
    snapshot: await has(CLASS.snapshotService),
    referencePoint: await has(CLASS.referencePointService),
    imageManagement: await has(CLASS.imageService),
    management: await has(CLASS.managementService),
  };
}

/** Whether a host has reference points: not before Server 2016. */
export function hasReferencePoints(client: CimClient, signal: AbortSignal): Promise<boolean> {
  return hasInstance(client, CLASS.referencePointService, signal);
}

async function hasInstance(
  client: CimClient,
  className: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    for await (const _ of client.enumerate(className, signal)) return true;
    return false;
  } catch (error) {
    if (isCimError(error, 'noClass', 'badQuery')) return false;
    throw error;
  }
}

/** What an administrator should know about a host before the first backup. */
export function hostFindings(identity: Identity, services: HostServices): Finding[] {
  const findings: Finding[] = [];
  if (!services.management) {
    findings.push({
      code: 'host.rights',
      severity: 'error',
      message:
        'The management service is not visible: the account is no Hyper-V administrator, or the service vmms is stopped.',
    });
  }
  if (services.management && !services.referencePoint) {
    findings.push({
      code: 'host.noReferencePoints',
      severity: 'warning',
      message: 'The host has no reference points (before Server 2016): every backup is a full.',
    });
  }
  if (isLab(identity)) {
    findings.push({ code: 'host.lab', severity: 'info', message: 'This is an emulated host.' });
  }
  return findings;
}

/** For reports only: nothing is done differently on a lab. */
export function isLab(identity: Identity): boolean {
  return identity.productVendor === 'Refpoint Lab';
}

/** `10.0.20348` of `OS: 10.0.20348 SP: 0.0 Stack: 3.0`; null where it is masked. */
export function osVersion(identity: Identity): string | null {
  const version = /OS:\s*([\d.]+)/.exec(identity.productVersion)?.[1];
  return version === undefined || version.startsWith('0.') ? null : version;
}
