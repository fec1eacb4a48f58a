import { storeSuite } from '../../../conformance/store-suite.ts';
import { MemoryStore } from '../../../support/memory-store.ts';

storeSuite('memory', () => Promise.resolve(new MemoryStore()));
