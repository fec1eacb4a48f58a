import { structure } from '../layout/structure.ts';

/** Answer to QUERY_SAFE_SIZE. */
export const SAFE_SIZE = structure('SVHDX_TUNNEL_QUERY_SAFE_SIZE_RESPONSE', '2.2.4.40', 8, {
  safeSize: [0, 'size', 'SafeVirtualSize: smallest size without loss of data, in bytes'],
});
