import type { CimValue } from '../../../cim/model.ts';

interface IntegrationComponent {
  readonly className: string;
  /** The part of DeviceID and InstanceID after the VM's; the same on all hosts. */
  readonly id: string;
  readonly name: string;
  /** Properties of its settings beside those that all have. */
  readonly settings?: Readonly<Record<string, CimValue>>;
}

/** Integration components of a guest. */
export const INTEGRATION_COMPONENTS: readonly IntegrationComponent[] = [
  {
    className: 'Msvm_VssComponent',
    id: '5CED1297-4598-4915-A5FC-AD21BB4D02A4',
    name: 'Backup (volume shadow copy)',
  },
  {
    className: 'Msvm_ShutdownComponent',
    id: '9F8233AC-BE49-4C79-8EE3-E7E1985B2077',
    name: 'Operating System Shutdown',
  },
  {
    className: 'Msvm_HeartbeatComponent',
    id: '84EAAE65-2F2E-45F5-9BB5-0E857DC8EB47',
    name: 'Heartbeat',
    settings: { ErrorThreshold: 2, Interval: 2000, Latency: 1000 },
  },
  {
    className: 'Msvm_KvpExchangeComponent',
    id: '2A34B1C2-FD73-4043-8A5B-DD2159BC743F',
    name: 'Data Exchange',
    settings: { DisableHostKVPItems: false },
  },
  {
    className: 'Msvm_TimeSyncComponent',
    id: '2497F4DE-E9FA-4204-80E4-4B75C46419C0',
    name: 'Time Synchronization',
  },
  {
    className: 'Msvm_GuestServiceInterfaceComponent',
    id: '6C09BB55-D683-4DA0-8931-C9BF705F6480',
    name: 'Guest services',
    settings: { DefaultEnabledStatePolicy: 3 },
  },
];
