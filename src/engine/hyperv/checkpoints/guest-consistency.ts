import type { Guid } from '../../base/guid.ts';
import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { equals, select } from '../../cim/wql.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

/**
 * Matches text about the guest's VSS in any language: the name itself, or an HRESULT of VSS and its
 * writers (0x80042301 to 0x800423FF). The codes and texts for other failures of the guest are
 * UNCONFIRMED.
 */
const NAMES_VSS = /\bVSS\b|0x800423[0-9a-f]{2}/i;
/** OperationalStatus[0] of a VSS component in contact with the host. */
const OK = 2;

/**
 * Whether a checkpoint failed because its guest could not be made consistent: the error names the
 * guest's VSS, or the guest does not answer the host. Any other failure (disk full, invalid
 * parameter) would also occur with crash consistency, and a retry would freeze the guest for
 * nothing.
 */
export async function guestIsTheCause(
  client: CimClient,
  vmId: Guid,
  error: EngineError,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isEngineError(error, 'host.job.failed', 'host.method')) return false;
  const { texts } = error.data;
  const words = [error.message, ...(Array.isArray(texts) ? (texts as readonly string[]) : [])];
  if (words.some((each) => NAMES_VSS.test(each))) return true;
  return !(await vssAnswers(client, vmId, signal));
}

/**
 * Whether the guest's VSS component is in contact with the host; true if the host does not report
 * it.
 */
async function vssAnswers(client: CimClient, vmId: Guid, signal: AbortSignal): Promise<boolean> {
  const wql = select(CLASS.vssComponent, equals('SystemName', vmId.toUpperCase()));
  try {
    for await (const instance of client.query(wql, signal)) {
      return new WmiRecord(instance).numbers('OperationalStatus')[0] === OK;
    }
    return true;
  } catch (error) {
    if (signal.aborted || !isEngineError(error)) throw error;
    return true;
  }
}
