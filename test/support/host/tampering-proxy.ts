import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { afterwards } from '../checks/afterwards.ts';

/** An HTTP message as it passes through. */
export interface Passing {
  status: number;
  headers: http.OutgoingHttpHeaders;
  body: Buffer;
}

/** What somebody in between does. Each is asked with the number of the request, from 0. */
export interface Tampering {
  /** Changes a request; returns an answer to give at once, without asking the host. */
  request?(body: Buffer, headers: http.IncomingHttpHeaders, at: number): Buffer | Passing;
  answer?(answer: Passing, at: number): Passing;
  /** Sends the request once more behind it. */
  repeat?(at: number): boolean;
}

export interface TamperingProxy {
  readonly port: number;
  /** Every byte that clients sent, headers and bodies, as text. */
  readonly heard: string[];
  /** Statuses of the host's answers to repeated requests. */
  readonly repeated: number[];
  /** Closes every connection. */
  readonly drop: () => void;
}

/** Somebody between a client and a host over plain HTTP: one connection there for each one here. */
export async function tamperingProxy(
  t: TestContext,
  hostPort: number,
  tampering: Tampering,
): Promise<TamperingProxy> {
  const agents = new Map<Socket, http.Agent>();
  const heard: string[] = [];
  const repeated: number[] = [];
  let count = 0;
  const server = http.createServer((request, response) => {
    void pass(request, response).catch(() => response.destroy());
  });
  const agentOf = (socket: Socket): http.Agent => {
    const agent = agents.get(socket) ?? new http.Agent({ keepAlive: true, maxSockets: 1 });
    agents.set(socket, agent);
    socket.once('close', () => agent.destroy());
    return agent;
  };
  const pass = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const at = count++;
    const body = await read(request);
    heard.push(`${request.rawHeaders.join('\n')}\n\n${body.toString('latin1')}`);
    const asked = tampering.request?.(body, request.headers, at) ?? body;
    if (!Buffer.isBuffer(asked)) return give(response, asked);
    const agent = agentOf(request.socket);
    const send = (): Promise<Passing> => forward(hostPort, request, asked, agent);
    const answer = await send();
    if (tampering.repeat?.(at) === true) repeated.push((await send()).status);
    give(response, tampering.answer?.(answer, at) ?? answer);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(t, () => {
    server.close();
    server.closeAllConnections();
    for (const agent of agents.values()) agent.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { port, heard, repeated, drop: () => server.closeAllConnections() };
}

function forward(
  port: number,
  { headers, url }: http.IncomingMessage,
  body: Buffer,
  agent: http.Agent,
): Promise<Passing> {
  return new Promise((resolve, reject) => {
    const passed = { ...headers, 'content-length': String(body.length) };
    const options = { port, host: '127.0.0.1', method: 'POST', path: url, agent, headers: passed };
    const request = http.request(options, (response) => {
      const { statusCode: status = 0, headersDistinct } = response;
      const { 'transfer-encoding': _, ...kept } = headersDistinct;
      read(response).then((got) => resolve({ status, headers: kept, body: got }), reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function give(response: http.ServerResponse, { status, headers, body }: Passing): void {
  response.writeHead(status, { ...headers, 'content-length': body.length });
  response.end(body);
}

async function read(message: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
