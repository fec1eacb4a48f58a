import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient, Identity } from '../../cim/client.ts';
import type { Finding } from '../../api/host.ts';
import { CLASS } from '../wmi-classes.ts';
import type { ServiceOutcomes } from './rights.ts';

export interface HostServices {
  readonly snapshot: boolean;
  readonly referencePoint: boolean;
  readonly imageManagement: boolean;
  readonly management: boolean;
}

/** Returns the services that have an instance that the account sees. */
export function visibleServices(outcomes: ServiceOutcomes): HostServices {
  const { snapshot, referencePoint, imageManagement, management } = outcomes;
  return {
    snapshot: snapshot.state === 'visible',
    referencePoint: referencePoint.state === 'visible',
    imageManagement: imageManagement.state === 'visible',
    management: management.state === 'visible',
  };
}

/** Whether a host supports reference points: only since Server 2016. */
export async function hasReferencePoints(client: CimClient, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const _ of client.enumerate(CLASS.referencePointService, signal)) return true;
    return false;
  } catch (error) {
    if (isCimError(error, 'noClass', 'badQuery')) return false;
    throw error;
  }
}

/** Returns findings about a host that administrators should know before the first backup. */
export function hostFindings(identity: Identity, services: HostServices): Finding[] {
  const findings: Finding[] = [];
  if (!services.management) {
    findings.push({
      code: 'host.rights',
      severity: 'error',
      message:
        'The management service is not visible: the account is not a Hyper-V administrator, or the service vmms is stopped.',
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

/** For reports only: the behaviour on a lab is identical. */
export function isLab(identity: Identity): boolean {
  return identity.productVendor === 'Refpoint Lab';
}

/** Returns `10.0.20348` of `OS: 10.0.20348 SP: 0.0 Stack: 3.0`; null if it is masked. */
export function osVersion(identity: Identity): string | null {
  const version = /OS:\s*([\d.]+)/.exec(identity.productVersion)?.[1];
  return version === undefined || version.startsWith('0.') ? null : version;
}
