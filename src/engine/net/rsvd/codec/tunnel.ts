import { structure } from './layout/structure.ts';

/** SVHDX_TUNNEL_OPERATION_HEADER, in front of the payload of each request and answer. */
export const TUNNEL = structure('tunnel header', '2.2.4.11', 16, {
  operation: [0, 'u32', 'OperationCode'],
  status: [4, 'u32', 'Status: 0 in requests, NTSTATUS of the operation in answers'],
  requestId: [8, 'u64', 'RequestId: chosen by the client, echoed'],
});
