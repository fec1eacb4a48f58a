import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRequest } from '../../../../src/engine/net/record/describe-request.ts';
import { ACTION, resourceUri } from '../../../../src/engine/net/wsman/names.ts';

const enumerated = (body: string, name = '*'): string =>
  describeRequest(ACTION.enumerate, name, body);

test('a request is described by its verb and its classes, without arguments', () => {
  const cases = [
    [enumerated('', 'Msvm_ComputerSystem'), 'Enumerate of Msvm_ComputerSystem'],
    [
      enumerated(
        '<w:Filter>SELECT Name, Id FROM Msvm_ConcreteJob WHERE Name = &quot;from x&quot;</w:Filter>',
      ),
      'Query of Msvm_ConcreteJob',
    ],
    [
      enumerated(
        '<w:Filter>ASSOCIATORS OF {Msvm_ComputerSystem.Name=&quot;FROM y&quot;} WHERE ResultClass = Msvm_StorageJob</w:Filter>',
      ),
      'Associators of Msvm_ComputerSystem: Msvm_StorageJob',
    ],
    [enumerated('<w:Filter>references of {Msvm_X.Id=1}</w:Filter>'), 'References of Msvm_X'],
    [enumerated('<w:Filter>nonsense</w:Filter>'), 'Enumerate of a query'],
    [describeRequest(ACTION.pull, '*', ''), 'Pull of a query'],
    [
      describeRequest(`${resourceUri('Msvm_S')}/CreateSnapshot`, 'Msvm_S', '<p:Password>x'),
      'CreateSnapshot of Msvm_S',
    ],
  ] as const;
  for (const [found, expected] of cases) assert.equal(found, expected);
});
