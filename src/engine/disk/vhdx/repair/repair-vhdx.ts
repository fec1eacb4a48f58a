import { EngineError } from '../../../base/errors.ts';
import { alignUp } from '../../../base/range.ts';
import type { RepairStep } from '../../../api/disk-check.ts';
import type { RepairStorage } from '../../image/image-repairs.ts';
import { refuses } from '../../inspect/defect.ts';
import { checkVhdx } from '../check/check-vhdx.ts';
import { inspectHead, type InspectedHead } from '../inspect/inspect-head.ts';
import { inspectLog } from '../inspect/inspect-log.ts';
import { inspectVhdx } from '../inspect/inspect-vhdx.ts';
import { Journal } from '../log/journal.ts';
import type { ChosenHeader } from '../structures/header.ts';
import { HEADER_OFFSETS, MIB } from '../structures/layout.ts';
import { repairBat } from './repair-bat.ts';
import { repairMetadata } from './repair-metadata.ts';
import { repairRegions } from './repair-regions.ts';

/**
 * Repairs what the rest of a VHDX proves: replays the log, writes damaged copies of a header and of
 * the region table again, clears reserved bytes and entries without meaning, and completes the last
 * MiB of the file. Behind a log that cannot be replayed only headers are repaired: it may hold newer
 * tables.
 */
export async function repairVhdx(
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<readonly RepairStep[]> {
  const head = await inspectHead(storage, signal);
  const { chosen, defects } = head.headers;
  // Of two different headers with the same number nothing says which one is right.
  if (chosen === undefined || chosen.ambiguous) return [];
  if (defects[chosen.slot].some((defect) => refuses(defect))) return [];
  const steps = [...(await repairSignature(head, storage, signal)), ...headerSteps(head, chosen)];
  const log = await inspectLog(storage, chosen, signal);
  let journal = new Journal(storage, chosen);
  let trusted = !log.dirty;
  if (log.sequence !== undefined) {
    const replayed = await storage.attempt(() => journal.recover());
    if (replayed instanceof EngineError) journal = new Journal(storage, chosen);
    else {
      trusted = true;
      const what = 'Replay the log, so that its changes are in place';
      steps.push({ code: 'vhdx.log.dirty', offset: chosen.header.logOffset, what });
    }
  }
  if (trusted) {
    steps.push(...(await repairRegions(storage, signal)));
    const inspected = await inspectVhdx(storage, signal);
    steps.push(...(await repairMetadata(inspected, storage, signal)));
    const bat = await repairBat(inspected, storage, signal);
    steps.push(...bat.steps, ...(await repairSize(storage, bat.end, signal)));
  }
  // Writes both headers, with a new FileWriteGuid, as every writer does.
  if (steps.length > 0) await journal.begin(false);
  return steps;
}

async function repairSignature(
  { defects }: InspectedHead,
  storage: RepairStorage,
  signal: AbortSignal,
): Promise<readonly RepairStep[]> {
  if (!defects.some(({ code }) => code === 'vhdx.signature')) return [];
  await storage.write(0, Buffer.from('vhdxfile', 'latin1'), signal);
  return [{ code: 'vhdx.signature', offset: 0, what: 'Write the signature “vhdxfile” again' }];
}

/** Returns the steps that writing both headers takes. */
function headerSteps({ headers }: InspectedHead, { slot }: ChosenHeader): RepairStep[] {
  const other = slot === 0 ? 1 : 0;
  const from = `header ${slot + 1}`;
  const [broken] = headers.defects[other];
  const steps: RepairStep[] = headers.defects[slot].map(({ code, offset, field }) => ({
    code,
    offset,
    what: `Set ${field ?? 'reserved bytes'} of ${from} to zero`,
  }));
  if (broken === undefined) return steps;
  const what = `Write header ${other + 1} again from ${from}`;
  return [...steps, { code: broken.code, offset: HEADER_OFFSETS[other], what }];
}

/** Completes the last MiB, unless bytes of a block or of a structure are missing. */
async function repairSize(
  storage: RepairStorage,
  end: number,
  signal: AbortSignal,
): Promise<readonly RepairStep[]> {
  const { size } = storage;
  if (size % MIB === 0) return [];
  for await (const { code, severity, offset } of checkVhdx(storage, signal)) {
    if (code !== 'vhdx.file.size' || severity !== 'info') continue;
    const whole = Math.max(alignUp(size, MIB), end);
    await storage.resize(whole, signal);
    return [{ code, offset, what: `Extend the file from ${size} to ${whole} bytes with zeros` }];
  }
  return [];
}
