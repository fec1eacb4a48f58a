import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { EngineError } from '../../../../src/engine/base/errors.ts';
import { WmiRecord } from '../../../../src/engine/hyperv/wmi-record.ts';
import type { HttpWsmanClient } from '../../../../src/engine/net/wsman/wsman-client.ts';
import { afterwards } from '../../../support/checks/afterwards.ts';
import {
  envelope,
  scriptedHost,
  send,
  sendFault,
  XML,
  type Answer,
} from '../../../support/host/scripted-host.ts';

/** Answers an enumeration that never ends, `items` in each batch. */
const endless =
  (items: string): Answer =>
  (body, response) => {
    const name = body.includes('Pull>') ? 'PullResponse' : 'EnumerateResponse';
    const context = '<n:EnumerationContext>uuid:1</n:EnumerationContext>';
    send(response, `<n:${name}>${context}<n:Items>${items}</n:Items></n:${name}>`);
  };

async function counted(client: HttpWsmanClient): Promise<number> {
  let count = 0;
  for await (const _ of client.enumerate('Msvm_ComputerSystem', never)) count++;
  return count;
}

test('an enumeration of empty batches without an end is given up, and released', async (t) => {
  const { client, asked } = await scriptedHost(t, endless(''));
  await assert.rejects(counted(client), { code: 'wsman.answer', message: /without an item/ });
  assert.ok(asked.length < 150, `${asked.length} requests`);
  assert.match(asked.at(-1) ?? '', /enumeration\/Release/);
});

test('an enumeration of items without an end is given up', async (t) => {
  const { client, asked } = await scriptedHost(
    t,
    endless(`<x><y>${'z'.repeat(2 ** 20)}</y></x>`.repeat(15)),
  );
  await assert.rejects(counted(client), { code: 'wsman.answer', message: /no end/ });
  assert.ok(asked.length < 20, `${asked.length} requests`);
});

test('an answer without an end is cut off', async (t) => {
  let sent = 0;
  const { client } = await scriptedHost(t, (_, response) => {
    response.writeHead(200, XML);
    const chunk = Buffer.alloc(2 ** 20, 0x20);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length;
    };
    response.on('drain', more);
    more();
  });
  await assert.rejects(counted(client), { code: 'http.tooLarge' });
  assert.ok(sent < 200 * 2 ** 20, `${sent} bytes were taken`);
});

for (const [what, body, code] of [
  ['is nested deeper than any instance', `${'<a>'.repeat(200)}${'</a>'.repeat(200)}`, 'xml.limit'],
  ['has more elements than fit', '<a/>'.repeat(600_000), 'xml.limit'],
  ['has more attributes than fit', `<a ${manyAttributes(100)}/>`, 'xml.limit'],
  ['is no XML', '<a', 'xml.syntax'],
  ['answers something else', '<a/>', 'xml.missing'],
] as const) {
  test(`an answer that ${what} is refused`, async (t) => {
    const { client } = await scriptedHost(t, (_, response) => send(response, body));
    await assert.rejects(
      counted(client),
      (error) => error instanceof EngineError && error.code === code,
    );
  });
}

function manyAttributes(count: number): string {
  return Array.from({ length: count }, (_, i) => `a${i}=""`).join(' ');
}

test('entities are not expanded', async (t) => {
  const bomb = `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(1000)}"><!ENTITY d "${'&b;'.repeat(1000)}">]>`;
  const { client } = await scriptedHost(t, (_, response) => {
    response.writeHead(200, XML);
    response.end(`${bomb}${envelope('<a>&d;</a>')}`);
  });
  await assert.rejects(counted(client), { code: 'xml.doctype' });
});

test('a host that points elsewhere is not followed, and the password goes nowhere', async (t) => {
  const seen: (string | undefined)[] = [];
  const elsewhere = http.createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => {
    elsewhere.close();
    elsewhere.closeAllConnections();
  });
  const { port } = elsewhere.address() as AddressInfo;
  const { client } = await scriptedHost(t, (_, response) => {
    response.writeHead(307, { ...XML, Location: `http://127.0.0.1:${port}/wsman` });
    response.end();
  });
  await assert.rejects(counted(client), { code: 'http.status' });
  assert.deepEqual(seen, []);
});

const OF_TYPE = (inner: string): string =>
  `<x:C xmlns:x="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/C">${inner}</x:C>`;

test('a value of another type is refused by class and property', async (t) => {
  const { client } = await scriptedHost(t, (_, response) =>
    send(response, OF_TYPE('<x:Size>much</x:Size><x:On>maybe</x:On><x:Ref>text</x:Ref>')),
  );
  const row = new WmiRecord(await client.get({ className: 'C', keys: {} }, never));
  assert.throws(() => row.number('Size'), /C\.Size/);
  assert.throws(() => row.bigint('Size'), { code: 'host.value', message: /C\.Size/ });
  assert.throws(() => row.boolean('On'), {
    code: 'wsman.value',
    message: /C\.On: expected boolean/,
  });
  assert.throws(() => row.reference('Ref'), { code: 'host.value', message: /C\.Ref/ });
});

test('names that objects of the language have are properties like any other', async (t) => {
  const { client } = await scriptedHost(t, (_, response) =>
    send(response, OF_TYPE('<x:__proto__>1</x:__proto__><x:constructor>2</x:constructor>')),
  );
  const { properties } = await client.get({ className: 'C', keys: {} }, never);
  assert.deepEqual(
    [...properties],
    [
      ['__proto__', '1'],
      ['constructor', '2'],
    ],
  );
});

test('a method whose return value is not a number is refused', async (t) => {
  for (const value of ['', '-1', 'ok', '99999999999', '<x:y xmlns:x="u"/>']) {
    const { client } = await scriptedHost(t, (_, response) =>
      send(
        response,
        `<x:M_OUTPUT xmlns:x="u"><x:ReturnValue>${value}</x:ReturnValue></x:M_OUTPUT>`,
      ),
    );
    const call = { target: { className: 'C', keys: {} }, method: 'M', args: {}, repeatable: false };
    await assert.rejects(client.invoke(call, never), { code: 'wsman.answer' });
  }
});

test('more rows than asked for are taken, and a batch that never fits ends', async (t) => {
  const row = '<x:C xmlns:x="u"><x:Name>1</x:Name></x:C>';
  const generous = await scriptedHost(t, (_, response) =>
    send(
      response,
      `<n:EnumerateResponse><w:Items>${row.repeat(5000)}</w:Items><w:EndOfSequence/></n:EnumerateResponse>`,
    ),
  );
  assert.equal(await counted(generous.client), 5000);
  const narrow = await scriptedHost(t, (_, response) =>
    sendFault(response, 'EncodingLimit', 2150858824),
  );
  await assert.rejects(counted(narrow.client), { code: 'wsman.fault.envelopeTooLarge' });
  assert.ok(narrow.asked.length < 10, `${narrow.asked.length} requests`);
});

test('an enumeration that expires each time ends', async (t) => {
  const { client, asked } = await scriptedHost(t, (body, response) => {
    if (body.includes('<n:Pull>')) sendFault(response, 'InvalidEnumerationContext', 2150858779);
    else endless('')(body, response, undefined as never);
  });
  await assert.rejects(counted(client), { code: 'wsman.fault.invalidContext' });
  assert.ok(asked.length < 20, `${asked.length} requests`);
});
