import { formatBytes } from '../../../base/format-bytes.ts';
import { newGuid, parseGuid, type Guid } from '../../../base/guid.ts';
import type { NewSize } from '../../../net/rsvd/client/disk/meta-operations.ts';
import type { SharedDisk } from '../../../net/rsvd/client/shared-disk.ts';
import { OwnSnapshots } from '../../../operations/rsvd/own-snapshots.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { operationContext } from '../../options/operation-context.ts';
import { byteCount, required } from '../../options/option-values.ts';
import {
  FOREIGN,
  progressOf,
  requireYes,
  RSVD_OPTIONS,
  SNAPSHOT,
  snapshotOf,
  UNC,
  withDisk,
  YES,
} from './rsvd-options.ts';

const own = (context: Context): OwnSnapshots => new OwnSnapshots(operationContext(context).home);

/** Requires that the user made the snapshot, or asks for a foreign one. */
async function requireOwn(context: Context, disk: SharedDisk, id: Guid): Promise<void> {
  if (!context.options.flag('foreign')) await own(context).require(disk, id, context.signal);
}

/** Commands that change a shared disk: each says what it will do, and needs --yes. */
export const RSVD_CHANGING_COMMANDS: readonly Command[] = [
  {
    name: 'rsvd snapshot',
    summary: 'Creates a snapshot of a VHD Set, without quiescing the guests that use it.',
    args: [UNC],
    options: { ...RSVD_OPTIONS, yes: YES },
    run: async (context) => {
      requireYes(
        context,
        'This makes a snapshot and a new AVHDX beside the set, without asking the guests to flush.',
      );
      await withDisk(context, async (disk) => {
        const id = newGuid();
        const { diskId } = disk.facts;
        await own(context).add(diskId, id, context.signal);
        const onProgress = progressOf(context, 'Creating the snapshot');
        const { created } = await disk.createSnapshot(id, context.signal, onProgress);
        const document = { id, created: new Date(created).toISOString() };
        context.print(document, () => id);
      });
    },
  },
  {
    name: 'rsvd delete',
    summary: 'Deletes a snapshot of a VHD Set. One that is in no known ledger requires --foreign.',
    args: [UNC, SNAPSHOT],
    options: {
      ...RSVD_OPTIONS,
      yes: YES,
      foreign: FOREIGN,
      'keep-reference': {
        type: 'flag',
        help: 'Keep its ID for change queries; not every server accepts that.',
      },
    },
    run: async (context) => {
      const id = snapshotOf(context);
      requireYes(context, `This deletes the snapshot ${id} and its data.`);
      await withDisk(context, async (disk) => {
        await requireOwn(context, disk, id);
        const keeps = context.options.flag('keep-reference');
        await disk.deleteSnapshot(id, keeps, context.signal);
        if (!keeps) await own(context).remove(disk.facts.diskId, id, context.signal);
        context.print({ deleted: id, reference: keeps }, () => `Deleted ${id}.`);
      });
    },
  },
  {
    name: 'rsvd extract',
    summary: 'Writes a snapshot to a new VHDX beside the set.',
    args: [UNC, SNAPSHOT],
    options: {
      ...RSVD_OPTIONS,
      yes: YES,
      to: { type: 'value', value: 'NAME', help: 'File name beside the set.' },
      since: {
        type: 'value',
        value: 'ID',
        help: 'Only the changes since this older snapshot, as a differencing VHDX.',
      },
    },
    run: async (context) => {
      const sourceId = snapshotOf(context);
      const name = required(context, 'to');
      const since = context.options.text('since');
      const limitId = since === undefined ? undefined : parseGuid(since);
      requireYes(context, `This writes ${name} beside the set, on the file server.`);
      await withDisk(context, async (disk) => {
        const onProgress = progressOf(context, 'Extracting');
        await disk.extract({ sourceId, limitId, name }, context.signal, onProgress);
        context.print({ extracted: sourceId, name }, () => `Extracted to ${name}.`);
      });
    },
  },
  {
    name: 'rsvd optimize',
    summary: 'Merges files of a VHD Set that are not needed any more.',
    args: [UNC],
    options: { ...RSVD_OPTIONS, yes: YES },
    run: async (context) => {
      requireYes(context, 'This merges and removes AVHDX files of the set that no snapshot needs.');
      await withDisk(context, async (disk) => {
        await disk.optimize(context.signal, progressOf(context, 'Optimizing'));
        const needed = await disk.needsOptimizing(context.signal);
        context.print({ optimized: true, needed }, () =>
          needed ? 'Optimized; some files are still in use.' : 'Optimized.',
        );
      });
    },
  },
  {
    name: 'rsvd resize',
    summary: 'Changes the virtual size of a shared disk that nobody else has open.',
    args: [UNC],
    options: {
      ...RSVD_OPTIONS,
      yes: YES,
      size: { type: 'value', value: 'N', help: 'The new size.' },
      minimum: { type: 'flag', help: 'The smallest size that loses no data.' },
      'expand-only': { type: 'flag', help: 'With --size: never make it smaller.' },
    },
    run: async (context) => {
      const size = byteCount(context, 'size');
      const minimum = context.options.flag('minimum');
      if ((size === undefined) !== minimum) throw usage('Give either --size N or --minimum');
      const wanted: NewSize =
        size === undefined ? 'minimum' : { size, expandOnly: context.options.flag('expand-only') };
      const words = size === undefined ? 'its smallest safe size' : formatBytes(size);
      requireYes(
        context,
        `This changes the size of the disk to ${words}; the next backup is a full.`,
      );
      const work = async (disk: SharedDisk): Promise<void> => {
        await disk.resize(wanted, context.signal, progressOf(context, 'Resizing'));
        const virtualSize = await disk.size(context.signal);
        context.print({ virtualSize }, () => `The disk has ${formatBytes(virtualSize)}.`);
      };
      await withDisk(context, work, { alone: true });
    },
  },
  {
    name: 'rsvd convert',
    summary: 'Makes a VHD Set out of a shared VHDX, beside it.',
    args: [UNC],
    options: {
      ...RSVD_OPTIONS,
      yes: YES,
      to: { type: 'value', value: 'NAME', help: 'File name of the set; ends with .vhds.' },
    },
    run: async (context) => {
      const name = required(context, 'to');
      if (!/\.vhds$/i.test(name)) throw usage(`--to is ${name}; it has to end with .vhds`);
      requireYes(context, `This makes the VHD Set ${name} beside the disk; VMs keep the old file.`);
      await withDisk(context, async (disk) => {
        await disk.convert(name, context.signal, progressOf(context, 'Converting'));
        context.print({ set: name }, () => `Made ${name}.`);
      });
    },
  },
  {
    name: 'rsvd apply',
    summary: 'Makes a VHD Set that nobody else has open equal to one of its snapshots.',
    args: [UNC, SNAPSHOT],
    options: { ...RSVD_OPTIONS, yes: YES, foreign: FOREIGN },
    run: async (context) => {
      const id = snapshotOf(context);
      requireYes(context, `This discards all that was written after the snapshot ${id}.`);
      const work = async (disk: SharedDisk): Promise<void> => {
        await requireOwn(context, disk, id);
        await disk.applySnapshot(id, context.signal, progressOf(context, 'Applying'));
        context.print({ applied: id }, () => `Applied ${id}.`);
      };
      await withDisk(context, work, { alone: true });
    },
  },
];
