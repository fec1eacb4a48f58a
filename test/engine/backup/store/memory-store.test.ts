import { storeSuite } from '../../../conformance/store-suite.ts';
import { MemoryStore } from '../../../support/store/memory-store.ts';

storeSuite('memory', () => Promise.resolve(new MemoryStore()));
