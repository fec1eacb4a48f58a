import { timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { EngineError } from '../../base/errors.ts';
import { noProgress } from '../../base/progress.ts';
import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import type { LabOperations, OperationName } from './operations.ts';
import { perform } from './perform.ts';

const MAX_BODY = 64 * 2 ** 20;

export interface ControlServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts the control channel of a running lab: JSON over loopback for clients that can read the
 * token in the lab's folder.
 */
export async function startControlServer(
  lab: Lab,
  token: string,
  stop: () => void,
): Promise<ControlServer> {
  const server = http.createServer((request, response) => {
    handle(lab, token, stop, request, leftBy(lab, response)).then(
      (result) => reply(response, 200, { result }),
      (error: unknown) => reply(response, statusOf(error), { error: toJson(error) }),
    );
  });
  server.requestTimeout = 0;
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Refused extends Error {}

async function handle(
  lab: Lab,
  token: string,
  stop: () => void,
  request: http.IncomingMessage,
  left: AbortSignal,
): Promise<unknown> {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Refused('no');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) throw new Refused('too large');
    chunks.push(chunk);
  }
  const { name, params } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
    name: OperationName;
    params: LabOperations[OperationName]['params'];
  };
  if (name === 'stop') {
    // After the answer was sent.
    setImmediate(stop);
    return { pid: process.pid };
  }
  return perform(lab, name, params, noProgress, AbortSignal.any([lab.stopping, left]));
}

/** Fires if the caller leaves before its answer and the fault `vss.killed` is on: its program was ended. */
function leftBy({ faults }: Lab, response: http.ServerResponse): AbortSignal {
  const left = new AbortController();
  response.on('close', () => {
    if (response.writableFinished || !faults.isOn('vss.killed')) return;
    left.abort(new Error('the program was ended'));
  });
  return left.signal;
}

const statusOf = (error: unknown): number => (error instanceof Refused ? 403 : 500);

function toJson(error: unknown): object {
  if (error instanceof EngineError) return error.toJSON();
  const code = error instanceof JobFailure ? 'lab.state' : 'lab.control';
  return { code, message: (error as Error).message, data: {} };
}

function reply(response: http.ServerResponse, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}
