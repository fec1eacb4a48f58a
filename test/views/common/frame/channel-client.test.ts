import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChannelClient, RequestError } from '../../../../src/views/common/frame/channel-client.ts';

type Requests = {
  readonly add: { readonly params: { readonly a: number }; readonly result: number };
};

interface Posted {
  readonly type: string;
  readonly id: number;
}

function client() {
  const posted: Posted[] = [];
  const channel = new ChannelClient<Requests>(
    (message) => posted.push(message as Posted),
    (seconds) => `nothing for ${seconds} s`,
  );
  return { channel, posted };
}

const ERROR = {
  code: 'map.notOpen',
  message: 'not open',
  data: {},
  permanent: false,
  userFixable: false,
  damage: false,
};

test('results and errors cross, each to its own request', async () => {
  const { channel, posted } = client();
  const good = channel.request('add', { a: 1 }, { timeoutMs: 1000 });
  const bad = channel.request('add', { a: 2 }, { timeoutMs: 1000 });
  assert.deepEqual(posted[0], { type: 'request', id: 1, method: 'add', params: { a: 1 } });
  assert.ok(channel.receive({ type: 'reply', id: 2, ok: false, error: ERROR }));
  assert.ok(channel.receive({ type: 'reply', id: 1, ok: true, result: 42 }));
  assert.equal(await good, 42);
  await assert.rejects(
    bad,
    (error) => error instanceof RequestError && error.info.code === ERROR.code,
  );
  assert.equal(channel.receive({ type: 'init' }), false);
  assert.ok(
    channel.receive({ type: 'reply', id: 77, ok: true, result: 0 }),
    'late ones are nothing',
  );
});

test('a request that nothing is heard of fails, and says so to the other side', async () => {
  const { channel, posted } = client();
  const error = await channel.request('add', { a: 1 }, { timeoutMs: 30 }).catch((e: unknown) => e);
  assert.ok(error instanceof RequestError && error.info.code === 'view.timeout');
  assert.equal(error.message, 'nothing for 0.03 s');
  assert.deepEqual(posted[1], { type: 'cancel', id: 1 });
});

test('progress keeps a request alive', async () => {
  const { channel } = client();
  const seen: number[] = [];
  const options = { timeoutMs: 60, onProgress: (done: number) => seen.push(done) };
  const request = channel.request('add', { a: 1 }, options);
  for (let i = 1; i <= 4; i++) {
    await new Promise((done) => setTimeout(done, 30));
    channel.receive({ type: 'progress', id: 1, phase: 'x', done: i, total: 4 });
  }
  channel.receive({ type: 'reply', id: 1, ok: true, result: 5 });
  assert.equal(await request, 5);
  assert.deepEqual(seen, [1, 2, 3, 4]);
});

test('a cancelled request is told to the other side', async () => {
  const { channel, posted } = client();
  const abort = new AbortController();
  const request = channel.request('add', { a: 1 }, { timeoutMs: 1000, signal: abort.signal });
  abort.abort();
  await assert.rejects(request, { name: 'AbortError' });
  assert.deepEqual(posted[1], { type: 'cancel', id: 1 });
});
