import { encodeEmbedded } from '../../../cim/cim-xml.ts';
import type { CimValue } from '../../../cim/model.ts';
import type { LabVm } from '../../state/state.ts';

/** Source of an item that the guest's own integration services wrote. */
const INTRINSIC = 2;

/** Returns the items that a guest tells its host, as CIM-XML; a guest that is off tells nothing. */
export function kvpItems(vm: LabVm): Readonly<Record<string, CimValue>> {
  const items =
    vm.enabledState === 2
      ? {
          FullyQualifiedDomainName: `${vm.name.replace(/[^\w-]/g, '-')}.lab.test`,
          OSName: 'Windows Server 2019 Standard',
          OSVersion: '10.0.17763',
          OSBuildNumber: '17763',
          ProcessorArchitecture: '9',
          IntegrationServicesVersion: '10.0.17763',
        }
      : {};
  return {
    GuestExchangeItems: [],
    GuestIntrinsicExchangeItems: Object.entries(items).map(([name, data]) =>
      encodeEmbedded({
        className: 'Msvm_KvpExchangeDataItem',
        properties: [
          { name: 'Data', type: 'string', value: data },
          { name: 'Name', type: 'string', value: name },
          { name: 'Source', type: 'uint16', value: INTRINSIC },
        ],
      }),
    ),
  };
}
