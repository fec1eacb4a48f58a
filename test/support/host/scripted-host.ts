import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { noLog } from '../../../src/engine/base/log.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { connectWsman } from '../../../src/engine/net/wsman/connect-wsman.ts';
import type { HttpWsmanClient } from '../../../src/engine/net/wsman/wsman-client.ts';
import { afterwards } from '../checks/afterwards.ts';

const SOAP = 'http://www.w3.org/2003/05/soap-envelope';
const WSMAN = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd';
const ADDRESSING = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const ENUM = 'http://schemas.xmlsoap.org/ws/2004/09/enumeration';
export const XML = { 'Content-Type': 'application/soap+xml;charset=UTF-8' };

export type Answer = (
  body: string,
  response: http.ServerResponse,
  request: http.IncomingMessage,
) => void;

export interface ScriptedHost {
  readonly client: HttpWsmanClient;
  /** What was asked, request for request. */
  readonly asked: string[];
}

/** Starts a host whose answers a test writes, and a client of it. */
export async function scriptedHost(t: TestContext, answer: Answer): Promise<ScriptedHost> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      asked.push(body);
      answer(body, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => {
    server.close();
    server.closeAllConnections();
  });
  const client = connectWsman({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credential: { user: 'u', password: new Secret('pass-word') },
    authentication: 'basic',
    tls: {},
    timeoutSeconds: 60,
    log: noLog,
  });
  afterwards(t, () => client.close());
  return { client, asked };
}

export const envelope = (body: string): string =>
  `<s:Envelope xmlns:s="${SOAP}" xmlns:n="${ENUM}" xmlns:w="${WSMAN}" xmlns:a="${ADDRESSING}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"><s:Body>${body}</s:Body></s:Envelope>`;

export const send = (response: http.ServerResponse, body: string): void => {
  response.writeHead(200, XML);
  response.end(envelope(body));
};

/** Answers with a fault of WinRM. */
export const sendFault = (response: http.ServerResponse, subcode: string, number: number): void => {
  response.writeHead(500, XML);
  response.end(
    envelope(
      `<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:${subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text>x</s:Text></s:Reason>` +
        `<s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="${number}"/></s:Detail></s:Fault>`,
    ),
  );
};
