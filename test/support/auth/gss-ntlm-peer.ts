import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SealedBytes } from '../../../src/engine/net/auth/contract/security-context.ts';
import { afterwards } from '../checks/afterwards.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';
import { pythonWith } from '../process/peers.ts';

const SCRIPT = fileURLToPath(new URL('gss-ntlm-peer.py', import.meta.url));

type Json = Readonly<Record<string, string | boolean | null>>;

export interface GssStep {
  readonly token: Buffer | undefined;
  readonly complete: boolean;
  /** After the last step. */
  readonly user: string | undefined;
  readonly sessionKey: Buffer | undefined;
}

/** One end of a login in a Python process with gss-ntlmssp. */
export interface GssPeer {
  begin(order: Json): Promise<void>;
  /** Throws with the words of GSS-API if it rejects the token. */
  step(token: Buffer | undefined): Promise<GssStep>;
  seal(plain: Buffer): Promise<SealedBytes>;
  unseal(sealed: SealedBytes): Promise<Buffer>;
}

/**
 * Starts a process. Returns undefined, and skips the test, if python3-gssapi or gss-ntlmssp is missing.
 * @param users lines `DOMAIN:user:password` that the acceptor knows.
 */
export async function startGssPeer(
  t: TestContext,
  users: readonly string[],
): Promise<GssPeer | undefined> {
  const python = pythonWith(
    t,
    'gssapi; import sys; from gssapi.raw import indicate_mechs, OID; sys.exit(OID.from_int_seq("1.3.6.1.4.1.311.2.2.10") not in indicate_mechs())',
  );
  if (python === undefined) return undefined;
  const file = join(await temporaryFolder(t), 'users');
  await writeFile(file, `${users.join('\n')}\n`, { mode: 0o600 });
  const child = spawn(python, [SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NTLM_USER_FILE: file },
  });
  const ended = once(child, 'exit');
  afterwards(t, async () => {
    child.stdin.end();
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (order: Json): Promise<Json> => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const line = await lines.next();
    if (line.done === true) throw new Error('The process with gss-ntlmssp ended');
    const answer = JSON.parse(line.value) as Json;
    if (typeof answer['error'] === 'string') throw new Error(answer['error']);
    return answer;
  };
  return {
    async begin(order) {
      await ask({ do: 'begin', ...order });
    },
    async step(token) {
      const answer = await ask({ do: 'step', token: token?.toString('base64') ?? null });
      return {
        token: bytes(answer['token']),
        complete: answer['complete'] === true,
        user: answer['user'] as string | undefined,
        sessionKey: bytes(answer['sessionKey']),
      };
    },
    async seal(plain) {
      const answer = await ask({ do: 'wrap', data: plain.toString('base64') });
      return { signature: bytes(answer['signature']), data: bytes(answer['data']) } as SealedBytes;
    },
    async unseal({ signature, data }) {
      const [first, second] = [signature.toString('base64'), data.toString('base64')];
      const answer = await ask({ do: 'unwrap', signature: first, data: second });
      if (answer['encrypted'] !== true)
        throw new Error('gss-ntlmssp read a message without sealing');
      return bytes(answer['data']) ?? Buffer.alloc(0);
    },
  };
}

function bytes(text: string | boolean | null | undefined): Buffer | undefined {
  return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
}
