import { EngineError, isEngineError } from '../../../base/errors.ts';
import { ChainDisk } from '../../../disk/chain/chain.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import type { VirtualDisk } from '../../../disk/virtual/virtual-disk.ts';
import type { HostDisk } from '../../host/host.ts';
import type { ReadOrder } from '../contract/method.ts';
import { checkIdentity, openFrozenDisk } from '../source/host-disk-source.ts';
import { compareCells } from './compare-cells.ts';
import { DriverImage } from '../source/driver-image.ts';

/**
 * Opens a frozen disk: the bytes come from Windows' driver, the parts with data from our own reader. If
 * our reader cannot read the image, the whole disk counts as data, with a warning. Throws
 * `disk.identity`, `disk.readers`, `virtdisk.*`.
 */
export async function openByDriver(
  order: ReadOrder,
  disk: HostDisk,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const open: (() => Promise<unknown>)[] = [];
  try {
    const local = await order.files.local.open(disk.path, signal);
    open.push(() => local.close());
    const { facts } = local;
    checkIdentity(disk, facts, disk.path);
    const bytes = await local.attach(signal);
    open.push(() => bytes.close());
    const own = await ownReader(order, disk, signal);
    if (own !== undefined) open.push(() => own.disk.close());
    const driver = new ChainDisk([new DriverImage(bytes, facts, undefined, async () => undefined)]);
    const problem = own && (await comparedReaders(order, disk, own, driver, signal));
    if (problem instanceof EngineError) warnOfWhole(order, disk, problem);
    const used = problem === null ? own : undefined;
    const image = new DriverImage(bytes, facts, used?.disk, () => closeAll(open));
    return {
      disk: new ChainDisk([image]),
      format: facts.format,
      chain: used?.chain ?? [disk.path],
      layers: [image],
      fileSize: used?.fileSize ?? facts.virtualSize,
    };
  } catch (error) {
    await closeAll(open).catch(() => undefined);
    throw error;
  }
}

/** Closes what was opened last first. */
async function closeAll(open: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failed: unknown[] = [];
  for (const close of open.toReversed()) {
    await close().catch((error: unknown) => failed.push(error));
  }
  if (failed.length > 0) throw failed[0];
}

/** Opens the disk by our own reader; undefined, with a warning, if it cannot read the image. */
async function ownReader(
  order: ReadOrder,
  disk: HostDisk,
  signal: AbortSignal,
): Promise<OpenedDisk | undefined> {
  try {
    return await openFrozenDisk(disk, order.files.local.files, order.host, signal);
  } catch (error) {
    if (!(error instanceof EngineError) || isEngineError(error, 'disk.identity')) throw error;
    warnOfWhole(order, disk, error);
    return undefined;
  }
}

/** Returns the error of our own reader, or null if it reads every table, and the same as the driver. */
async function comparedReaders(
  { compareReaders, keep }: ReadOrder,
  { slot }: HostDisk,
  { disk: own }: OpenedDisk,
  driver: VirtualDisk,
  signal: AbortSignal,
): Promise<EngineError | null> {
  if (compareReaders) return compareCells({ slot, own, driver }, keep, signal);
  try {
    for await (const _ of own.extents({ start: 0, end: own.size }, signal));
    return null;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return error;
  }
}

function warnOfWhole(
  { warn }: ReadOrder,
  { slot }: HostDisk,
  { code, message }: EngineError,
): void {
  warn({
    code,
    message: `Refpoint cannot read the image of the disk at ${slot} itself, so Windows reads the whole disk: ${message}`,
  });
}
