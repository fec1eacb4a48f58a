import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { TestContext } from 'node:test';
import type { ErrorJson } from '../../../src/engine/base/errors.ts';

/** Settings of an end; members that are absent have usual values. */
export interface Setup {
  readonly role: 'initiator' | 'acceptor';
  /** Of Python only: its own SPNEGO, or Kerberos alone. */
  readonly framing?: 'spnego' | 'kerberos';
  readonly user?: string;
  readonly password?: string;
  readonly service?: string;
  readonly host?: string;
  readonly keytab?: string;
  /** Base64. */
  readonly channelBinding?: string;
  readonly timeout?: number;
}

/** A call; bytes are Base64. */
export interface Request {
  readonly call: 'step' | 'seal' | 'unseal' | 'sessionKey' | 'close';
  readonly token?: string | undefined;
  readonly signature?: string;
  readonly data?: string;
}

export interface Sealed {
  readonly signature: string;
  readonly data: string;
}

interface Answer {
  readonly token?: string;
  readonly complete?: boolean;
  readonly mechanism?: string;
  readonly user?: string;
  readonly signature?: string;
  readonly data?: string;
  readonly error?: ErrorJson;
}

/** The error that an end answered with. */
export class RemoteError extends Error {
  readonly json: ErrorJson;

  constructor(json: ErrorJson) {
    super(`${json.code}: ${json.message}`);
    this.json = json;
  }
}

/** One end of a login in another process, ours or Python's. */
export class RemoteEnd {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  static ours(t: TestContext, env: NodeJS.ProcessEnv, setup: Setup): RemoteEnd {
    const file = join(import.meta.dirname, 'our-end.ts');
    return RemoteEnd.#start(t, env, process.execPath, ['--no-warnings', file], setup);
  }

  static python(t: TestContext, python: string, env: NodeJS.ProcessEnv, setup: Setup): RemoteEnd {
    return RemoteEnd.#start(t, env, python, [join(import.meta.dirname, 'python-end.py')], setup);
  }

  static #start(
    t: TestContext,
    env: NodeJS.ProcessEnv,
    program: string,
    args: string[],
    setup: Setup,
  ): RemoteEnd {
    const child = spawn(program, [...args, JSON.stringify(setup)], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    });
    return new RemoteEnd(child, createInterface({ input: child.stdout }));
  }

  async ask(request: Request): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`The process of an end is gone at ${request.call}`);
    const answer = JSON.parse(value) as Answer;
    if (answer.error !== undefined) throw new RemoteError(answer.error);
    return answer;
  }

  /** Returns the text as the other end must be able to read it. */
  async seal(text: string): Promise<Sealed> {
    const { signature = '', data = '' } = await this.ask({
      call: 'seal',
      data: Buffer.from(text).toString('base64'),
    });
    return { signature, data };
  }

  async unseal(sealed: Sealed): Promise<string> {
    const { data = '' } = await this.ask({ call: 'unseal', ...sealed });
    return Buffer.from(data, 'base64').toString();
  }
}

/** Result of a login of two ends. */
export interface LoggedIn {
  /** Tokens in their order, the client's first. */
  readonly tokens: readonly string[];
  /** Mechanisms as the client and the service name them. */
  readonly mechanisms: readonly (string | undefined)[];
  /** The user whom the service saw. */
  readonly user: string | undefined;
}

/** Exchanges tokens until both ends are complete. */
export async function logIn(client: RemoteEnd, service: RemoteEnd): Promise<LoggedIn> {
  const tokens: string[] = [];
  let ours: Answer = {};
  let theirs: Answer = {};
  for (let legs = 0; legs < 6; legs++) {
    ours = await client.ask({ call: 'step', token: theirs.token });
    if (ours.token !== undefined) {
      tokens.push(ours.token);
      theirs = await service.ask({ call: 'step', token: ours.token });
      if (theirs.token !== undefined) tokens.push(theirs.token);
    }
    if (ours.complete === true) break;
  }
  if (ours.complete !== true || theirs.complete !== true) {
    throw new Error(`The login is not complete after ${tokens.length} tokens`);
  }
  return { tokens, mechanisms: [ours.mechanism, theirs.mechanism], user: theirs.user };
}
