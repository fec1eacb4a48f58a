import { delay, never } from '../../../src/engine/base/abort.ts';
import {
  decodeEmbedded,
  embeddedText,
  type EmbeddedInstance,
} from '../../../src/engine/cim/cim-xml.ts';
import type { Argument } from '../../../src/engine/cim/client.ts';
import {
  isCimReference,
  type CimInstance,
  type CimReference,
  type CimScalar,
  type CimType,
} from '../../../src/engine/cim/model.ts';
import { WmiRecord } from '../../../src/engine/hyperv/wmi-record.ts';
import { virtualizationClasses } from '../../../src/engine/lab/classes/virtualization-classes.ts';
import type { ServedLab } from './served-lab.ts';

const SERVICE = 'Msvm_VirtualSystemManagementService';
const CLASSES = virtualizationClasses('2019');

/** A call and its job: `state` is the JobState, undefined if there is no job. */
interface Called {
  readonly returnValue: number;
  readonly state: number | undefined;
  readonly errorCode: number | undefined;
  /** Texts of GetErrorEx. */
  readonly errors: readonly string[];
}

/** Calls a method of the management service, or of `target`, and waits for its job. */
export async function called(
  { client }: ServedLab,
  method: string,
  args: Readonly<Record<string, Argument>>,
  target: CimReference = { className: SERVICE, keys: { CreationClassName: SERVICE } },
): Promise<Called> {
  const result = await client.invoke({ target, method, args, repeatable: false }, never);
  const { returnValue } = result;
  const job = result.out.get('Job');
  if (!isCimReference(job)) {
    return { returnValue, state: undefined, errorCode: undefined, errors: [] };
  }
  for (;;) {
    const row = new WmiRecord(await client.get(job, never));
    const state = row.number('JobState') ?? 0;
    if (state >= 7) {
      const call = { target: job, method: 'GetErrorEx', args: {}, repeatable: true };
      const { out } = await client.invoke(call, never);
      const texts = new WmiRecord({ className: 'GetErrorEx', properties: out }).texts('Errors');
      const errors = texts.map((text) => embeddedText(decodeEmbedded(text), 'Message') ?? '');
      return { returnValue, state, errorCode: row.number('ErrorCode') ?? 0, errors };
    }
    await delay(10, never);
  }
}

/** An instance inside a string, with the types that the class declares. */
export function embedded(
  className: string,
  values: Readonly<Record<string, unknown>>,
): { embedded: EmbeddedInstance } {
  const properties = Object.entries(values).map(([name, value]) => {
    const declared = CLASSES.get(className)?.properties.find((each) => each.name === name);
    const type = (declared?.type ?? 'string') as CimType;
    return { name, type, value: value as CimScalar | readonly CimScalar[] };
  });
  return { embedded: { className, properties } };
}

const systemReference = (className: string, id: string): CimReference => ({
  className,
  keys: { CreationClassName: className, Name: id.toUpperCase() },
});

export const vmReference = (id: string): CimReference => systemReference('Msvm_ComputerSystem', id);

export const plannedReference = (id: string): CimReference =>
  systemReference('Msvm_PlannedComputerSystem', id);

type Properties = CimInstance['properties'];

/** Active settings of a VM, planned or realized. */
export async function settingsOf(served: ServedLab, id: string): Promise<Properties> {
  const wql = `SELECT * FROM Msvm_VirtualSystemSettingData WHERE InstanceID='Microsoft:${id}'`;
  const [row] = await served.query(wql);
  if (row === undefined) throw new Error(`no settings of ${id}`);
  return row.properties;
}

/** Rows of a class whose InstanceIDs begin with the VM's. */
export async function rowsOf(
  served: ServedLab,
  className: string,
  id: string,
): Promise<readonly Properties[]> {
  const like = `Microsoft:${id.toUpperCase()}\\\\%`;
  const rows = await served.query(`SELECT * FROM ${className} WHERE InstanceID LIKE '${like}'`);
  return rows.map(({ properties }) => properties);
}

export const storageOf = (served: ServedLab, id: string): ReturnType<typeof rowsOf> =>
  rowsOf(served, 'Msvm_StorageAllocationSettingData', id);

/** A property that is text; '' if it is missing. */
export function textIn(row: Properties | undefined, name: string): string {
  const value = row?.get(name);
  return typeof value === 'string' ? value : '';
}
