import { structure } from '../layout/structure.ts';

/** Answer to GET_INITIAL_INFO. */
export const INITIAL_INFO = structure('SVHDX_TUNNEL_INITIAL_INFO_RESPONSE', '2.2.4.14', 24, {
  serverVersion: [0, 'u32', 'ServerVersion: 1 or 2'],
  sectorSize: [4, 'u32', 'SectorSize in bytes'],
  physicalSectorSize: [8, 'u32', 'PhysicalSectorSize in bytes'],
  virtualSize: [16, 'size', 'VirtualSize in bytes'],
});
