import { claims } from '../fixtures/sync/barrier.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims);
