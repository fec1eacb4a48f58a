import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { TestContext } from 'node:test';
import type { ErrorJson } from '../../../src/engine/base/errors.ts';

/** Settings of an end; members that are absent have usual values. */
export interface Setup {
  readonly role: 'initiator' | 'acceptor';
  /** SPNEGO that offers Kerberos, or every mechanism (`any`; ours prefers NTLM), or Kerberos alone. */
  readonly framing?: 'spnego' | 'any' | 'kerberos';
  readonly user?: string;
  readonly password?: string;
  readonly service?: string;
  readonly host?: string;
  readonly keytab?: string;
  /** Base64. */
  readonly channelBinding?: string;
  readonly timeout?: number;
}

/** A call of an end; bytes are Base64. */
export interface Call {
  readonly call: 'step' | 'seal' | 'unseal' | 'sessionKey' | 'close';
  readonly token?: string | undefined;
  readonly signature?: string;
  readonly data?: string;
}

/** A call as the process reads it: the end is created at its first. */
export interface Request extends Call {
  readonly id: number;
  readonly setup: Setup;
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

/** A process with ends of logins, of ours or of Python's. */
export class EndProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #ends = 0;

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  static ours(t: TestContext, env: NodeJS.ProcessEnv): EndProcess {
    const file = join(import.meta.dirname, 'our-end.ts');
    return EndProcess.#start(t, env, process.execPath, ['--no-warnings', file]);
  }

  static python(t: TestContext, env: NodeJS.ProcessEnv, python: string): EndProcess {
    return EndProcess.#start(t, env, python, [join(import.meta.dirname, 'python-end.py')]);
  }

  static #start(
    t: TestContext,
    env: NodeJS.ProcessEnv,
    program: string,
    args: string[],
  ): EndProcess {
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    });
    return new EndProcess(child, createInterface({ input: child.stdout }));
  }

  begin(setup: Setup): RemoteEnd {
    return new RemoteEnd(this, this.#ends++, setup);
  }

  /** Sends a request and waits for its answer. One at a time. */
  async send(request: Request): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`The process of the ends is gone at ${request.call}`);
    const answer = JSON.parse(value) as Answer;
    if (answer.error !== undefined) throw new RemoteError(answer.error);
    return answer;
  }
}

/** One end of a login in another process. */
export class RemoteEnd {
  readonly #process: EndProcess;
  readonly #id: number;
  readonly #setup: Setup;

  constructor(of: EndProcess, id: number, setup: Setup) {
    this.#process = of;
    this.#id = id;
    this.#setup = setup;
  }

  ask(call: Call): Promise<Answer> {
    return this.#process.send({ ...call, id: this.#id, setup: this.#setup });
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
