import { cimInstance, type CimInstance, type CimValue } from '../../../src/engine/cim/model.ts';
import type {
  CimClassDeclaration,
  CimParameterDeclaration,
  CimPropertyDeclaration,
  CimRepository,
  MethodCall,
  MethodResult,
} from '../../../src/engine/lab/wmi/repository.ts';

export const VM_ID = 'A1B2C3D4-0001-4000-8000-00000000000A';
export const SETTING_ID = `Microsoft:${VM_ID}`;

const text = (
  name: string,
  more: Partial<CimPropertyDeclaration> = {},
): CimPropertyDeclaration => ({
  name,
  type: 'string',
  ...more,
});
const ref = (name: string): CimPropertyDeclaration => ({ name, type: 'reference', key: true });
const into = (
  name: string,
  type: CimParameterDeclaration['type'],
  more: Partial<CimParameterDeclaration> = {},
): CimParameterDeclaration => ({ name, type, direction: 'in', ...more });

const SYSTEM: readonly CimPropertyDeclaration[] = [
  text('Name', { key: true }),
  text('CreationClassName', { key: true }),
  text('ElementName'),
  text('Description'),
  { name: 'EnabledState', type: 'uint16' },
  { name: 'OnTimeInMilliseconds', type: 'uint64' },
  { name: 'OperationalStatus', type: 'uint16', array: true },
  text('StatusDescriptions', { array: true }),
  { name: 'InstallDate', type: 'datetime' },
  { name: 'Delay', type: 'interval' },
  { name: 'Replica', type: 'boolean' },
];

const CLASSES: readonly CimClassDeclaration[] = [
  { name: 'CIM_ComputerSystem', properties: SYSTEM },
  { name: 'Msvm_ComputerSystem', superclass: 'CIM_ComputerSystem', properties: SYSTEM },
  {
    name: 'Msvm_VirtualSystemSettingData',
    properties: [text('InstanceID', { key: true }), text('ElementName'), text('Notes')],
  },
  {
    name: 'Msvm_SnapshotSettings',
    properties: [
      { name: 'ConsistencyLevel', type: 'uint8' },
      { name: 'Ignore', type: 'boolean' },
      { name: 'When', type: 'datetime' },
      text('Label'),
      text('Paths', { array: true }),
    ],
  },
  {
    name: 'Msvm_SettingsDefineState',
    association: true,
    properties: [ref('ManagedElement'), ref('SettingData')],
  },
  {
    name: 'Msvm_Service',
    properties: [
      text('CreationClassName', { key: true }),
      text('Name', { key: true }),
      text('SystemName', { key: true }),
    ],
    methods: [
      {
        name: 'Echo',
        parameters: [
          into('System', 'reference'),
          into('Systems', 'reference', { array: true }),
          into('Settings', 'string', { embedded: true }),
          into('Many', 'string', { embedded: true, array: true }),
          into('Count', 'uint16'),
          into('Big', 'uint64'),
          into('Flag', 'boolean'),
          into('When', 'datetime'),
          into('Words', 'string', { array: true }),
          into('Job', 'reference', { direction: 'out' }),
          into('Summary', 'object', { direction: 'out', array: true }),
          into('Result', 'string', { direction: 'out', embedded: true }),
        ],
      },
      { name: 'Break', parameters: [] },
    ],
  },
];

const vm = (
  name: string,
  elementName: string,
  more: Readonly<Record<string, CimValue>>,
): CimInstance =>
  cimInstance('Msvm_ComputerSystem', {
    CreationClassName: 'Msvm_ComputerSystem',
    Name: name,
    ElementName: elementName,
    Description: null,
    EnabledState: 2,
    OnTimeInMilliseconds: 0n,
    OperationalStatus: [2],
    StatusDescriptions: [],
    InstallDate: null,
    Delay: null,
    Replica: false,
    ...more,
  });

/** A host with a few classes, `extra` more virtual machines, and a method that keeps what it was given. */
export class SmallRepository implements CimRepository {
  readonly namespace = 'root/virtualization/v2';
  readonly machineName = 'LAB01';
  readonly classes = new Map(CLASSES.map((each) => [each.name, each] as const));
  readonly calls: MethodCall[] = [];
  readonly #systems: CimInstance[];

  constructor(extra = 0, description: string | null = null) {
    this.#systems = [
      vm(VM_ID, 'web & <db>', {
        OperationalStatus: [2, 32768],
        InstallDate: '2026-03-02T08:15:36.68424Z',
        Delay: 'P0DT0H5M0S',
        OnTimeInMilliseconds: 18446744073709551615n,
        Replica: true,
      }),
      vm('LAB01', 'LAB01', { Description: ' ' }),
      ...Array.from({ length: extra }, (_, i) =>
        vm(`EXTRA-${String(i).padStart(5, '0')}`, `extra ${i}`, { Description: description }),
      ),
    ];
  }

  instances(className: string): readonly CimInstance[] {
    switch (className) {
      case 'Msvm_ComputerSystem':
        return this.#systems;
      case 'Msvm_VirtualSystemSettingData':
        return [
          cimInstance(className, {
            InstanceID: SETTING_ID,
            ElementName: 'web',
            Notes: 'a\\b "c" \'d\'',
          }),
        ];
      case 'Msvm_SettingsDefineState':
        return [
          cimInstance(className, {
            ManagedElement: {
              className: 'Msvm_ComputerSystem',
              keys: { CreationClassName: 'Msvm_ComputerSystem', Name: VM_ID },
            },
            SettingData: {
              className: 'Msvm_VirtualSystemSettingData',
              keys: { InstanceID: SETTING_ID },
            },
          }),
        ];
      case 'Msvm_Service':
        return [
          cimInstance(className, { CreationClassName: className, Name: 's', SystemName: 'LAB01' }),
        ];
      default:
        return [];
    }
  }

  async invoke(call: MethodCall): Promise<MethodResult> {
    this.calls.push(call);
    if (call.method === 'Break') throw new Error('the disk caught fire');
    return {
      returnValue: 4096,
      out: {
        Job: { className: 'Msvm_ConcreteJob', keys: { InstanceID: 'j & 1' } },
        Summary: [this.#systems[0] ?? null],
        Result: {
          embedded: cimInstance('Msvm_SnapshotSettings', {
            Label: 'a & b',
            ConsistencyLevel: 1,
            Ignore: true,
            Paths: ['x', 'y'],
          }),
        },
      },
    };
  }
}
