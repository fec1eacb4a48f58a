import { tryParseGuid } from '../../base/guid.ts';
import { decodeEmbedded, typedInstance } from '../../cim/cim-xml.ts';
import type { CimClient } from '../../cim/client.ts';
import { like, select } from '../../cim/wql.ts';
import { OPERATION } from '../calls/operations.ts';
import { question } from '../calls/question.ts';
import { formatOf, type AttachedDisk } from './host-disk.ts';
import { hostError } from '../hyperv-errors.ts';
import { methodError } from '../return-values.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

const VIRTUAL_HARD_DISK = 'Microsoft:Hyper-V:Virtual Hard Disk';
const PHYSICAL_DISK = 'Microsoft:Hyper-V:Physical Disk Drive';
const IDE = 'Microsoft:Hyper-V:Emulated IDE Controller';
const SCSI = 'Microsoft:Hyper-V:Synthetic SCSI Controller';
/** ID of the only IDE controller of generation 1 VMs. */
const IDE_CONTROLLER = '83f8638b-8dca-4152-9eda-2ca8b33039b4';

/**
 * Returns the disks of a VM's active settings or of a checkpoint, by the GUID with which their
 * InstanceIDs begin, in the order of controllers and slots. `withImages`: also queries sizes and
 * IDs from the image service, one call per disk.
 */
export async function attachedDisks(
  client: CimClient,
  ownerId: string,
  withImages: boolean,
  signal: AbortSignal,
): Promise<AttachedDisk[]> {
  const resources = await rowsOf(client, CLASS.resource, ownerId, signal);
  const storage = await rowsOf(client, CLASS.storage, ownerId, signal);
  const controllers = controllerNumbers(resources);
  const disks: AttachedDisk[] = [];
  for (const row of storage.filter(isHardDisk)) {
    const { id, path } = placeOf(row);
    const facts = withImages ? await imageFacts(client, path, signal) : NO_FACTS;
    const shared = row.boolean('PersistentReservationsSupported') === true;
    const slot = slotName(id, controllers);
    const snapshotId = row.text('SnapshotId') || null;
    const format = formatOf(path);
    disks.push({ slot, locationId: id, path, format, shared, snapshotId, ...facts });
  }
  for (const row of resources.filter((each) => each.text('ResourceSubType') === PHYSICAL_DISK)) {
    const { id, path } = placeOf(row);
    const slot = slotName(id, controllers);
    const facts = { shared: false, snapshotId: null, ...NO_FACTS };
    disks.push({ slot, locationId: id, path, format: 'physical', ...facts });
  }
  return disks.sort((a, b) => a.slot.localeCompare(b.slot, 'en', { numeric: true }));
}

/** Attachment of a virtual hard disk, and its file. */
export interface DiskPlace {
  /** InstanceID of the storage settings. */
  readonly id: string;
  readonly path: string;
}

/**
 * Returns the virtual hard disks of a VM's active settings or of a checkpoint, without slots and
 * images, by one query.
 */
export async function diskPlaces(
  client: CimClient,
  ownerId: string,
  signal: AbortSignal,
): Promise<DiskPlace[]> {
  return (await rowsOf(client, CLASS.storage, ownerId, signal)).filter(isHardDisk).map(placeOf);
}

/**
 * Whether two InstanceIDs name the same slot of the same controller, for example of a VM and of its
 * checkpoint.
 */
export function isSamePlace(a: string, b: string): boolean {
  const place = (id: string): string => id.split('\\').slice(1, 4).join('\\').toLowerCase();
  return place(a) === place(b);
}

const isHardDisk = (row: WmiRecord): boolean => row.text('ResourceSubType') === VIRTUAL_HARD_DISK;

const placeOf = (row: WmiRecord): DiskPlace => ({
  id: row.requireText('InstanceID'),
  path: row.texts('HostResource')[0] ?? '',
});

interface ImageFacts {
  readonly virtualSize: number | null;
  readonly virtualDiskId: AttachedDisk['virtualDiskId'];
  readonly parentPath: string | null;
  readonly logicalSectorSize: number | null;
}

const NO_FACTS: ImageFacts = {
  virtualSize: null,
  virtualDiskId: null,
  parentPath: null,
  logicalSectorSize: null,
};

/** Returns the path of an image's parent as the host reports it; null for an image without a parent. */
export async function parentOfImage(
  client: CimClient,
  path: string,
  signal: AbortSignal,
): Promise<string | null> {
  return (await imageFacts(client, path, signal)).parentPath;
}

/** Queries size and identity of an image from the host (GetVirtualHardDiskSettingData). */
async function imageFacts(
  client: CimClient,
  path: string,
  signal: AbortSignal,
): Promise<ImageFacts> {
  const operation = OPERATION.getVirtualHardDiskSettingData;
  const { returnValue, out } = await question(client, operation, { Path: path }, signal);
  if (returnValue === 32779) return NO_FACTS;
  if (returnValue !== 0) throw methodError(operation.method, returnValue);
  const text = out.text('SettingData');
  if (text === null) return NO_FACTS;
  const image = new WmiRecord(typedInstance(decodeEmbedded(text)));
  return {
    virtualSize: image.number('MaxInternalSize'),
    virtualDiskId: tryParseGuid(image.text('VirtualDiskId') ?? '') ?? null,
    parentPath: image.text('ParentPath') || null,
    logicalSectorSize: image.number('LogicalSectorSize'),
  };
}

/**
 * Numbers controllers, keyed by the `<GUID>\<n>` of their InstanceID: IDE by their own number, SCSI
 * in the order of their IDs.
 */
function controllerNumbers(resources: readonly WmiRecord[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const ids = resources
    .filter((row) => row.text('ResourceSubType') === SCSI)
    .map((row) => controllerOf(row.requireText('InstanceID')))
    .sort();
  ids.forEach((id, i) => names.set(id, `scsi${i}`));
  for (const row of resources.filter((each) => each.text('ResourceSubType') === IDE)) {
    const id = controllerOf(row.requireText('InstanceID'));
    names.set(id, `ide${id.split('\\')[1] ?? '0'}`);
  }
  return names;
}

/** Returns `<controller GUID>\<n>` of `Microsoft:<owner>\<controller GUID>\<n>…`, in lower case. */
function controllerOf(instanceId: string): string {
  const parts = instanceId.split('\\');
  return `${parts[1] ?? ''}\\${parts[2] ?? ''}`.toLowerCase();
}

function slotName(instanceId: string, controllers: ReadonlyMap<string, string>): string {
  const parts = instanceId.split('\\');
  const controller = controllerOf(instanceId);
  const known = controllers.get(controller);
  const number = parts[3];
  if (parts.length < 5 || number === undefined || !/^\d{1,3}$/.test(number)) {
    throw hostError('host.value', `${instanceId} names no controller slot`, {
      data: { found: instanceId },
    });
  }
  const fallback = controller.startsWith(IDE_CONTROLLER) ? `ide${parts[2]}` : `scsi(${parts[1]})`;
  return `${known ?? fallback}:${number}`;
}

/** Returns the rows of a class whose InstanceIDs begin with the GUID of a VM or a checkpoint. */
async function rowsOf(
  client: CimClient,
  className: string,
  ownerId: string,
  signal: AbortSignal,
): Promise<WmiRecord[]> {
  // The prefix contains no wildcard.
  const wql = select(className, like('InstanceID', `Microsoft:${ownerId.toUpperCase()}\\%`));
  const out: WmiRecord[] = [];
  for await (const instance of client.query(wql, signal)) out.push(new WmiRecord(instance));
  return out;
}
