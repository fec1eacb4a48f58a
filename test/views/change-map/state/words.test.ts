import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PartitionInfo } from '../../../../src/engine/api/guest/inspection.ts';
import { CHANGE_MAP_STRINGS } from '../../../../src/views/api/change-map-strings.ts';
import { Words } from '../../../../src/views/change-map/state/words.ts';
import { Format } from '../../../../src/views/common/words/format.ts';

const words = new Words(CHANGE_MAP_STRINGS, new Format('en'));

const partition: PartitionInfo = {
  number: 2,
  start: 0,
  length: 100,
  type: 'Basic data',
  name: 'data',
  volume: {
    kind: 'ntfs',
    name: 'NTFS 3.1',
    label: 'System',
    id: null,
    size: null,
    blockSize: null,
    dirty: null,
    encrypted: false,
    browsable: true,
  },
};

test('a partition is named by its file system and label, or else by its type', () => {
  assert.equal(words.partition(partition), 'Partition 2: data, NTFS 3.1 “System”');
  assert.equal(words.partition({ ...partition, volume: null }), 'Partition 2: data, Basic data');
  const whole = { ...partition, number: 0, name: null };
  assert.equal(words.partition(whole), 'Whole disk: NTFS 3.1 “System”');
});
