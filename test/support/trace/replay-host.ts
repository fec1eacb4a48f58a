import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import type { RecordedExchange } from '../../../src/engine/trace/format/trace-line.ts';
import { TraceFile } from '../../../src/engine/trace/read/trace-file.ts';
import { afterwards } from '../checks/afterwards.ts';

/** A host that answers as a recorded one did. */
export interface ReplayHost {
  readonly url: string;
  /** Descriptions of the exchanges whose request has not come yet. */
  readonly left: () => readonly string[];
  /** Requests that the recording does not have. */
  readonly strange: readonly string[];
}

/**
 * Serves a recording: a request gets the answer of the first exchange that had the same request and
 * was not answered yet. IDs of messages and the host's address do not count; everything else does,
 * so contexts of enumerations and IDs of objects must be those of the recorded answers.
 */
export async function startReplayHost(t: TestContext, file: string): Promise<ReplayHost> {
  const waiting = await recordedAnswers(file);
  const strange: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const envelope = Buffer.concat(chunks).toString('utf8');
      const found = waiting.get(requestKey(envelope))?.shift();
      if (found === undefined) strange.push(envelope);
      const { row, answer } = found ?? { row: { status: 404 }, answer: '' };
      response.writeHead(row.status, { 'Content-Type': 'application/soap+xml;charset=UTF-8' });
      response.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const left = (): string[] => [...waiting.values()].flat().map(({ row }) => row.about);
  return { url: `http://127.0.0.1:${port}`, left, strange };
}

async function recordedAnswers(file: string): Promise<Map<string, RecordedExchange[]>> {
  const trace = await TraceFile.open(file, never);
  const waiting = new Map<string, RecordedExchange[]>();
  for (const { sequence } of trace.rows) {
    const exchange = await trace.exchange(sequence);
    const key = requestKey(exchange.request);
    waiting.set(key, [...(waiting.get(key) ?? []), exchange]);
  }
  await trace.close();
  return waiting;
}

/** A request without what differs between two runs that do the same. */
const requestKey = (envelope: string): string =>
  envelope
    .replace(/<a:MessageID>[^<]*<\/a:MessageID>/, '')
    .replace(/(<a:To[^>]*>)[^<]*<\/a:To>/, '$1');
