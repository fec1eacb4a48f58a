import type { Exchange } from '../../../src/engine/base/exchange.ts';

/** An exchange that took 12 ms and succeeded. */
export const sampleExchange = (sequence: number, change: Partial<Exchange> = {}): Exchange => ({
  sequence,
  retryOf: null,
  protocol: 'wsman',
  host: 'hv01:5985',
  connection: 1,
  about: 'Enumerate of Msvm_ComputerSystem',
  action: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate',
  resource:
    'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_ComputerSystem',
  changes: false,
  started: Date.UTC(2026, 10, 30, 12) + sequence * 100,
  timings: { queued: 0.1, sent: 0.5, firstByte: 11, done: 12 },
  sentBytes: 900,
  receivedBytes: 2000,
  status: 200,
  outcome: 'ok',
  request: '<s:Envelope xmlns:s="urn:s"><s:Body><q>1</q></s:Body></s:Envelope>',
  answer: '<s:Envelope xmlns:s="urn:s"><s:Body><r>ä</r></s:Body></s:Envelope>',
  ...change,
});
