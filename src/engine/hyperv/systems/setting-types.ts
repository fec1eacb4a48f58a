import type { EmbeddedInstance, EmbeddedProperty } from '../../cim/cim-xml.ts';
import type { CimScalar, CimType } from '../../cim/model.ts';

/** Types of the properties that are sent, as the MOF declares them (hyperv-wmi 1.3, 1.5). */
const TYPES: Readonly<Record<string, CimType>> = {
  Address: 'string',
  AddressOnParent: 'string',
  AutomaticCriticalErrorAction: 'uint16',
  AutomaticRecoveryAction: 'uint16',
  AutomaticShutdownAction: 'uint16',
  AutomaticStartupAction: 'uint16',
  BIOSNumLock: 'boolean',
  BootOrder: 'uint16',
  BootSourceOrder: 'string',
  ConfigurationDataRoot: 'string',
  ConsoleMode: 'uint16',
  DynamicMemoryEnabled: 'boolean',
  ElementName: 'string',
  EnabledState: 'uint16',
  HostResource: 'string',
  InstanceID: 'string',
  Limit: 'uint64',
  NetworkBootPreferredProtocol: 'uint16',
  Notes: 'string',
  Parent: 'string',
  PauseAfterBootFailure: 'boolean',
  Reservation: 'uint64',
  ResourceSubType: 'string',
  ResourceType: 'uint16',
  SecureBootEnabled: 'boolean',
  SecureBootTemplateId: 'string',
  SnapshotDataRoot: 'string',
  StaticMacAddress: 'boolean',
  SwapFileDataRoot: 'string',
  TargetMemoryBuffer: 'uint32',
  UserSnapshotType: 'uint16',
  VirtualNumaEnabled: 'boolean',
  VirtualQuantity: 'uint64',
  VirtualSystemSubType: 'string',
  Weight: 'uint32',
};

type Value = CimScalar | readonly CimScalar[];

/** Returns an instance of settings for a method's string parameter; undefined values are omitted. */
export function settings(
  className: string,
  values: Readonly<Record<string, Value | undefined>>,
): EmbeddedInstance {
  const properties = Object.entries(values).flatMap(([name, value]): EmbeddedProperty[] => {
    const type = TYPES[name];
    if (type === undefined) throw new Error(`${name} has no type`);
    return value === undefined ? [] : [{ name, type, value }];
  });
  return { className, properties };
}

/** Returns a value of a property as its type has it, out of text; undefined if it is not one. */
export function valueOf(name: string, text: string): CimScalar | undefined {
  const type = TYPES[name];
  if (type === 'string') return text;
  if (type === 'boolean') return /^(true|false)$/i.test(text) ? /^true$/i.test(text) : undefined;
  return /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}
