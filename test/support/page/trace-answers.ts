import path from 'node:path';
import type { Exchange } from '../../../src/engine/base/exchange.ts';
import { escapeXml } from '../../../src/engine/cim/xml/xml-writer.ts';
import { OpenTraces } from '../../../src/engine/operations/trace/open-traces.ts';
import { TraceWriter } from '../../../src/engine/trace/write/trace-writer.ts';
import type { TraceViewInit } from '../../../src/views/api/trace.ts';
import { TRACE_STRINGS } from '../../../src/views/api/trace-strings.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { sampleExchange } from '../trace/sample-exchange.ts';
import type { Answer } from './view-page.ts';

export const TRACE_INIT: TraceViewInit = {
  name: 'backup.rptrace',
  strings: TRACE_STRINGS,
  language: 'en',
};

const envelope = (action: string, body: string): string =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header><a:Action s:mustUnderstand="true">${action}</a:Action><a:MessageID>uuid:0A1B</a:MessageID></s:Header><s:Body>${body}</s:Body></s:Envelope>`;

const INSTANCE = escapeXml(
  '<INSTANCE CLASSNAME="Msvm_VirtualSystemSnapshotSettingData"><PROPERTY NAME="ConsistencyLevel" TYPE="uint8"><VALUE>1</VALUE></PROPERTY></INSTANCE>',
);

/** Calls of a backup, over and over; each tenth fails, each seventh is slow. */
function call(sequence: number): Partial<Exchange> {
  const kinds = [
    { about: 'Query of Msvm_VirtualSystemSettingData' },
    { about: 'CreateSnapshot of Msvm_VirtualSystemSnapshotService', changes: true },
    { about: 'Get of Msvm_ConcreteJob' },
    { about: 'Associators of Msvm_ComputerSystem: Msvm_StorageAllocationSettingData' },
  ];
  const kind = kinds[sequence % kinds.length] ?? {};
  const slow = sequence % 7 === 0 ? 1500 : 5 + (sequence % 40);
  const failed = sequence % 10 === 0;
  const disk = `<p:Path>C:\\VMs\\web01\\disk${sequence}.vhdx</p:Path>`;
  return {
    ...kind,
    timings: { queued: slow / 10, sent: slow / 5, firstByte: slow * 0.8, done: slow },
    ...(failed ? { outcome: 'wsman.fault.accessDenied', status: 500 } : {}),
    request: envelope('CreateSnapshot', `<p:I xmlns:p="urn:p"><p:S>${INSTANCE}</p:S></p:I>`),
    answer: envelope(
      'Answer',
      `<p:O xmlns:p="urn:p">${disk}<p:ReturnValue>4096</p:ReturnValue></p:O>`,
    ),
  };
}

/** Writes a recording. `skip`: every exchange of that number of a hundred is left out. */
export async function writeTrace(
  folder: string,
  name: string,
  exchanges: number,
  skip = -1,
): Promise<string> {
  const file = path.join(folder, name);
  const writer = await TraceWriter.open(file, {
    time: '2026-11-30T12:00:00.000Z',
    engine: '1.0.0',
    command: 'backup',
  });
  const job = writer.ofJob('5d0c4f5e-0000-4000-8000-000000000001', 'web01');
  job.phase('Checkpoint on the host');
  for (let i = 1; i <= exchanges; i++) {
    const sequence = job.begin();
    if (i % 100 !== skip) job.record(sampleExchange(sequence, call(i)));
    // The writer takes what the disk takes.
    if (i % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await writer.close();
  return file;
}

/** Answers as the extension does, with the real engine behind it. */
export function traceAnswers(
  file: string,
  other: string | null = null,
): { readonly answer: Answer; readonly copied: string[]; close(): Promise<void> } {
  const traces = new OpenTraces();
  const copied: string[] = [];
  const answer: Answer = async (method, params: never) => {
    if (method === 'open') return traces.open(file, never);
    if (method === 'page') return traces.page(params);
    if (method === 'compare') return traces.compare(params);
    if (method === 'exchange') {
      const { traceId, sequence } = params as { traceId: string; sequence: number };
      return traces.exchange(traceId, sequence);
    }
    if (method === 'chooseOther') return other === null ? null : traces.open(other, never);
    copied.push((params as { text: string }).text);
    return {};
  };
  return { answer, copied, close: () => traces.closeAll() };
}
