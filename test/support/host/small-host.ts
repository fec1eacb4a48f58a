import type { TestContext } from 'node:test';
import { noLog, type Log } from '../../../src/engine/base/log.ts';
import type { ShellService } from '../../../src/engine/lab/shell/shell-service.ts';
import type { CimRepository } from '../../../src/engine/lab/wmi/repository.ts';
import type { WireFaults } from '../../../src/engine/lab/wsman/wire-faults.ts';
import {
  startWsmanServer,
  type WsmanServer,
  type WsmanServerOptions,
} from '../../../src/engine/lab/wsman/wsman-server.ts';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { connectWsman, type WsmanTarget } from '../../../src/engine/net/wsman/connect-wsman.ts';
import type { HttpWsmanClient } from '../../../src/engine/net/wsman/wsman-client.ts';
import { afterwards } from '../checks/afterwards.ts';

export const USER = 'Administrator';
export const PASSWORD = 'p:ss w0rd!';

export interface SmallHost {
  readonly server: WsmanServer;
  readonly url: string;
  client(target?: Partial<WsmanTarget>): HttpWsmanClient;
}

export interface SmallHostOptions {
  readonly faults?: Partial<WireFaults>;
  readonly https?: {
    readonly certificate: string;
    readonly key: string;
    readonly clientAuthority?: string;
  };
  readonly logins?: Partial<WsmanServerOptions['logins']>;
  readonly shells?: ShellService;
  readonly log?: Log;
  readonly password?: string;
  readonly address?: string;
}

/** A server over `repository` on a free port of this machine, closed with the test. */
export async function smallHost(
  t: TestContext,
  repository: CimRepository,
  options: SmallHostOptions = {},
): Promise<SmallHost> {
  const server = await startWsmanServer({
    osVersion: '10.0.17763',
    repository,
    logins: {
      offers: ['negotiate', 'basic'],
      user: USER,
      password: new Secret(options.password ?? PASSWORD),
      unencrypted: 'loopback',
      ...options.logins,
    },
    address: options.address ?? '127.0.0.1',
    httpPort: 0,
    https: options.https === undefined ? undefined : { port: 0, ...options.https },
    faults: { ...noWireFaults, ...options.faults },
    shells: options.shells,
    log: options.log ?? noLog,
  });
  afterwards(t, () => server.close());
  const url = `http://127.0.0.1:${server.httpPort}`;
  return {
    server,
    url,
    client: (target = {}) => {
      const client = connectWsman({
        url,
        credential: { user: USER, password: new Secret(options.password ?? PASSWORD) },
        authentication: 'auto',
        tls: {},
        timeoutSeconds: 20,
        log: noLog,
        ...target,
      });
      afterwards(t, () => client.close());
      return client;
    },
  };
}

/** Everything of an async sequence. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const each of items) out.push(each);
  return out;
}

const noWireFaults: WireFaults = {
  before: async () => 'pass',
  after: async () => 'pass',
  damage: () => undefined,
  locked: () => false,
  ntlmDisabled: () => false,
};
