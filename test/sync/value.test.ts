import { claims } from '../fixtures/sync/value.ts';
import { proveOnEachMemory } from './claims.ts';

proveOnEachMemory(claims);
