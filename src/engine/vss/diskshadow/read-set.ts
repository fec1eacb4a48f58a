import type { Guid } from '../../base/guid.ts';
import { HYPERV_WRITER } from '../model.ts';
import type { PlacedShadow } from '../requestor.ts';
import { vssError } from '../vss-errors.ts';
import { requireWriters, vssFailure } from '../vss-failure.ts';
import { vssHresult } from '../vss-hresults.ts';
import type { DiskshadowLog } from './read-log.ts';
import type { DiskshadowRun } from './run-diskshadow.ts';
import { aliasOf } from './set-scripts.ts';

/**
 * Throws `vss.component` with the VMs as data that did not take part: their files are in the copies as after
 * a loss of power. A log without any component, as in a form that is not known, shows nothing about them.
 */
export function requireComponents(
  { components }: Pick<DiskshadowLog, 'components'>,
  vms: readonly Guid[],
): void {
  if (components.length === 0) return;
  const names = new Set(components.map((each) => each.toLowerCase()));
  const missing = vms.filter((vm) => !names.has(vm));
  if (missing.length === 0) return;
  const list = missing.slice(0, 10).join(', ');
  throw vssError('vss.component', `The Hyper-V writer left out these VMs of the set: ${list}`, {
    data: { step: 'create', vms: missing.slice(0, 100) },
  });
}

/**
 * Returns the shadow copies in the order of the volumes. Success is exit code 0, a copy of every
 * volume, writers in all of them, and the Hyper-V writer in state 1 or 5. Throws `vss.*`.
 */
export function requireShadows(
  { exitCode }: Pick<DiskshadowRun, 'exitCode'>,
  log: DiskshadowLog,
  volumes: readonly string[],
): { readonly id: Guid; readonly shadows: readonly Omit<PlacedShadow, 'root'>[] } {
  const own = log.writers.filter(({ writer }) => writer === HYPERV_WRITER);
  const failures = log.hresults.filter((each) => vssHresult(each) !== undefined);
  const step = log.set === null ? 'create' : 'expose';
  if (exitCode !== 0) {
    requireWriters('create', own);
    throw vssFailure(step, failures[0] ?? log.hresults[0] ?? null, log.failedCalls[0] ?? null);
  }
  const { set } = log;
  const shadows = volumes.map((volume, at) => {
    const found = log.shadows.find(
      (each) => each.alias === aliasOf(at) && each.volume?.toLowerCase() === volume.toLowerCase(),
    );
    const { device = null } = found ?? {};
    if (set === null || found === undefined || device === null || found.set !== set) {
      throw vssError('vss.diskshadow', `diskshadow printed no shadow copy of ${volume}`, {
        data: { found: log.shadows.map(({ id }) => id), expected: volume },
      });
    }
    if (found.noWriters) {
      throw vssError('vss.writer', `No writer took part in the shadow copy of ${volume}`, {
        data: { found: 'No_Writers', shadow: found.id },
      });
    }
    return { ...found, volume, device };
  });
  if (set === null || own.length === 0) {
    throw vssError('vss.writer', 'The Hyper-V writer is not among the writers that took part', {
      data: { found: log.writers.map(({ name }) => name), expected: HYPERV_WRITER },
    });
  }
  requireWriters('create', own);
  return { id: set, shadows };
}
